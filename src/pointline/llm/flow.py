"""One run: rows in, answers out in the same order, every row going its own way in between."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator
from typing import NamedTuple

from pointline.errors import InputFault
from pointline.llm.answer import Answer
from pointline.llm.bill import Bill
from pointline.llm.cache import Cache
from pointline.llm.endpoint import Endpoint
from pointline.llm.exchange import Exchange
from pointline.llm.faults import KINDS, LATER, Failed
from pointline.llm.progress import Meter, Progress
from pointline.llm.recorded import answer_of
from pointline.llm.request import Request, Sampling
from pointline.llm.retries import end_of_run, gave_up, last_word, pause, silent, spent
from pointline.llm.settings import Settings
from pointline.llm.slot import Slot
from pointline.llm.till import Till
from pointline.llm.turns import Turns
from pointline.llm.window import Window

log = logging.getLogger("pointline")

POLL = 0.2
"""Seconds between two looks at rows that another run is asking."""


class Plan(NamedTuple):
    """What a run is made with; not `ordered`, answers leave as they come."""

    endpoint: Endpoint
    sampling: Sampling
    settings: Settings
    ordered: bool = True


class Flow:
    """Everything happens on one event loop, and only `Exchange.send` takes time.

    A row enters the window, is taken in the cache, has its turn, and settles once its answer is committed. `stop` ends
    the run: nothing more is sent, what is under way is waited for.
    """

    def __init__(self, plan: Plan, cache: Cache, exchange: Exchange, bill: Bill, meter: Meter) -> None:
        self.plan, self.cache, self.exchange, self.bill, self.meter = plan, cache, exchange, bill, meter
        self.error: BaseException | None = None
        self._settings = plan.settings
        self._window = Window(plan.settings.window, meter, plan.ordered)
        self._till = Till(plan.endpoint, plan.settings, cache, bill, self._window.settle)
        self._turns = Turns(plan.settings, bill, self._try, self.stop)
        self._loop = asyncio.get_running_loop()
        self._random = random.Random(plan.settings.seed)
        self._elsewhere: list[Slot] = []
        self._fed = False
        self._streak = self._timeouts = 0
        self._changed, self._room = asyncio.Event(), asyncio.Event()

    async def batches(self, source: AsyncIterator[list[Request]]) -> AsyncGenerator[list[Answer], None]:
        """Yield answers as lists, in the rows' order if planned so; raises what ended the run, after those it had."""
        feeder = asyncio.create_task(self._feed(source))
        try:
            while True:
                self._changed.clear()
                if out := self._window.leave():
                    self._room.set()
                    yield out
                elif (self._fed and not self._window) or (self.error is not None and not self._turns.tasks):
                    break
                else:
                    await self._changed.wait()
        finally:
            feeder.cancel()
            await asyncio.gather(feeder, return_exceptions=True)
            await self._close()
        for out in iter(self._window.leave, []):
            yield out
        if self.error is not None:
            raise self.error

    def progress(self) -> Progress:
        """The run at this moment."""
        return self.meter.moment(self._loop.time(), self.bill, self._turns.pace.in_flight, int(self._turns.pace.limit))

    def stop(self, error: BaseException | None) -> None:
        """End the run, None where the budget is spent; the first reason counts."""
        if error is None:
            self._till.commit(self._committed)  # so that the row answered just now is told as answered
        if self.error is None:
            self.error = error or spent(self._settings, self.bill, self.meter.done)
            self._turns.over = True
            self._loop.call_later(self._settings.grace, self._cancel)
        self._changed.set()

    async def _feed(self, source: AsyncIterator[list[Request]]) -> None:
        """Let rows in, as long as there is room."""
        try:
            async for block in source:
                self._admit(block)
                while self._window.crowded:
                    self._room.clear()
                    await self._room.wait()
            self._fed = True
        except Exception as error:
            self.stop(error)
        self._changed.set()

    def _admit(self, block: list[Request]) -> None:
        endpoint, sampling = self.plan.endpoint, self.plan.sampling
        slots = [Slot(endpoint, request, sampling) for request in block]
        self._take([slot for slot in slots if self._window.add(slot)])
        self._changed.set()
        self._turns.go()

    def _take(self, slots: list[Slot]) -> None:
        """Rows with an answer settle, rows that are ours get ready, the rest is looked at again in a while."""
        found, won = self.cache.take([slot.key for slot in slots])
        elsewhere = []
        for slot in slots:
            if slot.key in found:
                self._window.settle(slot, answer_of(found[slot.key]))
            elif slot.key in won:
                self._turns.ready(slot)
            else:
                elsewhere.append(slot)
        if elsewhere and not self._elsewhere:
            self._loop.call_later(POLL, self._poll)
        self._elsewhere += elsewhere

    def _poll(self) -> None:
        slots, self._elsewhere = self._elsewhere, []
        if self._turns.over:
            return
        try:
            self._take(slots)
        except Exception as error:
            self.stop(error)
        self._changed.set()
        self._turns.go()

    async def _try(self, slot: Slot, sent: float) -> None:
        """One request for one row."""
        self.bill.asked += 1
        try:
            try:
                self._till.receive(slot, await self.exchange.send(slot.body), self._committed)
                self._turns.pace.answered(self._loop.time())
                self._streak = 0
            except Failed as failed:
                self._failed(slot, failed, sent)
        except Exception as error:
            self.stop(error)
        finally:
            task = asyncio.current_task()
            assert task is not None
            self._turns.ended(slot, task)
            if self._turns.over and not self._turns.tasks:
                self._changed.set()
        self._turns.go()

    def _committed(self) -> None:
        if self._till.fault is not None:
            self.stop(self._till.fault)
        self._changed.set()

    def _failed(self, slot: Slot, failed: Failed, sent: float) -> None:
        """A request without an answer: the run stops, the row waits, or it is over with the row."""
        endpoint, kind = self.plan.endpoint, KINDS[failed.kind]
        now = self._loop.time()
        if failed.kind in LATER or failed.kind == "timeout":
            self._turns.pace.cut(sent, now)
        if failed.kind == "timeout":
            self._timeouts += 1
            if self._timeouts == 1:
                log.warning("%s", silent(endpoint, self._settings))
        if kind.charged:
            self._till.lose(slot)
        end = end_of_run(endpoint, failed, answered=self.bill.answers > 0)
        if end is not None:
            self.stop(end)
            return
        seconds = pause(self._settings, slot, failed, self._random)
        if seconds is not None:
            self._turns.later(slot, seconds, failed.kind in LATER)
            return
        failed = last_word(self._settings, slot, failed)
        self.cache.release([slot.key])
        self._window.settle(slot, slot.fault(failed.kind, failed.detail))
        self._changed.set()
        self._streak += not kind.of_row
        if self._streak >= self._settings.give_up:
            self.stop(gave_up(endpoint, failed, self._streak))

    def _cancel(self) -> None:
        for task in self._turns.tasks:
            task.cancel()

    async def _close(self) -> None:
        """Wait for what is under way, commit it, give the rest back."""
        tasks = self._turns.tasks
        self._turns.over = True
        if tasks:
            await asyncio.wait(tasks, timeout=self._settings.grace)
        self._cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._till.commit(self._committed)
        self.error = self._till.fault or self.error
        with contextlib.suppress(InputFault):  # a full disk; the claims fall with the run
            self.cache.release(self._window.unsettled())
