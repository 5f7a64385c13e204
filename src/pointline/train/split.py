"""Hold a dev part back where none is given: by a hash of the ids, so that an inserted record moves no other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol, TypeVar

DEV_SHARE = 10


class Named(Protocol):
    """Anything with an id: a sample, a pair."""

    id: str


T = TypeVar("T", bound=Named)


def split_dev(samples: Sequence[T]) -> tuple[list[T], list[T]]:
    """Hold 10 % back by a hash of the id (at least one sample of two or more): an inserted sample moves no other.

    >>> from pointline.sample import Sample
    >>> train, dev = split_dev([Sample(str(i), "a") for i in range(100)])
    >>> len(train) + len(dev), 0 < len(dev) < 25
    (100, True)
    """
    places = [int.from_bytes(hashlib.sha256(sample.id.encode()).digest()[:4], "big") for sample in samples]
    held = [place % DEV_SHARE == 0 for place in places]
    if len(samples) > 1 and not any(held):
        held[places.index(min(places))] = True
    if held and all(held):
        held[places.index(max(places))] = False
    train = [sample for sample, out in zip(samples, held, strict=True) if not out]
    return train, [sample for sample, out in zip(samples, held, strict=True) if out]
