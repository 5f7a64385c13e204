"""What the corpora tests share: one call that converts, and one that writes a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pointline.corpora import cards
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.sample import Sample

Convert = Callable[..., tuple[list[Sample], Report]]


@pytest.fixture
def converted() -> Convert:
    def run(path: Path, reader: str | None = None, *options: str, **more: object) -> tuple[list[Sample], Report]:
        report = Report(strict=bool(more.get("strict")))
        card = cards.load(str(more["card"])) if "card" in more else None
        request = Request(reader, card, options, more.get("split"))  # type: ignore[arg-type]
        return list(convert([path], request, report)), report

    return run


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write(name: str, data: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write
