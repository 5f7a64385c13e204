"""The core is light: quick to import, no heavy package, and the public face holds what it promises."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"torch", "transformers", "spacy", "sudachipy", "jieba", "matplotlib", "pandas", "sklearn", "scipy"}


def _run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_import_brings_nothing_heavy() -> None:
    loaded = _run(
        "import pointline, pointline.cli, sys; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    ).split()
    assert not HEAVY & set(loaded)


@pytest.mark.parametrize(("code", "limit"), [("import pointline", 0.3), ("import pointline.cli.app", 0.5)])
def test_import_is_quick(code: str, limit: float) -> None:
    """CPU seconds from the start of the interpreter on: other work on the machine does not count."""
    times = [float(_run(f"import time; {code}; print(time.process_time())")) for _ in range(5)]
    assert min(times) < limit, times
