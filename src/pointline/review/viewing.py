"""What a person sees beside an item: its history, remarks, and for an adjudicator the blind results."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from pointline.review.item import Blind, Note
from pointline.sample import Sample

_to_sample = msgspec.json.Decoder(Sample).decode


def blind_of(db: sqlite3.Connection, pos: int, draft: Sample) -> list[Blind]:
    """Every blind reviewer's newest version and status; those who have not decided are left out."""
    rows = db.execute(
        "SELECT l.line, l.status, l.reason, v.sample FROM lines l LEFT JOIN versions v ON v.n = l.head "
        "WHERE l.item = ? AND l.line != '' AND l.status != 'open' ORDER BY l.line",
        (pos,),
    ).fetchall()
    return [
        Blind(row["line"], row["status"], row["reason"], draft if row["sample"] is None else _to_sample(row["sample"]))
        for row in rows
    ]


def notes_of(db: sqlite3.Connection, pos: int, line: str) -> list[Note]:
    """Remarks: all of them on the common line, a blind reviewer's own else."""
    where, values = ("", (pos,)) if line == "" else (" AND line = ?", (pos, line))
    rows = db.execute(f"SELECT author, time, text FROM notes WHERE item = ?{where} ORDER BY n", values).fetchall()
    return [Note(row["author"], row["time"], row["text"]) for row in rows]


def history_of(db: sqlite3.Connection, pos: int, line: str) -> list[dict[str, Any]]:
    """Versions and decisions of a line in the order of time, without the samples."""
    made = db.execute(
        "SELECT n AS version, author, time, kind AS what, '' AS reason, 0 AS late FROM versions "
        "WHERE item = ?1 AND line = ?2 "
        "UNION ALL SELECT version, author, time, status, reason, 1 FROM decisions WHERE item = ?1 AND line = ?2 "
        "ORDER BY time, late, version",
        (pos, line),
    )
    return [{key: row[key] for key in ("version", "author", "time", "what", "reason")} for row in made]
