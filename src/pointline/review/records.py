"""Single rows of a review file read and written; every change goes through here, inside somebody's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from pointline.errors import Refusal
from pointline.review.item import Status, content
from pointline.review.ledger import Ledger
from pointline.sample import Sample

encode = msgspec.json.Encoder().encode
to_sample = msgspec.json.Decoder(Sample).decode


class Records:
    """The rows of items, lines of work, versions and decisions."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.db = ledger, ledger.db

    def item(self, pos: int) -> sqlite3.Row:
        """An item's row; raises Refusal where there is none."""
        row = self.db.execute("SELECT * FROM items WHERE pos = ?", (pos,)).fetchone()
        if row is None:
            raise Refusal(f"there is no item {pos}")
        return row  # type: ignore[no-any-return]

    def draft(self, pos: int) -> Sample:
        """An item as it came."""
        return to_sample(self.item(pos)["draft"])

    def line(self, pos: int, line: str) -> Any:
        """A line's row, or None."""
        return self.db.execute("SELECT * FROM lines WHERE item = ? AND line = ?", (pos, line)).fetchone()

    def lines(self, pos: int) -> list[sqlite3.Row]:
        """The blind lines of an item."""
        found = self.db.execute("SELECT * FROM lines WHERE item = ? AND line != '' ORDER BY line", (pos,))
        return found.fetchall()

    def version(self, n: int) -> Sample | None:
        """A version's sample; None for 0, which is the draft."""
        row = self.db.execute("SELECT sample FROM versions WHERE n = ?", (n,)).fetchone() if n else None
        return None if row is None else to_sample(row["sample"])

    def version_of(self, pos: int, line: str, n: int) -> Sample:
        """A version of one line of one item; raises Refusal where it is not."""
        where = "SELECT sample FROM versions WHERE n = ? AND item = ? AND line = ?"
        row = self.db.execute(where, (n, pos, line)).fetchone()
        if row is None:
            raise Refusal(f"there is no version {n} of this item")
        return to_sample(row["sample"])

    def append(self, pos: int, line: str, author: str, made: tuple[str, int, Sample]) -> int:
        """Add a version of a (kind, base, sample); the line's head stays where it is."""
        kind, base, sample = made
        done = self.db.execute(
            "INSERT INTO versions (item, line, base, author, time, kind, sample) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (pos, line, base, author, self.ledger.now(), kind, encode(sample)),
        )
        assert done.lastrowid is not None
        return done.lastrowid

    def advance(self, pos: int, line: str, author: str, made: tuple[str, int, Sample]) -> int:
        """Add a version and make it the line's head; filters find it if the line is the common one."""
        n, sample = self.append(pos, line, author, made), made[2]
        changed = content(sample) != content(self.draft(pos))
        self.db.execute("UPDATE lines SET head = ?, changed = ? WHERE item = ? AND line = ?", (n, changed, pos, line))
        if line == "":
            self._sought(pos, sample)
        return n

    def decide(self, pos: int, line: str, author: str, said: tuple[Status, str, float | None]) -> None:
        """Set a line's (status, reason), with the seconds that it took."""
        status, reason, seconds = said
        now, head = self.ledger.now(), self.line(pos, line)["head"]
        self.db.execute(
            "UPDATE lines SET status = ?, reason = ?, author = ?, time = ?, holder = NULL WHERE item = ? AND line = ?",
            (status, reason, author or None, now, pos, line),
        )
        self.db.execute(
            "INSERT INTO decisions (item, line, version, author, time, status, reason, seconds) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (pos, line, head, author, now, status, reason, seconds),
        )
        self.ledger.note(self.db, author, status, pos, reason)

    def facets(self, pos: int, rows: Iterable[tuple[str, str]]) -> None:
        """Let filters find an item by (kind, value)."""
        told = [(kind, value, pos) for kind, value in rows]
        self.db.executemany("INSERT OR IGNORE INTO facets VALUES (?, ?, ?)", told)

    def _sought(self, pos: int, sample: Sample) -> None:
        self.db.execute("DELETE FROM facets WHERE item = ? AND kind IN ('label', 'type')", (pos,))
        self.facets(pos, names(sample))
        source = self.item(pos)["source"]
        texts = [sample.text, *([] if source is None else [to_sample(source).text])]
        self.db.execute("UPDATE items SET sought = ? WHERE pos = ?", ("\n".join(texts).casefold(), pos))


def names(sample: Sample) -> Iterator[tuple[str, str]]:
    """Labels and types of a sample, as filters know them."""
    for label in sample.labels or ():
        yield "label", label
    for level in (sample.entities, sample.relations, sample.events):
        pieces: Sequence[Any] = level or ()
        for piece in pieces:
            yield "type", piece.type
