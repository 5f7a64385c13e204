"""The client: asks a model server for any number of rows, pays once for each, and says beforehand what it will cost."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable, Iterator, Sized
from pathlib import Path

from pointline.llm.answer import Answer
from pointline.llm.bill import Bill
from pointline.llm.cache import Cache
from pointline.llm.endpoint import Endpoint
from pointline.llm.estimate import Estimate, estimate
from pointline.llm.exchange import Exchange
from pointline.llm.flow import Flow, Plan
from pointline.llm.progress import Meter, Watcher
from pointline.llm.replay import replay
from pointline.llm.request import Request, Sampling
from pointline.llm.settings import Settings
from pointline.llm.threaded import drawn

BLOCK = 64
"""Rows that are looked up in the cache together."""
TICK = 0.5
"""Seconds between two moments of progress."""


class Client:
    """Asks one endpoint. `bill` is what this client has spent so far; a budget holds for all that its cache has paid.

    cache: the SQLite file of paid answers, shared with other runs; None keeps them only while one call lasts.
    sampling: of every request that brings none of its own.

    Raises SettingsFault at the first call where the key is missing, MissingExtra where aiohttp is.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        cache: str | Path | None = None,
        settings: Settings | None = None,
        sampling: Sampling | None = None,
    ) -> None:
        self.plan = Plan(endpoint, sampling or Sampling(), settings or Settings())
        self.cache = cache
        self.bill = Bill()

    def ask(
        self, requests: Iterable[Request], *, total: int | None = None, progress: Watcher | None = None
    ) -> Iterator[Answer]:
        """Yield one answer a request, in order; memory is bounded, whatever the length.

        The network works on while the caller is busy; the caller's iterator is read, and `progress` called, in the
        caller's thread. A row that fails for its own reasons is an Answer with a `fault`. Raises EndpointFault where
        no row can succeed (a wrong key), BudgetSpent where the budget ends, InputFault where the cache cannot be
        written. Whatever was answered stays in the cache: run again and only the rest is asked.
        """
        total = _total(requests, total)
        return drawn(lambda blocks, watch: self._batches(blocks, total, watch), requests, BLOCK, progress)

    async def stream(
        self,
        requests: Iterable[Request] | AsyncIterable[Request],
        *,
        total: int | None = None,
        progress: Watcher | None = None,
        ordered: bool = True,
    ) -> AsyncGenerator[Answer, None]:
        """`ask` for programs that have an event loop; not `ordered`, answers come as they arrive."""
        batching = self._batches(_arriving(requests), _total(requests, total), progress, ordered)
        async with contextlib.aclosing(batching) as batches:
            async for batch in batches:
                for answer in batch:
                    yield answer

    async def _batches(
        self, source: AsyncIterator[list[Request]], total: int | None, watch: Watcher | None, ordered: bool = True
    ) -> AsyncGenerator[list[Answer], None]:
        with self._cache() as cache:
            if self.plan.settings.limited:
                self.bill.written(0.0, 0, cache.spent())
            async with Exchange(self.plan.endpoint, self.plan.settings) as exchange:
                flow = Flow(self.plan._replace(ordered=ordered), cache, exchange, self.bill, Meter(total))
                telling = asyncio.create_task(_tell(flow, watch)) if watch else None
                try:
                    async with contextlib.aclosing(flow.batches(source)) as batches:
                        async for batch in batches:
                            yield batch
                finally:
                    if telling is not None and watch is not None:
                        telling.cancel()
                        watch(flow.progress())

    def dry_run(self, requests: Iterable[Request]) -> Estimate:
        """What asking these would cost, without asking: rows paid already, tokens, money; and what was spent so far."""
        with self._cache() as cache:
            return estimate(self.plan.endpoint, self.plan.sampling, self.plan.settings, cache, _blocks(requests))

    def replay(self, requests: Iterable[Request], recorded: str | Path | None = None) -> Iterator[Answer]:
        """Yield the answers that are paid already, without the network; fault `absent` where there is none.

        recorded: a file written by `record`, or lines of `{"id", "text"}`, instead of the client's cache.
        """
        return replay(self.plan.endpoint, self.plan.sampling, recorded or self.cache, _blocks(requests))

    @contextlib.contextmanager
    def _cache(self) -> Iterator[Cache]:
        with contextlib.ExitStack() as stack:
            folder = "" if self.cache else stack.enter_context(tempfile.TemporaryDirectory(prefix="pointline-"))
            with contextlib.closing(Cache(self.cache or Path(folder, "answers.db"))) as cache:
                yield cache


def _total(requests: object, told: int | None) -> int | None:
    return len(requests) if told is None and isinstance(requests, Sized) else told


def _blocks(requests: Iterable[Request]) -> Iterator[list[Request]]:
    rows = iter(requests)
    return iter(lambda: list(itertools.islice(rows, BLOCK)), [])


async def _arriving(requests: Iterable[Request] | AsyncIterable[Request]) -> AsyncIterator[list[Request]]:
    """Rows at hand in blocks; rows that arrive in their own time one by one, so that none waits for the next."""
    if isinstance(requests, AsyncIterable):
        async for request in requests:
            yield [request]
        return
    for block in _blocks(requests):
        yield block
        await asyncio.sleep(0)


async def _tell(flow: Flow, watch: Watcher) -> None:
    while True:
        watch(flow.progress())
        await asyncio.sleep(TICK)
