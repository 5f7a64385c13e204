"""A share with its interval: so many of so many were right."""

from __future__ import annotations

import math
from typing import NamedTuple


class Share(NamedTuple):
    """A share and the bounds of its 95 % interval, all in per cent."""

    value: float
    low: float
    high: float
    n: int


def wilson(right: int, of: int) -> Share | None:
    """Wilson's score interval of a share at 95 %; None where nothing was counted.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    >>> [round(x, 2) for x in wilson(98, 100)]
    [98.0, 93.0, 99.45, 100]
    """
    if of <= 0:
        return None
    z = 1.959963984540054
    share = right / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return Share(100 * share, 100 * max(0.0, middle - half), 100 * min(1.0, middle + half), of)
