"""Paid answers as lines of a file and back: recorded, replayed, or saved from a full disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.errors import InputFault
from pointline.llm.answer import Answer
from pointline.llm.cache import Cache
from pointline.llm.faults import Failed
from pointline.llm.reading import Reading, read
from pointline.llm.request import key_by_id
from pointline.llm.stored import Stored


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One recorded answer. `body` is the server's response; a line written by hand needs only `id` and `text`.

    Without `key` it answers any request with that id and attempt.
    """

    id: str
    attempt: int = 0
    key: str = ""
    text: str | None = None
    endpoint: str = ""
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False
    cost: float = 0.0
    at: float = 0.0
    body: str = ""


def answer_of(stored: Stored, said: Reading | None = None) -> Answer:
    """A kept answer, read anew from the server's response; or one that came just now and was read as `said`."""
    row, attempt, raw, cached = stored.row, stored.attempt, stored.body, said is None
    try:
        said = said or read(raw)
    except Failed as failed:
        return Answer(row, attempt, fault=failed.kind, detail=failed.detail, cached=True, raw=raw)
    detail = "the model or a filter refused" if said.fault else ""
    counts = (stored.prompt_tokens, stored.completion_tokens, stored.estimated, stored.cost)
    return Answer(row, attempt, said.text, said.finish, said.fault, detail, said.problems, *counts, cached, raw)


def record(cache: str | Path, path: str | Path) -> int:
    """Write every answer of a cache as a line, in the order they came; returns how many."""
    _there(cache)
    opened = Cache(cache)
    try:
        return jsonl.write(path, map(_line, opened.every()))
    finally:
        opened.close()


def take_in(cache: str | Path, path: str | Path) -> int:
    """Put recorded answers into a cache; those it has already stay. Returns how many lines were read.

    Raises InputFault, which names the line, where one cannot be read.
    """
    opened = Cache(cache)
    try:
        return fill(opened, path)
    finally:
        opened.close()


def fill(cache: Cache, path: str | Path) -> int:
    """Put recorded answers into an open cache."""
    count, batch = 0, []
    for count, stored in enumerate(_stored(path), 1):  # noqa: B007
        batch.append(stored)
        if len(batch) == 500:
            cache.store(batch)
            batch = []
    if batch:
        cache.store(batch)
    return count


class Rescue:
    """Answers that no longer fit the cache, written to a file of the system's temporary folder as they come."""

    def __init__(self) -> None:
        self._path: str | None = None
        self._count = 0

    def add(self, answers: Sequence[Stored], fault: InputFault) -> InputFault:
        """Save some; returns the fault that says where all of them are, and how to take them in."""
        try:
            if self._path is None:
                handle, self._path = tempfile.mkstemp(prefix="pointline-answers-", suffix=".jsonl")
                os.close(handle)
            with open(self._path, "ab") as file:
                file.writelines(msgspec.json.encode(_line(answer)) + b"\n" for answer in answers)
        except OSError:
            return InputFault(
                f"{fault.what}; {len(answers)} answers fit nowhere", path=fault.path, fix="free some space"
            )
        self._count += len(answers)
        fix = f"free some space, then pointline.llm.take_in(cache, {self._path!r})"
        return InputFault(f"{fault.what}; {self._count} answers stand in {self._path}", path=fault.path, fix=fix)


def _line(stored: Stored) -> Line:
    fields = {name: getattr(stored, name) for name in Stored.__struct_fields__ if name not in ("key", "row", "body")}
    body = stored.body.decode("utf-8", "backslashreplace")
    return Line(id=stored.row, key=stored.key.hex(), body=body, **fields)


def _stored(path: str | Path) -> Iterator[Stored]:
    decoder = msgspec.json.Decoder(Line)
    for number, line in jsonl.lines(path):
        said = jsonl.decode_line(decoder, line, path, number)
        body = said.body.encode()
        if not body and said.text is None:
            raise InputFault("has neither text nor body", path=path, line=number, fix="give it what the model said")
        if not body:
            choice = {"message": {"content": said.text}, "finish_reason": "stop"}
            body = msgspec.json.encode({"choices": [choice]})
        try:
            name = bytes.fromhex(said.key) or key_by_id(said.id, said.attempt)
        except ValueError:
            raise InputFault("is no key", path=path, line=number, field="key", fix="leave it out") from None
        counts = (said.prompt_tokens, said.completion_tokens, said.estimated)
        yield Stored(name, said.id, said.attempt, said.endpoint, said.model, *counts, said.cost, said.at, body)


def _there(path: str | Path) -> None:
    if not Path(path).is_file():
        raise InputFault("is not there", path=path, fix="check the path of the cache")
