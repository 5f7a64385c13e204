"""An async stream drawn from ordinary code: the network in its own thread, the iterator in the caller's."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from itertools import islice
from queue import SimpleQueue
from typing import Any, TypeVar

from pointline.llm.progress import Watcher

Row = TypeVar("Row")
Out = TypeVar("Out")
Make = Callable[[AsyncIterator[list[Any]], Watcher | None], AsyncGenerator[list[Any], None]]


class _Line:
    """What runs between the two threads: the inbox of the caller, and blocks of rows the other way."""

    def __init__(self) -> None:
        self.inbox: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._block: asyncio.Future[list[Any]] | None = None
        self._up = threading.Event()

    async def blocks(self) -> AsyncIterator[list[Any]]:
        """Rows as the caller hands them over, asked for one block after another."""
        while True:
            self._block = asyncio.get_running_loop().create_future()
            self.inbox.put(("more", None))
            block = await self._block
            if not block:
                return
            yield block

    def give(self, block: list[Any]) -> None:
        """Hand rows over; an empty block is the last."""
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop has ended already; how stands in the inbox
            self._loop.call_soon_threadsafe(self._given, block)

    def _given(self, block: list[Any]) -> None:
        if self._block is not None and not self._block.done():
            self._block.set_result(block)

    async def draw(self, make: Make, watched: bool) -> None:
        """Put all answers into the inbox."""
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._up.set()
        watch = (lambda progress: self.inbox.put(("progress", progress))) if watched else None
        async with contextlib.aclosing(make(self.blocks(), watch)) as batches:
            async for batch in batches:
                self.inbox.put(("answers", batch))

    def run(self, make: Make, watched: bool) -> None:
        """The thread's work."""
        error: BaseException | None = None
        try:
            asyncio.run(self.draw(make, watched))
        except BaseException as caught:
            error = caught
        self._up.set()
        self.inbox.put(("end", error))

    def stop(self) -> None:
        """End the run; answers under way are waited for as long as the settings say."""
        self._up.wait()
        if self._loop is not None and self._task is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._task.cancel)


def drawn(
    make: Callable[[AsyncIterator[list[Row]], Watcher | None], AsyncGenerator[list[Out], None]],
    requests: Iterable[Row],
    block: int,
    progress: Watcher | None,
) -> Iterator[Out]:
    """Yield the answers of an async run; leaving the generator ends the run and waits for it."""
    line = _Line()
    thread = threading.Thread(target=line.run, args=(make, progress is not None), name="pointline-llm", daemon=True)
    thread.start()
    rows = iter(requests)
    try:
        while True:
            what, value = line.inbox.get()
            if what == "answers":
                yield from value
            elif what == "more":
                line.give(list(islice(rows, block)))
            elif what == "progress" and progress is not None:
                progress(value)
            elif what == "end":
                if value is not None:
                    raise value
                return
    finally:
        line.stop()
        thread.join()
