"""Random words that belong to a key: BLAKE2b in counter mode, so a record's draws depend on nothing but its id."""

from __future__ import annotations

import hashlib
import itertools
import math
import struct
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

_BLOCK = 32
_COUNTER = struct.Struct("<I").pack
_WORDS = struct.Struct(f"<{_BLOCK}H").unpack
_FIRST = _COUNTER(0)
_NUMBERS = struct.Struct("<IHH56x").unpack
ORDERS = 1 << 8
MOST_WAYS = 1 << 14
MOST_ORDERED = 64
Way: TypeAlias = Callable[[tuple[int, ...]], Any]
NO_WAYS: tuple[Way, ...] = ()
"""They are too many to be listed."""


class Draws:
    """16-bit words by key; a Mersenne Twister seeded for each record would cost more than all else.

    >>> draws = Draws(0, "ner")
    >>> draws("snips/train/1", 2)[:2] == draws("snips/train/1", 20)[:2]
    True
    """

    def __init__(self, seed: int, purpose: str = "") -> None:
        self._keyed: Callable[[], hashlib.blake2b] = hashlib.blake2b(f"{seed}\0{purpose}\0".encode()).copy
        self._ways: dict[int, tuple[Way, ...]] = {}
        self._orders: dict[int, list[Way]] = {}

    def __call__(self, key: str, count: int) -> tuple[int, ...]:
        """At least `count` words in [0, 2**16) for a key, always the same ones."""
        name = key.encode("utf-8", "surrogatepass")
        block = self._keyed()
        block.update(name + _FIRST)
        words: tuple[int, ...] = _WORDS(block.digest())
        for number in range(1, (count + _BLOCK - 1) // _BLOCK):
            block = self._keyed()
            block.update(name + _COUNTER(number))
            words += _WORDS(block.digest())
        return words

    def share(self, key: str) -> float:
        """One number in [0, 1) for a key."""
        high, low = self(key, 2)[:2]
        return (high * 2**16 + low) / 2**32

    def draw(self, key: str, fixed: tuple[int, ...], others: tuple[int, ...], count: int) -> tuple[int, ...]:
        """All of `fixed` and `count` of `others`, drawn without replacement, in random order.

        >>> sorted(Draws(0).draw("a", (7, 8), (1, 2, 3), 3))
        [1, 2, 3, 7, 8]
        """
        block = self._keyed()
        block.update(key.encode("utf-8", "surrogatepass") + _FIRST)
        way, once, again = _NUMBERS(block.digest())
        left = len(others)
        if left > count:
            ways = self._ways.get(left << 32 | count) or self._built(left, count)
            if ways is NO_WAYS:
                others = tuple(select(self(f"{key}\0select", count), others, count))
            else:
                others = ways[(way * len(ways)) >> 32](others)
        items = fixed + others
        total = len(items)
        if not 0 < total <= MOST_ORDERED:
            return self.order(key, items)
        orders = self._orders.get(total) or self._drawn_orders(total)
        ordered: tuple[int, ...] = orders[once % ORDERS](orders[ORDERS + again % ORDERS](items))
        return ordered

    def _drawn_orders(self, total: int) -> list[Way]:
        """Two sets of random orders of `total` items; one of each after the other is an order of its own."""
        block = self._keyed()
        block.update(b"orders")
        words = hashlib.shake_256(block.digest() + _COUNTER(total)).digest(2 * ORDERS * total * 4)
        rows = struct.iter_unpack(f"<{total}I", words)
        orders = self._orders[total] = [_taking(tuple(sorted(range(total), key=row.__getitem__))) for row in rows]
        return orders

    def _built(self, left: int, count: int) -> tuple[Way, ...]:
        """Every way to take `count` of `left` items, for one number to choose among; remembered."""
        ways = NO_WAYS
        if math.comb(left, count) <= MOST_WAYS:
            ways = tuple(_taking(places) for places in itertools.combinations(range(left), count))
            self._ways[left << 32 | count] = ways
        return ways

    def order(self, key: str, items: Sequence[int]) -> tuple[int, ...]:
        """The items in random order, by words of 32 bits, so that two hardly ever meet one."""
        words = self(f"{key}\0order", 2 * len(items))
        long = [high << 16 | low for high, low in zip(words[::2], words[1::2], strict=True)]
        return tuple([item for _, item in sorted(zip(long, items, strict=False))])


def select(words: tuple[int, ...], items: tuple[int, ...], count: int) -> list[int]:
    """Choose `count` of `items` without replacement, in random order, one word each (RANDOM-SELECT of Algorithm 1).

    >>> select((0, 0), (7, 8, 9), 2)
    [7, 8]
    """
    pool = list(items)
    left = len(pool)
    count = min(count, left)
    for i in range(count):
        j = i + ((words[i] * left) >> 16)
        pool[i], pool[j] = pool[j], pool[i]
        left -= 1
    return pool[:count]


def _taking(places: tuple[int, ...]) -> Way:
    take: Way = itemgetter(*places) if len(places) > 1 else lambda items: (items[places[0]],)
    return take
