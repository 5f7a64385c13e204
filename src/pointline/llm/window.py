"""The rows between the first unanswered one and the last one read: answers leave in the order rows came."""

from __future__ import annotations

from collections import deque

import msgspec

from pointline.llm.answer import Answer
from pointline.llm.progress import Meter
from pointline.llm.slot import Slot

WINDOW_BYTES = 64 << 20
"""Bytes of requests held at most, the last block of rows excepted."""


class Window:
    """Bounded in rows (`size`) and bytes; rows that ask the very same share one answer.

    Not `ordered`, answers leave as they come.
    """

    def __init__(self, size: int, meter: Meter, ordered: bool = True) -> None:
        self._size, self._meter, self._ordered = size, meter, ordered
        self._slots: deque[Slot] = deque()
        self._by_key: dict[bytes, Slot] = {}
        self._bytes = 0

    def __bool__(self) -> bool:
        return bool(self._slots)

    @property
    def crowded(self) -> bool:
        """Whether no further row may come in."""
        return len(self._slots) >= self._size or self._bytes >= WINDOW_BYTES

    def add(self, slot: Slot) -> bool:
        """Let a row in; True where somebody must find its answer."""
        self._slots.append(slot)
        self._bytes += len(slot.body)
        if slot.answer is not None:
            self._meter.add(slot.answer)
            return False
        first = self._by_key.setdefault(slot.key, slot)
        if first is not slot:
            first.twins.append(slot)
        return first is slot

    def settle(self, slot: Slot, answer: Answer) -> None:
        """A row has its answer, and so have its twins."""
        slot.answer = answer
        self._meter.add(answer)
        for twin in slot.twins:
            twin.answer = answer if answer.fault else msgspec.structs.replace(answer, cached=True)
            self._meter.add(twin.answer)
        del self._by_key[slot.key]

    def unsettled(self) -> list[bytes]:
        """Keys of the rows that have no answer."""
        return list(self._by_key)

    def leave(self) -> list[Answer]:
        """The answers whose turn it is."""
        if not self._ordered:
            return self._leave_early()
        out = []
        while self._slots and (answer := self._slots[0].answer) is not None:
            self._bytes -= len(self._slots.popleft().body)
            out.append(answer)
        return out

    def _leave_early(self) -> list[Answer]:
        """Every answer that is there."""
        waiting: deque[Slot] = deque()
        out = []
        for slot in self._slots:
            if slot.answer is None:
                waiting.append(slot)
            else:
                self._bytes -= len(slot.body)
                out.append(slot.answer)
        if out:
            self._slots = waiting
        return out
