"""The papers' way to test: the mean of several random draws of 1,000 samples, here with its spread.

Which samples a draw holds depends on the seed and their ids alone: not on file order, and it is the same for every
system that is scored (MMM paper, appendix; GIELLM paper, section 4.1).
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pointline.score.options import Settings
from pointline.score.tally import Row

if TYPE_CHECKING:
    from pointline.score.tally import Array


class Draws:
    """Keeps the rows of `draws` random draws while samples stream by; memory = draws x draw size.

    >>> from pointline.score.matching import plain_table
    >>> draws = Draws(Settings(draws=1, draw_size=2))
    >>> draws.add("abc", [((1, 1, 1, 1),)] * 3)
    >>> draws.sums(plain_table).tolist()
    [[2.0, 2.0, 2.0, 2.0]]
    """

    def __init__(self, settings: Settings) -> None:
        self._seed, self._size = settings.seed, settings.draw_size
        self._heaps: list[list[tuple[int, Row]]] = [[] for _ in range(settings.draws)]

    def add(self, ids: Iterable[str], rows: Iterable[Row]) -> None:
        """Offer samples to every draw: the smallest hashes stay."""
        for id, row in zip(ids, rows, strict=True):
            for k, heap in enumerate(self._heaps):
                entry = (-keyed(f"{self._seed}/{k}/{id}"), row)
                if len(heap) < self._size:
                    heapq.heappush(heap, entry)
                elif entry[0] > heap[0][0]:
                    heapq.heapreplace(heap, entry)

    def sums(self, table: Callable[[list[Row]], Array]) -> Array:
        """Column sums (draws, K) of each draw's counts."""
        import numpy as np

        return np.array([table([row for _, row in heap]).sum(axis=0) for heap in self._heaps])


def keyed(name: str) -> int:
    """A 64-bit number that depends on `name` alone."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest())
