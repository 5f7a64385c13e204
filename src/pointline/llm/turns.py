"""Whose turn it is: rows after a pause first, then new ones, as pace and budget allow."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from pointline.llm.bill import Bill
from pointline.llm.pace import Pace
from pointline.llm.settings import Settings
from pointline.llm.slot import Slot


class Turns:
    """Starts `work(slot, now)` as a task for each row in its turn.

    `halt` is called where it cannot go on: with None where the budget is spent, else with the error.
    """

    def __init__(
        self,
        settings: Settings,
        bill: Bill,
        work: Callable[[Slot, float], Coroutine[Any, Any, None]],
        halt: Callable[[BaseException | None], None],
    ) -> None:
        self.pace = Pace(settings.concurrency, settings.max_concurrency)
        self.tasks: set[asyncio.Task[None]] = set()
        self.over = False
        self._settings, self._bill, self._work, self._halt = settings, bill, work, halt
        self._loop = asyncio.get_running_loop()
        self._ready: deque[Slot] = deque()
        self._again: deque[Slot] = deque()
        self._probing = False

    def ready(self, slot: Slot) -> None:
        """A new row; `go` starts it in its turn."""
        self._ready.append(slot)

    def later(self, slot: Slot, seconds: float, told: bool) -> None:
        """A row is to go again after a pause; `told` where the server asked for it."""
        self.pace.sleeping += told
        self._loop.call_later(seconds, self._wake, slot, told)

    def _wake(self, slot: Slot, told: bool) -> None:
        self.pace.sleeping -= told
        self._again.append(slot)
        self.go()

    def go(self) -> None:
        """Start what may be started."""
        try:
            self._go()
        except Exception as error:
            self._halt(error)

    def _go(self) -> None:
        now = self._loop.time()
        while not self.over and (self._again or self._ready):
            fresh = not self._again
            if not self.pace.may_start(fresh, now):
                self._probe_later(now)
                return
            queue = self._ready if fresh else self._again
            if not self._bill.hold(self._settings, queue[0]):
                if not self.tasks:
                    self._halt(None)
                return
            self.pace.started(now)
            self.tasks.add(self._loop.create_task(self._work(queue.popleft(), now)))

    def ended(self, slot: Slot, task: asyncio.Task[None]) -> None:
        """A row's task comes to its end, however."""
        self._bill.give_back(slot)
        self.pace.ended(starved=not self._ready and not self._again)
        self.tasks.discard(task)

    def _probe_later(self, now: float) -> None:
        """Where all rows under way sleep, look again when a new one may be sent."""
        if self.pace.in_flight == 0 and not self._probing:
            self._probing = True
            self._loop.call_later(self.pace.wait(now) + 0.001, self._probe)

    def _probe(self) -> None:
        self._probing = False
        self.go()
