"""What an audit finds: plain rows under a heading, counted in full and shown in part."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from pointline.sample import Sample


class Finding(msgspec.Struct):
    """One kind of thing found. `rows` holds the first or the gravest `count` would be too many of."""

    name: str
    about: str
    count: int
    rows: list[dict[str, Any]] = msgspec.field(default_factory=list)


class Place(NamedTuple):
    """Where a sample stands."""

    file: str
    """The split, with the corpus before it where there are several."""
    line: int
    sample: Sample

    def row(self, **more: Any) -> dict[str, Any]:
        """The plain row that names this sample."""
        return {"file": self.file, "line": self.line, "id": self.sample.id, **more}


class Rows:
    """Collects rows: counts all, keeps the first `limit`."""

    def __init__(self, limit: int) -> None:
        self.count, self.kept, self._limit = 0, list[dict[str, Any]](), limit

    def add(self, row: dict[str, Any]) -> None:
        """Count a row and keep it while there is room."""
        self.count += 1
        if len(self.kept) < self._limit:
            self.kept.append(row)
