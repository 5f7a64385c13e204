"""A review file opened: one writer at a time, a clock, what the file says about itself, the trail of what was done."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from pointline.errors import InputFault, Refusal
from pointline.review.tables import opened


class ReviewSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a review file is worked on; settled when it is made."""

    overlap: int = 1
    """People who look at each item; more than one work blind, and an adjudicator decides where they differ."""

    def __post_init__(self) -> None:
        if not 1 <= self.overlap <= 20:
            raise Refusal(f"overlap is {self.overlap}; give 1 to 20")


class Ledger:
    """The file; every write is a transaction that is on the disk when it ends."""

    def __init__(self, path: str | Path, settings: ReviewSettings | None = None, now: Callable[[], float] = time.time):
        self.path, self.now = Path(path), now
        self.db = opened(path)
        with self.writing() as db:
            if not db.execute("SELECT 1 FROM about").fetchone():
                made = msgspec.json.encode(settings or ReviewSettings()).decode()
                told = {"secret": secrets.token_hex(32), "name": secrets.token_hex(4), "settings": made}
                db.executemany("INSERT INTO about VALUES (?, ?)", list(told.items()))
        self.settings = msgspec.json.decode(self.about("settings"), type=ReviewSettings)
        if settings is not None and settings != self.settings:
            told_now = f"overlap={self.settings.overlap}"
            raise InputFault(f"was made with {told_now}", path=path, fix=f"leave it at {told_now} or name another --db")

    def about(self, name: str) -> str:
        """What the file says about itself under a name; '' where nothing."""
        row = self.db.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row["value"])

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it happens or nothing."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def note(self, db: sqlite3.Connection, author: str, what: str, item: int | None, detail: str = "") -> None:
        """Add a line to the trail."""
        db.execute(
            "INSERT INTO trail (time, author, what, item, detail) VALUES (?, ?, ?, ?, ?)",
            (self.now(), author, what, item, detail),
        )

    def trail(self, item: int | None = None) -> Iterator[dict[str, object]]:
        """What was done, oldest first; of one item where it is named."""
        where, values = ("WHERE item = ?", (item,)) if item is not None else ("", ())
        for row in self.db.execute(f"SELECT * FROM trail {where} ORDER BY n", values):
            yield dict(row)

    def close(self) -> None:
        """Close the file."""
        self.db.close()
