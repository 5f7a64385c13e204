"""Answers as they arrive: read, priced and committed before anybody sees them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from pointline.errors import InputFault
from pointline.llm.answer import Answer
from pointline.llm.bill import Bill
from pointline.llm.cache import Cache
from pointline.llm.endpoint import Endpoint
from pointline.llm.reading import Reading, read
from pointline.llm.recorded import Rescue, answer_of
from pointline.llm.settings import Settings
from pointline.llm.slot import Slot
from pointline.llm.stored import Stored

log = logging.getLogger("pointline")

IDS = 4096
"""Response ids remembered, to notice that a server repeats them."""


class Till:
    """All answers of one turn of the event loop are one commit; `settled` gets each of them after it."""

    def __init__(
        self, endpoint: Endpoint, settings: Settings, cache: Cache, bill: Bill, settled: Callable[[Slot, Answer], None]
    ) -> None:
        self.fault: InputFault | None = None
        self._endpoint, self._settings, self._cache, self._bill = endpoint, settings, cache, bill
        self._shown = endpoint.shown
        self._rescue = Rescue()
        self._settled = settled
        self._waiting: list[tuple[Slot, Stored, Reading]] = []
        self._ids: dict[str, None] = {}
        self._warned = False

    def receive(self, slot: Slot, body: bytes, then: Callable[[], None]) -> None:
        """Take a response; raises Failed where it is no answer. `then` is called after the commit."""
        said = read(body)
        self._look_at(said.response_id)
        prompt, answer, guessed, cost = self._bill.pay(self._settings, said, slot)
        row, attempt, model = slot.request.id, slot.request.attempt, self._endpoint.model
        counts = (prompt, answer, guessed, cost, time.time())
        stored = Stored(slot.key, row, attempt, self._shown, model, *counts, body)
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.commit, then)
        self._waiting.append((slot, stored, said))

    def commit(self, then: Callable[[], None]) -> None:
        """Write what has arrived; where it does not fit, `fault` says so and the answers are kept elsewhere."""
        batch, self._waiting = self._waiting, []
        if not batch:
            return
        answers = [stored for _, stored, _ in batch]
        try:
            self._cache.store(answers)
            self.written(
                sum(one.cost for one in answers), sum(one.prompt_tokens + one.completion_tokens for one in answers)
            )
            self.fault = self.fault or self._cache.full
        except InputFault as fault:
            self.fault = self._rescue.add(answers, fault)
        for slot, stored, said in batch:
            self._settled(slot, answer_of(stored, said))
        then()

    def lose(self, slot: Slot) -> None:
        """Book a request that brought nothing and may have been charged."""
        cost, tokens = self._bill.lose(self._settings, slot)
        self._cache.lose(cost, tokens)
        self.written(cost, tokens)

    def written(self, cost: float, tokens: int) -> None:
        """Where there is a budget, see what all runs on the cache have spent by now, this one so much of it."""
        if self._settings.limited:
            self._bill.written(cost, tokens, self._cache.spent())

    def _look_at(self, response_id: str) -> None:
        """A server that repeats ids may mix up its answers: said once; ours are kept apart by what was asked."""
        if not response_id or self._warned:
            return
        if response_id in self._ids:
            self._warned = True
            told = "%s: response id %.60r came twice; answers are kept apart by request, but the server may mix them up"
            log.warning(told, self._shown, response_id)
        self._ids[response_id] = None
        if len(self._ids) > IDS:
            del self._ids[next(iter(self._ids))]
