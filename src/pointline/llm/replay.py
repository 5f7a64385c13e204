"""Answers that are there already, in the order of the requests, without any network."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from pointline.errors import InputFault
from pointline.llm.answer import Answer
from pointline.llm.cache import Cache
from pointline.llm.endpoint import Endpoint
from pointline.llm.recorded import answer_of, fill
from pointline.llm.request import Request, Sampling, key_by_id
from pointline.llm.slot import Slot

SQLITE = b"SQLite format 3\0"


def replay(
    endpoint: Endpoint, sampling: Sampling, source: str | Path | None, blocks: Iterable[list[Request]]
) -> Iterator[Answer]:
    """Yield an answer a request from a cache or a recorded file; `absent` where it holds none.

    Raises InputFault where the source is not there or is no recording.
    """
    with _opened(source) as cache:
        for block in blocks:
            slots = [Slot(endpoint, request, sampling) for request in block]
            by_id = [key_by_id(request.id, request.attempt) for request in block]
            found = cache.look([slot.key for slot in slots] + by_id)
            for slot, loose in zip(slots, by_id, strict=True):
                stored = found.get(slot.key) or found.get(loose)
                if slot.answer is not None or stored is None:
                    yield slot.answer or slot.fault("absent", "no recorded answer")
                else:
                    yield msgspec.structs.replace(answer_of(stored), id=slot.request.id)


@contextlib.contextmanager
def _opened(source: str | Path | None) -> Iterator[Cache]:
    """The cache itself, or a passing one filled with the lines of a file."""
    if source is None or not Path(source).is_file():
        raise InputFault("holds no answers to replay", path=source or "cache", fix="name a cache or a recorded file")
    with open(source, "rb") as file:
        is_cache = file.read(len(SQLITE)) == SQLITE
    if is_cache:
        with contextlib.closing(Cache(source)) as cache:
            yield cache
        return
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pointline-"))
        cache = stack.enter_context(contextlib.closing(Cache(Path(folder, "answers.db"))))
        fill(cache, source)
        yield cache
