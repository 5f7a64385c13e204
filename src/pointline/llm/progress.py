"""How far a run is: counts, rate, cost and remaining time, told now and then."""

from __future__ import annotations

from collections import Counter, deque
from typing import Protocol

import msgspec

from pointline.llm.answer import Answer
from pointline.llm.bill import Bill

SPAN = 60
"""Ticks that the rate is taken over."""


class Progress(msgspec.Struct, frozen=True):
    """A moment of a run.

    done: rows answered, of `total` (None: not known); cached: of them paid earlier; faults: rows without an answer, by
    class. rate: rows a second lately; left: seconds to go, where that can be told. cost and tokens: of the client.
    """

    done: int
    total: int | None
    cached: int
    faults: dict[str, int]
    in_flight: int
    limit: int
    rate: float
    left: float | None
    cost: float
    tokens: int


class Watcher(Protocol):
    """Who is told."""

    def __call__(self, progress: Progress, /) -> object:
        """Take a moment of the run; called about twice a second and at the end."""


class Meter:
    """Counts answers as they settle."""

    def __init__(self, total: int | None) -> None:
        self.total = total
        self.done = self.cached = 0
        self.faults: Counter[str] = Counter()
        self._seen: deque[tuple[float, int]] = deque(maxlen=SPAN)

    def add(self, answer: Answer) -> None:
        """One row more."""
        self.done += 1
        if answer.fault is not None:
            self.faults[answer.fault] += 1
        elif answer.cached:
            self.cached += 1

    def moment(self, now: float, bill: Bill, in_flight: int, limit: int) -> Progress:
        """The run at this time."""
        self._seen.append((now, self.done))
        then, before = self._seen[0]
        rate = (self.done - before) / (now - then) if now > then else 0.0
        left = (self.total - self.done) / rate if self.total is not None and rate > 0 else None
        tokens = bill.prompt_tokens + bill.completion_tokens + bill.lost_tokens
        faults = dict(sorted(self.faults.items()))
        return Progress(self.done, self.total, self.cached, faults, in_flight, limit, rate, left, bill.cost, tokens)
