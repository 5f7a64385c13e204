"""Texts of many requests read together: they wait a moment for each other, one thread runs the model."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from pointline.errors import BudgetSpent, EndpointFault, PointlineError, Refusal
from pointline.models.extractor import Extractor
from pointline.sample import Sample
from pointline.schema import Schema
from pointline.serve.metrics import Metrics
from pointline.serve.settings import ServeSettings
from pointline.web.faults import Fault, busy

log = logging.getLogger("pointline")

PARTS = 4
"""Parts of different requests that the characters of one run are for."""

Answer: TypeAlias = "asyncio.Future[list[Sample]]"


@dataclass(slots=True)
class Unit:
    """A part of one request that is read in one run; `answer` is cancelled where its client left."""

    samples: Sequence[Sample]
    schema: Schema | None
    answer: Answer
    characters: int


@dataclass(slots=True)
class Asked:
    """What one request still waits for: its units and their characters."""

    units: deque[Unit]
    left: int


class Batcher:
    """Takes texts from many requests, runs the model over them in one thread, gives each request its answers.

    Texts with the same schema are read together; schemas take turns. A run takes a part of the oldest request, then
    small requests, then those with the least left: a large one neither blocks the others nor stands still.
    """

    def __init__(self, model: Extractor, settings: ServeSettings, metrics: Metrics) -> None:
        self._model, self._settings, self._metrics = model, settings, metrics
        self._waiting: dict[Schema | None, list[Asked]] = {}
        self._part = max(1, settings.run_characters // PARTS)
        self._some = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to take what waits; called in the server's loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop taking; a run that has begun ends in its thread."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._thread.shutdown(wait=False, cancel_futures=True)

    def submit(self, samples: Sequence[Sample], schema: Schema | None) -> list[Answer]:
        """Put texts in line; gives the future answers of consecutive parts of them.

        Raises Fault (503) where too many wait.
        """
        if self._metrics.waiting + len(samples) > self._settings.max_waiting:
            raise busy("the server is busy: too many texts are waiting; try again")
        loop = asyncio.get_running_loop()
        units = [Unit(part, schema, loop.create_future(), size) for part, size in self._parts(samples)]
        for unit in units:
            unit.answer.add_done_callback(_seen)
        self._waiting.setdefault(schema, []).append(Asked(deque(units), sum(unit.characters for unit in units)))
        self._metrics.waiting += len(samples)
        self._some.set()
        return [unit.answer for unit in units]

    def _parts(self, samples: Sequence[Sample]) -> Iterator[tuple[Sequence[Sample], int]]:
        start = size = 0
        for place, sample in enumerate(samples):
            longer = size + len(sample.text) > self._part
            if place > start and (longer or place - start == self._settings.batch_size):
                yield samples[start:place], size
                start, size = place, 0
            size += len(sample.text)
        if start < len(samples):
            yield samples[start:], size

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._some.wait()
            if self._metrics.waiting < self._settings.batch_size:
                await asyncio.sleep(self._settings.gather_seconds)
            units = self._take()
            if units:
                await loop.run_in_executor(self._thread, self._read, loop, units)

    def _take(self) -> list[Unit]:
        """The next units of one schema, those whose client left dropped; a schema with more goes behind the others."""
        schema = next(iter(self._waiting))
        line = [asked for asked in self._waiting.pop(schema) if self._still(asked)]
        taken: list[Unit] = []
        texts, characters = self._settings.run_texts, self._settings.run_characters
        by_size = sorted(line, key=lambda asked: max(asked.left, self._part))
        for place, asked in enumerate((*line[:1], *by_size)):
            while asked.units:
                unit = asked.units[0]
                if taken and (len(unit.samples) > texts or unit.characters > characters):
                    break
                taken.append(asked.units.popleft())
                asked.left -= unit.characters
                texts, characters = texts - len(unit.samples), characters - unit.characters
                if place == 0:  # the oldest: one part in any case, more where it is its turn
                    break
        self._metrics.waiting -= sum(len(unit.samples) for unit in taken)
        if line := [asked for asked in line if asked.units]:
            self._waiting[schema] = line
        if not self._waiting:
            self._some.clear()
        return taken

    def _still(self, asked: Asked) -> bool:
        """Whether a request still waits; what its client gave up is dropped."""
        given_up = [unit for unit in asked.units if unit.answer.cancelled()]
        if given_up:
            self._metrics.waiting -= sum(len(unit.samples) for unit in given_up)
            asked.units = deque(unit for unit in asked.units if not unit.answer.cancelled())
            asked.left = sum(unit.characters for unit in asked.units)
        return bool(asked.units)

    def _read(self, loop: asyncio.AbstractEventLoop, units: list[Unit]) -> None:
        """In the model's thread: read units together; where that fails, each alone, so that one harms no other."""
        started = time.perf_counter()
        texts = sum(len(unit.samples) for unit in units)
        try:
            samples = [sample for unit in units for sample in unit.samples]
            answers = iter(list(self._model.predict(samples, units[0].schema, self._settings.batch_size)))
            found = [(unit.answer, [next(answers) for _ in unit.samples]) for unit in units]
        except Exception as error:
            if len(units) > 1 and not isinstance(error, EndpointFault):
                for unit in units:
                    self._read(loop, [unit])
            else:
                fault = _told(error)
                for unit in units:
                    loop.call_soon_threadsafe(_fail, unit, fault)
            return
        seconds = time.perf_counter() - started
        loop.call_soon_threadsafe(self._metrics.ran, texts, seconds)
        loop.call_soon_threadsafe(_give, found)


def _told(error: Exception) -> Fault:
    if isinstance(error, Refusal):
        return Fault(422, str(error), "schema")
    if isinstance(error, PointlineError):  # the model is behind another server: that fails, its budget or its cache
        log.error("a request failed: %s", error)
        if isinstance(error, EndpointFault):
            return Fault(503 if isinstance(error, BudgetSpent) else 502, str(error))
        return Fault(503, "the model cannot answer now; the server's log says why")
    log.error("a defect: the model failed (%s: %s)", type(error).__name__, " ".join(str(error).split()))
    return Fault(500, "the model failed on this request; the server's log says more")


def _give(found: list[tuple[Answer, list[Sample]]]) -> None:
    for answer, samples in found:
        if not answer.done():
            answer.set_result(samples)


def _fail(unit: Unit, fault: Fault) -> None:
    if not unit.answer.done():
        unit.answer.set_exception(fault)


def _seen(answer: Answer) -> None:
    """A request that failed at its first part does not ask after the others."""
    if not answer.cancelled():
        answer.exception()
