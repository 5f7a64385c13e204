"""Features by name become bucket numbers, the same on every machine."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from zlib import crc32

BUCKETS = 2**14
_DIGIT = re.compile(r"\d")


@lru_cache(maxsize=2**17)
def hashed(feature: str) -> int:
    """The bucket of a feature's name (CRC-32).

    >>> hashed("s1=a")
    1721
    """
    return crc32(feature.encode("utf-8", "surrogatepass")) % BUCKETS


def all_hashed(features: Iterable[str]) -> tuple[int, ...]:
    """The buckets of many names, in order."""
    return tuple(map(hashed, features))


@lru_cache(maxsize=2**16)
def normal(surface: str, digits: bool) -> str:
    """Lower case, and with `digits` every digit is 0.

    >>> normal("F1 3.8", True)
    'f0 0.0'
    """
    lower = surface.lower()
    return _DIGIT.sub("0", lower) if digits else lower
