"""Random draws keyed by what they are for: the same key gives the same draws on every machine and in any order."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator


def keyed(*key: int | str) -> Iterator[float]:
    """An endless stream of uniform draws in [0, 1) for a key such as (seed, epoch, sample id).

    >>> next(keyed(1, 2, "a")) == next(keyed(1, 2, "a")), next(keyed(1, 2, "a")) == next(keyed(1, 2, "b"))
    (True, False)
    """
    name = repr(key).encode()
    block = 0
    while True:
        digest = hashlib.blake2b(name, digest_size=64, salt=block.to_bytes(8, "little")).digest()
        for number in struct.unpack("<16I", digest):
            yield number / 2**32
        block += 1


def number(*key: int | str) -> int:
    """A 32-bit number for a key, to seed a generator with.

    >>> number(1, "order") == number(1, "order")
    True
    """
    return int.from_bytes(hashlib.blake2b(repr(key).encode(), digest_size=4).digest(), "little")
