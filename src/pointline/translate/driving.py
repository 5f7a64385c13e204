"""Many samples at once: each is a computation that yields requests and goes on when all of their answers are there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator

from pointline.llm import Answer, Client, Request
from pointline.llm.threaded import drawn
from pointline.sample import Sample
from pointline.translate.asking import Steps
from pointline.translate.outcome import Outcome

log = logging.getLogger("pointline")
Ask = Callable[[Iterable[Request]], Iterator[Answer]]
Translate = Callable[[Sample], Steps[Outcome]]
BLOCK = 16
"""Samples read together."""


class Job:
    """One sample under way: the requests it waits for, or its outcome."""

    def __init__(self, steps: Steps[Outcome]) -> None:
        self._steps = steps
        self.requests: list[Request] = []
        self.outcome: Outcome | None = None
        self._answers: list[Answer | None] = []
        self._go(None)

    def take(self, number: int, answer: Answer) -> bool:
        """Take the answer to one of the requests; True where they were all and the sample has gone on."""
        self._answers[number] = answer
        held = [answer for answer in self._answers if answer is not None]
        if len(held) < len(self.requests):
            return False
        self._go(held)
        return True

    def _go(self, answers: list[Answer] | None) -> None:
        """Go on with answers, to the next requests or to the end."""
        try:
            self.requests = next(self._steps) if answers is None else self._steps.send(answers)
            while not self.requests:
                self.requests = self._steps.send([])
        except StopIteration as end:
            self.requests, self.outcome = [], end.value
        self._answers = [None] * len(self.requests)


class Faults:
    """Requests that got no answer, told at the end: they are asked anew in the next run."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first = ""

    def add(self, outcome: Outcome) -> None:
        """Count those of one sample."""
        for fault in outcome.spent.faults:
            self._counts[fault] += 1
            self._first = self._first or outcome.source.id

    def tell(self) -> None:
        """One line, where there were any."""
        if self._counts:
            told = ", ".join(f"{count} {fault}" for fault, count in sorted(self._counts.items()))
            log.warning(
                "requests without an answer: %s (first about %s); run again to ask them anew", told, self._first
            )


class Line:
    """Samples under way in the order they came, and which of them waits for which answer."""

    def __init__(self, translate: Translate) -> None:
        self._translate = translate
        self._jobs: deque[Job] = deque()
        self._waiting: dict[tuple[str, int], deque[tuple[Job, int]]] = {}
        self.under_way = 0

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, sample: Sample) -> list[Request]:
        """Begin with a sample; its first requests."""
        job = Job(self._translate(sample))
        self._jobs.append(job)
        self.under_way += job.outcome is None
        return self._asked(job)

    def take(self, answer: Answer) -> list[Request]:
        """Give an answer to whom it belongs; the requests that follow from it."""
        key = answer.id, answer.attempt
        held = self._waiting[key]
        job, number = held.popleft()
        if not held:
            del self._waiting[key]
        if not job.take(number, answer):
            return []
        self.under_way -= job.outcome is not None
        return self._asked(job)

    def done(self) -> Iterator[Outcome]:
        """The outcomes whose turn it is."""
        while self._jobs and (outcome := self._jobs[0].outcome) is not None:
            self._jobs.popleft()
            yield outcome

    def _asked(self, job: Job) -> list[Request]:
        for number, request in enumerate(job.requests):
            self._waiting.setdefault((request.id, request.attempt), deque()).append((job, number))
        return job.requests


def outcomes(samples: Iterable[Sample], translate: Translate, ask: Ask, window: int) -> Iterator[Outcome]:
    """Yield one outcome a sample, in order, from anything that answers lists of requests; `window` samples are held.

    A sample's questions depend on its own answers alone, so the outcomes do not depend on the window.
    """
    rest, line, more = iter(samples), Line(translate), True
    requests: list[Request] = []
    while more or requests:
        while more and len(line) < window:
            sample = next(rest, None)
            more = sample is not None
            requests += line.add(sample) if sample is not None else []
        requests = [further for answer in ask(requests) for further in line.take(answer)] if requests else []
        yield from line.done()


def streamed(samples: Iterable[Sample], translate: Translate, client: Client, window: int) -> Iterator[Outcome]:
    """`outcomes` from a client: every answer is acted on as it arrives, so a slow one holds up its own sample only.

    `window` samples are asked about at once, and at most eight times as many wait for one before them.
    Raises what ends the client's run: EndpointFault, BudgetSpent.
    """
    return drawn(lambda blocks, _: _batches(blocks, Line(translate), client, window), samples, BLOCK, None)


async def _batches(
    blocks: AsyncIterator[list[Sample]], line: Line, client: Client, window: int
) -> AsyncGenerator[list[Outcome], None]:
    asked: asyncio.Queue[Request | None] = asyncio.Queue()
    room = asyncio.Event()

    def ask(requests: list[Request]) -> None:
        for request in requests:
            asked.put_nowait(request)

    async def feed() -> None:
        try:
            async for block in blocks:
                for sample in block:
                    while line.under_way and (line.under_way >= window or len(line) >= 8 * window):
                        room.clear()
                        await room.wait()
                    ask(line.add(sample))
        except BaseException:
            asked.put_nowait(None)
            raise
        fed.set()
        if not line.under_way:
            asked.put_nowait(None)

    async def requests() -> AsyncIterator[Request]:
        while (request := await asked.get()) is not None:
            yield request

    fed = asyncio.Event()
    feeding = asyncio.create_task(feed())
    try:
        async with contextlib.aclosing(client.stream(requests(), ordered=False)) as answers:
            async for answer in answers:
                ask(line.take(answer))
                if done := list(line.done()):
                    yield done
                room.set()
                if fed.is_set() and not line.under_way:
                    asked.put_nowait(None)
        await feeding
        yield list(line.done())
    finally:
        feeding.cancel()
        await asyncio.gather(feeding, return_exceptions=True)
