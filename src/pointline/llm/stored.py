"""One paid answer as it is kept, and the tables it is kept in."""

from __future__ import annotations

from typing import Any

import msgspec

TABLES = (
    """create table if not exists answers(key blob primary key, row text, attempt int, endpoint text, model text,
       prompt_tokens int, completion_tokens int, estimated int, cost real, at real, body blob)""",
    "create table if not exists claims(key blob primary key, run text) without rowid",
    "create table spent as select total(cost) as cost, total(prompt_tokens + completion_tokens) as tokens from answers",
    """create trigger paid after insert on answers begin update spent
       set cost = cost + new.cost, tokens = tokens + new.prompt_tokens + new.completion_tokens; end""",
)
"""`spent` is one row: what all answers have cost, and requests that were charged and brought none."""


class Stored(msgspec.Struct, frozen=True):
    """One paid answer as it is kept: its key, where it came from, what it cost and the server's whole response."""

    key: bytes
    row: str
    attempt: int
    endpoint: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    cost: float
    at: float
    body: bytes


COLUMNS = Stored.__struct_fields__
INSERT = f"insert or ignore into answers({', '.join(COLUMNS)}) values({', '.join('?' * len(COLUMNS))})"
SELECT = f"select {', '.join(COLUMNS)} from answers"


def of_row(row: tuple[Any, ...]) -> Stored:
    """A row of SELECT as an answer."""
    key, source, attempt, endpoint, model, prompt, answer, estimated, cost, at, body = row
    return Stored(key, source, attempt, endpoint, model, prompt, answer, bool(estimated), cost, at, body)
