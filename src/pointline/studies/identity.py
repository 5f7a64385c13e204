"""A study's folder belongs to one study: what it is run on is noted, and another one is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pointline import jsonl
from pointline.errors import InputFault, Refusal

NOTE = "study.json"


def claim(out: str | Path, files: Iterable[str | None], told: Mapping[str, Any]) -> None:
    """Note the files' content and what else decides the runs, in the folder `out`.

    Raises InputFault for a file that cannot be read, Refusal where the folder holds runs on something else.

    >>> import tempfile
    >>> claim(tempfile.mkdtemp(), [None], {"model": "tagger"})
    """
    digest = hashlib.sha256()
    for path in files:
        digest.update(hashlib.sha256(_bytes(path)).digest())
    note, wanted = Path(out, NOTE), msgspec.json.encode({"data": digest.hexdigest(), **told})
    if note.exists() and note.read_bytes() != wanted and any(Path(out, "runs").glob("*/*.jsonl")):
        raise Refusal(
            f"{out} holds runs on other data, of another model or settings; choose another --out or remove it"
        )
    with jsonl.writing(note) as file:
        file.write(wanted)


def _bytes(path: str | None) -> bytes:
    if path is None:
        return b""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InputFault(error.strerror or "cannot be read", path=path, fix="check the path") from None
