"""The tables of a review file (SQLite, WAL): items, lines of work on them, versions, decisions, people, the trail."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from pointline.errors import InputFault

FORMAT = 1
"""Grows with every change of the tables."""

TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE items (
  pos INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, rank INTEGER NOT NULL, lang TEXT, origin TEXT NOT NULL,
  source BLOB, draft BLOB NOT NULL, reasons BLOB NOT NULL, repairs BLOB NOT NULL, suspicion REAL NOT NULL,
  assigned INTEGER NOT NULL DEFAULT 0, sought TEXT NOT NULL);
CREATE UNIQUE INDEX items_by_rank ON items (rank);
-- what may be filtered by: reasons of an item, labels and types of its newest version
CREATE TABLE facets (kind TEXT, value TEXT, item INTEGER, PRIMARY KEY (kind, value, item)) WITHOUT ROWID;
CREATE INDEX facets_by_item ON facets (item, kind);
-- a line of work on an item: '' is the common one that ends in the result, a name is one person's blind work
CREATE TABLE lines (
  item INTEGER NOT NULL, line TEXT NOT NULL, rank INTEGER NOT NULL, head INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT 'open', reason TEXT NOT NULL DEFAULT '', author TEXT, time REAL,
  changed INTEGER NOT NULL DEFAULT 0, holder TEXT, held REAL, PRIMARY KEY (item, line)) WITHOUT ROWID;
CREATE INDEX lines_by_status ON lines (line, status, rank);
CREATE TABLE versions (
  n INTEGER PRIMARY KEY AUTOINCREMENT, item INTEGER NOT NULL, line TEXT NOT NULL, base INTEGER NOT NULL,
  author TEXT NOT NULL, time REAL NOT NULL, kind TEXT NOT NULL, sample BLOB NOT NULL);
CREATE INDEX versions_by_item ON versions (item, line);
CREATE TABLE decisions (
  n INTEGER PRIMARY KEY AUTOINCREMENT, item INTEGER NOT NULL, line TEXT NOT NULL, version INTEGER NOT NULL,
  author TEXT NOT NULL, time REAL NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL, seconds REAL);
CREATE INDEX decisions_by_item ON decisions (item);
CREATE INDEX decisions_by_author ON decisions (author, item);
CREATE TABLE notes (
  n INTEGER PRIMARY KEY AUTOINCREMENT, item INTEGER NOT NULL, line TEXT NOT NULL, author TEXT NOT NULL,
  time REAL NOT NULL, text TEXT NOT NULL);
CREATE INDEX notes_by_item ON notes (item);
CREATE TABLE people (name TEXT PRIMARY KEY, role TEXT NOT NULL, nonce TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0)
  WITHOUT ROWID;
CREATE TABLE trail (
  n INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, author TEXT NOT NULL, what TEXT NOT NULL, item INTEGER,
  detail TEXT NOT NULL);
"""
APPEND_ONLY = ("versions", "decisions", "notes", "trail")


def opened(path: str | Path) -> sqlite3.Connection:
    """A connection to a review file, made where there is none; every commit is on the disk when it returns.

    Raises InputFault where the file is something else, of another version, or cannot be written.
    """
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        held = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        held.row_factory = sqlite3.Row
        held.execute("PRAGMA journal_mode = WAL")
        held.execute("PRAGMA synchronous = FULL")
        _made(held, path)
    except (sqlite3.Error, OSError) as error:
        raise InputFault(f"is no review file ({error})", path=path, fix="name another --db") from None
    return held


def _made(held: sqlite3.Connection, path: str | Path) -> None:
    version = held.execute("PRAGMA user_version").fetchone()[0]
    if version == FORMAT:
        return
    if version or held.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        what = f"is of version {version}, this pointline knows {FORMAT}" if version else "is no review file"
        raise InputFault(what, path=path, fix="name another --db")
    script = ["BEGIN IMMEDIATE", TABLES.rstrip().rstrip(";")]
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            script.append(
                f"CREATE TRIGGER {table}_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} only grow'); END"
            )
    held.executescript(";\n".join([*script, f"PRAGMA user_version = {FORMAT}", "COMMIT"]))
