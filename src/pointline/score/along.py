"""Finding what lies near a place in a text, without looking at everything."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TypeAlias

Hull: TypeAlias = tuple[int, int] | None


class Along:
    """Stretches (start, end) of a text, ordered by where they begin; None lies anywhere.

    >>> Along([(8, 9), (0, 3), None]).near((2, 4))
    [2, 1]
    """

    def __init__(self, hulls: Sequence[Hull]) -> None:
        known = sorted((hull, i) for i, hull in enumerate(hulls) if hull is not None)
        self._anywhere = [i for i, hull in enumerate(hulls) if hull is None]
        self._order = [i for _, i in known]
        self._starts = [hull[0] for hull, _ in known]
        self._longest = max((hull[1] - hull[0] for hull, _ in known), default=0)

    def near(self, hull: Hull) -> list[int]:
        """The places in the list of all stretches that may share a character with this one, and some that do not."""
        if hull is None:
            return sorted(self._anywhere + self._order)
        first = bisect_left(self._starts, hull[0] - self._longest)
        return self._anywhere + self._order[first : bisect_left(self._starts, hull[1])]
