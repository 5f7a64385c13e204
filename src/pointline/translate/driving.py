"""Many samples at once: each is a computation that yields requests; all wait for their answers together."""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator

from pointline.llm import Answer, Request
from pointline.sample import Sample
from pointline.translate.asking import Steps
from pointline.translate.outcome import Outcome

log = logging.getLogger("pointline")
Ask = Callable[[Iterable[Request]], Iterator[Answer]]


class Job:
    """One sample under way: the requests it waits for, or its outcome."""

    def __init__(self, steps: Steps[Outcome]) -> None:
        self._steps = steps
        self.requests: list[Request] = []
        self.outcome: Outcome | None = None
        self.go(None)

    def go(self, answers: list[Answer] | None) -> None:
        """Go on with answers, to the next requests or to the end."""
        try:
            self.requests = next(self._steps) if answers is None else self._steps.send(answers)
        except StopIteration as end:
            self.requests, self.outcome = [], end.value


class Faults:
    """Requests that got no answer, told at the end: they are asked anew in the next run."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first = ""

    def watch(self, ask: Ask) -> Ask:
        """The same, its faults counted."""

        def watched(requests: Iterable[Request]) -> Iterator[Answer]:
            for answer in ask(requests):
                if answer.fault is not None:
                    self._counts[answer.fault] += 1
                    self._first = self._first or f"{answer.id}: {answer.detail}"
                yield answer

        return watched

    def tell(self) -> None:
        """One line, where there were any."""
        if self._counts:
            told = ", ".join(f"{count} {fault}" for fault, count in sorted(self._counts.items()))
            log.warning("requests without an answer: %s (first: %s); run again to ask them anew", told, self._first)


def outcomes(
    samples: Iterable[Sample], translate: Callable[[Sample], Steps[Outcome]], ask: Ask, window: int
) -> Iterator[Outcome]:
    """Yield one outcome a sample, in order; at most `window` samples are held.

    Every round puts the questions of all samples under way; a sample's questions depend on its own answers alone, so
    the outcomes do not depend on the window.
    """
    rest = iter(samples)
    jobs: deque[Job] = deque()
    while True:
        while len(jobs) < window and (sample := next(rest, None)) is not None:
            jobs.append(Job(translate(sample)))
        if not jobs:
            return
        asking = [job for job in jobs if job.outcome is None]
        answers = iter(ask([request for job in asking for request in job.requests])) if asking else iter(())
        for job in asking:
            job.go([next(answers) for _ in job.requests])
        while jobs and (outcome := jobs[0].outcome) is not None:
            jobs.popleft()
            yield outcome
