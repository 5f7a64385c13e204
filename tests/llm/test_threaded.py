"""Rows handed over to a run that has ended in the meantime: its fault is what the caller sees."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any

import pytest

from pointline.errors import Refusal
from pointline.llm.threaded import drawn


def test_a_run_that_ends_while_rows_are_made_tells_its_fault() -> None:
    async def asking(blocks: AsyncIterator[list[Any]], watch: Any) -> AsyncGenerator[list[Any], None]:
        import asyncio

        waiting = asyncio.ensure_future(anext(blocks))
        await asyncio.sleep(0.05)
        waiting.cancel()
        raise Refusal("the budget is spent")
        yield []

    def rows() -> Iterator[int]:
        time.sleep(0.5)
        yield 1

    with pytest.raises(Refusal, match="the budget is spent"):
        list(drawn(asking, rows(), 1, None))
