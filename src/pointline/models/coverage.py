"""How the long texts of a file of predictions were read: in how many windows, and how far apart two spans may stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from pointline import jsonl


class Coverage(msgspec.Struct):
    """texts: so many were read in windows. windows: of all of them. together: the smallest `meta.together`.

    cut: so many texts were read up to a point only (`on_long=truncate`).
    """

    texts: int = 0
    windows: int = 0
    together: int | None = None
    cut: int = 0

    def __str__(self) -> str:
        said = []
        if self.texts:
            said.append(
                f"{self.texts:,} long texts read in {self.windows:,} windows: what stands more than {self.together} "
                "characters apart may not have been read together (--set overlap=0.5 makes it further)"
            )
        if self.cut:
            said.append(f"{self.cut:,} texts read only in part (meta.windows says how far)")
        return "; ".join(said)


class _Line(msgspec.Struct):
    meta: dict[str, Any] = {}


def coverage(path: str | Path) -> Coverage:
    """Read it off a file of predictions.

    >>> print(Coverage(2, 7, 120, 0))
    2 long texts read in 7 windows: what stands more than 120 characters apart may not have been read together (--set \
overlap=0.5 makes it further)
    """
    found = Coverage()
    decode = msgspec.json.Decoder(_Line).decode
    for _, line in jsonl.lines(path):
        if b'"windows":' not in line:
            continue
        meta = decode(line).meta
        windows, shared = meta.get("windows"), meta.get("together")
        if isinstance(shared, int) and isinstance(windows, list):
            found.texts, found.windows = found.texts + 1, found.windows + len(windows)
            found.together = shared if found.together is None else min(found.together, shared)
        elif windows:
            found.cut += 1
    return found
