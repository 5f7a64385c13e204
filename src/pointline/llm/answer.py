"""What comes back: an answer with its text and cost, or the class of what went wrong with its row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Answer(msgspec.Struct, frozen=True):
    """What the server said to one request.

    text: what the model wrote; "" where it wrote nothing.
    finish: the server's reason for the end (`stop`, `length`, `content_filter`, ...).
    fault: None, or the class of what went wrong (`pointline.llm.faults.KINDS`), `detail` one line about it.
    problems: `truncated` (cut at the most tokens), `invalid_utf8` (repaired characters).
    prompt_tokens, completion_tokens: as the server counts, or estimates where `estimated`.
    cost: what this answer cost when it was paid, in the unit of the prices; `cached`: it was paid earlier.
    raw: the server's whole response, for a later and better reading.
    """

    id: str
    attempt: int = 0
    text: str = ""
    finish: str = ""
    fault: str | None = None
    detail: str = ""
    problems: tuple[str, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False
    cost: float = 0.0
    cached: bool = False
    raw: bytes = b""


class Parsed(msgspec.Struct, Generic[T], frozen=True):
    """An answer and what a parser made of it: `value`, or None and the `problem`."""

    answer: Answer
    value: T | None
    problem: str | None


def parse(answers: Iterable[Answer], parser: Callable[[str], T]) -> Iterator[Parsed[T]]:
    """Read answers with a parser; what it cannot read is a problem of that row, never the end of the run.

    >>> [(p.value, p.problem) for p in parse([Answer("1", text="7"), Answer("2", text="seven")], int)]
    [(7, None), (None, "ValueError: invalid literal for int() with base 10: 'seven'")]
    """
    for answer in answers:
        if answer.fault is not None:
            yield Parsed(answer, None, answer.fault)
            continue
        try:
            yield Parsed(answer, parser(answer.text), None)
        except Exception as error:
            yield Parsed(answer, None, f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
