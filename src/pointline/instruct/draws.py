"""Random words that belong to a key: BLAKE2b in counter mode, so a record's draws depend on nothing but its id."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence

_BLOCK = 32
_COUNTER = struct.Struct("<I").pack
_WORDS = struct.Struct(f"<{_BLOCK}H").unpack
_FIRST = _COUNTER(0)


class Draws:
    """16-bit words by key; a Mersenne Twister seeded for each record would cost more than all else.

    >>> draws = Draws(0, "ner")
    >>> draws("snips/train/1", 2)[:2] == draws("snips/train/1", 20)[:2]
    True
    """

    def __init__(self, seed: int, purpose: str = "") -> None:
        self._keyed: Callable[[], hashlib.blake2b] = hashlib.blake2b(f"{seed}\0{purpose}\0".encode()).copy

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
        words = self(key, len(fixed) + 2 * count)
        items = [*fixed, *select(words, others, count)]
        words = words[count : count + len(items)]
        if len(set(words)) == len(items):
            return tuple(map(items.__getitem__, sorted(range(len(items)), key=words.__getitem__)))
        return self.order(key, items)

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
