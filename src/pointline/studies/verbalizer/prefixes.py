"""The fewest rows in which a model that reads from the left sees every word but its last piece."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Cut = tuple[int, ...]


class Prefixes(NamedTuple):
    """`rows`: pieces to feed, none the beginning of another; `row_of`: for each word a row that begins like it."""

    rows: list[Cut]
    row_of: list[int]


def prefixes(cuts: Sequence[Cut]) -> Prefixes:
    """Rows for words; words of one piece need none of their own.

    >>> prefixes([(1,), (1, 2), (1, 3, 4), (5,)])
    Prefixes(rows=[(1, 3)], row_of=[0, 0, 0, 0])
    """
    needed = sorted({cut[:-1] for cut in cuts})
    # In this order whatever begins with a row stands right behind it.
    rows = [row for at, row in enumerate(needed) if at + 1 == len(needed) or needed[at + 1][: len(row)] != row]
    by_start = {row[:size]: at for at, row in enumerate(rows) for size in range(len(row) + 1)}
    return Prefixes(rows, [by_start[cut[:-1]] for cut in cuts])
