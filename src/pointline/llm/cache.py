"""Answers that were paid: a SQLite file, one row an answer by its content, shared by any number of runs."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from pointline.disk import FULL, free_mb
from pointline.errors import InputFault
from pointline.llm.runs import RESERVE, Run
from pointline.llm.stored import INSERT, SELECT, TABLES, Stored, of_row

APPLICATION = 0x504C4C4D
"""Marks a SQLite file as a cache of ours."""
VERSION = 2
LONG_LOG = 6_000_000
"""Bytes of a write-ahead log that could not be moved into the database; it is usually 4 MB."""
PATIENCE = 30.0
"""Seconds to wait for another run that is opening the file too."""
TAKEN = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Cache:
    """An open cache. A run takes rows before it asks them, so that no two runs ask the same one.

    Safe against a kill at any moment (write-ahead log; a transaction is whole or absent), and for several runs at
    once. Raises InputFault, one line, where the file is no cache, cannot be written, or the disk is full.

    >>> import tempfile
    >>> cache = Cache(Path(tempfile.mkdtemp(), "answers.db"))
    >>> cache.take([b"k"])
    ({}, {b'k'})
    >>> cache.store([Stored(b"k", "row-1", 0, "http://a/v1", "m", 3, 5, False, 0.0, 0.0, b"{}")])
    >>> cache.take([b"k"])[0][b"k"].row
    'row-1'
    >>> cache.close()
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=60, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
                self._run = self._marked()
            except BaseException:
                self._db.close()
                raise

    def _marked(self) -> Run:
        try:
            return Run(self.path)
        except OSError as error:
            if error.errno not in FULL:
                raise
        what = f"the disk is full: {free_mb(self.path):.1f} MB are free, {RESERVE / 1e6:g} MB must be set aside"
        raise InputFault(f"{what} for answers under way", path=self.path, fix="free some space, or name another cache")

    def _prepare(self) -> None:
        self._db.execute("begin")  # one look at both, while another run may be making the tables
        application, tables = self._one("pragma application_id"), self._one("select count(*) from sqlite_master")
        self._db.execute("commit")
        if application != APPLICATION and (application or tables):
            raise InputFault("is another program's database", path=self.path, fix="name another file for the cache")
        if self._one("pragma user_version") > VERSION:
            raise InputFault("was written by a later pointline", path=self.path, fix="update pointline")
        self._log_ahead()
        self._db.execute("pragma synchronous=normal")
        log = self.path.with_name(self.path.name + "-wal")
        if log.exists() and log.stat().st_size > LONG_LOG:  # left by a run on a full disk
            self._db.execute("pragma wal_checkpoint(truncate)")
        if self._one("pragma user_version") < VERSION:
            self._make()

    def _log_ahead(self) -> None:
        """Switch to a write-ahead log; SQLite does not wait by itself for another run that does so at this moment."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._db.execute("pragma journal_mode=wal")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in TAKEN or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def _make(self) -> None:
        with self._transaction():
            if self._one("pragma user_version") < VERSION:  # no other run was quicker
                for statement in TABLES:
                    self._db.execute(statement)
                self._db.execute(f"pragma application_id={APPLICATION}")
                self._db.execute(f"pragma user_version={VERSION}")

    def _one(self, statement: str) -> Any:
        return self._db.execute(statement).fetchone()[0]

    def take(self, keys: Sequence[bytes]) -> tuple[dict[bytes, Stored], set[bytes]]:
        """The answers that are there, and the keys this run may ask now; another run is asking the rest."""
        with self._told():
            found = self.look(keys)
            missing = [key for key in keys if key not in found]
            if not missing:
                return found, set()
            with self._transaction():
                found |= self.look(missing)  # once more, now that no other run can write
                missing = [key for key in missing if key not in found]
                owners = self._owners(missing)
                dead = {run for run in set(owners.values()) if not self._run.alive(run)}
                self._db.executemany("delete from claims where run = ?", [(run,) for run in sorted(dead)])
                won = {key for key in missing if owners.get(key, self._run.name) in {*dead, self._run.name}}
                self._db.executemany("insert or ignore into claims values(?, ?)", [(k, self._run.name) for k in won])
            return found, won

    def look(self, keys: Sequence[bytes]) -> dict[bytes, Stored]:
        """The answers that are there."""
        marks = ",".join("?" * len(keys))
        rows = self._db.execute(f"{SELECT} where key in ({marks})", keys)
        return {row[0]: of_row(row) for row in rows}

    def _owners(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        marks = ",".join("?" * len(keys))
        rows = self._db.execute(f"select key, run from claims where key in ({marks})", keys)
        return dict(rows.fetchall())

    def store(self, answers: Sequence[Stored]) -> None:
        """Keep answers, for good once this returns.

        On a full disk the run's reserve is given up for them; `full` then says so, and nothing new is to be
        asked. Raises InputFault only where even the reserve is too small.
        """
        with self._told():
            try:
                self._write(answers)
            except sqlite3.OperationalError as error:
                if not self._is_full(error) or not self._run.give_up_reserve():
                    raise
                self._db.execute("pragma wal_autocheckpoint=0")  # moving old answers must not take this room
                self._write(answers)

    def _write(self, answers: Sequence[Stored]) -> None:
        with self._transaction():
            self._db.executemany(INSERT, [msgspec.structs.astuple(answer) for answer in answers])
            self._db.executemany("delete from claims where key = ?", [(answer.key,) for answer in answers])

    @property
    def full(self) -> InputFault | None:
        """The fault to raise where the reserve had to be given up: the disk is full."""
        return None if self._run.has_reserve else self._full()

    def release(self, keys: Sequence[bytes]) -> None:
        """Let other runs ask these."""
        with self._told():
            self._db.executemany("delete from claims where key = ? and run = ?", [(k, self._run.name) for k in keys])

    def every(self) -> Iterator[Stored]:
        """All answers, in the order they came."""
        for row in self._db.execute(f"{SELECT} order by rowid"):
            yield of_row(row)

    def spent(self) -> tuple[float, int]:
        """What has been paid here, by all runs: money at the prices of its time, and tokens."""
        with self._told():
            cost, tokens = self._db.execute("select cost, tokens from spent").fetchone()
        return float(cost), int(tokens)

    def lose(self, cost: float, tokens: int) -> None:
        """Book a request that brought no answer and may have been charged."""
        with self._told():
            self._db.execute("update spent set cost = cost + ?, tokens = tokens + ?", (cost, tokens))

    def mean_tokens(self, model: str) -> float | None:
        """Tokens of a model's answers so far, on average; None before the first."""
        found = self._db.execute("select avg(completion_tokens) from answers where model = ?", (model,)).fetchone()
        return None if found[0] is None else float(found[0])

    def close(self) -> None:
        """Give back what was taken and not answered, and the reserve."""
        with contextlib.suppress(sqlite3.Error):
            self._db.execute("delete from claims where run = ?", (self._run.name,))
        self._db.close()
        self._run.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
            self._db.execute("commit")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("rollback")
            raise

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Every fault of the file or the disk as one line."""
        try:
            yield
        except sqlite3.Error as error:
            if self._is_full(error):
                raise self._full() from None
            fix = "name another file for the cache, or move this one away"
            raise InputFault(f"cannot be used as a cache ({error})", path=self.path, fix=fix) from None
        except OSError as error:
            if error.errno in FULL:
                raise self._full() from None
            raise InputFault(error.strerror or "cannot be written", path=self.path, fix="name another cache") from None

    def _is_full(self, error: sqlite3.Error) -> bool:
        """SQLite says that the disk is full, or that it cannot write and there is indeed no room."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return code == sqlite3.SQLITE_FULL or (
            code == sqlite3.SQLITE_IOERR and shutil.disk_usage(self.path.parent).free < 1 << 16
        )

    def _full(self) -> InputFault:
        return InputFault("the disk is full", path=self.path, fix="free some space and run again; no answer is lost")
