"""Counting: what is remembered of samples, as unique rows and how often each occurred, so that memory stays flat.

A row holds counts, one entry for each facet or figure, () where it is not scored. Sums, intervals and tests need
nothing else of a sample, and a million samples have a few hundred different rows.
Everything is buffered and counted in bulk, which is several times cheaper than counting one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from pointline.score.items import Item

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]
    Counted: TypeAlias = tuple[Array, Array]

Row: TypeAlias = tuple[Any, ...]
Group: TypeAlias = tuple[str | None, str | None]

WIDTH = 4
# Small, so that what is counted is still in the processor's cache: with thousands it takes twice as long.
BUFFERED = 64

_label = itemgetter(0)


class Labels:
    """Counts per label, the first element of an item: gold, predicted, hits. `right` buffers what both sides have.

    >>> table = Labels()
    >>> table.add([("A", "x"), ("B", "y")], [("A", "x")], [("A", "x")])
    >>> table.right.append(("A", "z"))
    >>> table.rows()
    [('A', 2, 2, 2), ('B', 1, 0, 0)]
    """

    def __init__(self) -> None:
        self.right: list[Item] = []
        self._sides: tuple[list[Item], list[Item], list[Item]] = ([], [], [])
        self._counts: tuple[Counter[str], Counter[str], Counter[str]] = (Counter(), Counter(), Counter())
        self._right: Counter[str] = Counter()

    def add(self, gold: Iterable[Item], predicted: Iterable[Item], hits: Iterable[Item]) -> None:
        """Count the items of one sample."""
        sides = self._sides
        sides[0].extend(gold)
        sides[1].extend(predicted)
        sides[2].extend(hits)

    def rows(self) -> list[tuple[str, int, int, int]]:
        """(label, gold, predicted, hits) for every label seen on either side, by name."""
        self.flush(0)
        gold, predicted, hits = (count + self._right for count in self._counts)
        return [(name, gold[name], predicted[name], hits[name]) for name in sorted(gold | predicted)]

    def flush(self, above: int = BUFFERED) -> None:
        """Count what is buffered, if it is more than `above`; to be called once in a while."""
        for buffer, count in zip((self.right, *self._sides), (self._right, *self._counts), strict=True):
            if len(buffer) > above:
                count.update(map(_label, buffer))
                buffer.clear()


class Confusion:
    """Gold text label against predicted text label, where they differ.

    Of several labels each missed one is paired with each spurious one, and with None where the other side has
    nothing left.

    >>> table = Confusion()
    >>> table.add({("a",), ("b",)}, {("a",), ("c",)})
    >>> table.rows([("a", 1)])
    [('a', 'a', 1), ('b', 'c', 1)]
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str | None, str | None]] = Counter()

    def add(self, gold: set[Item], predicted: set[Item]) -> None:
        """Count one sample whose label sets differ."""
        for (missed,) in gold - predicted or ((None,),):
            for (spurious,) in predicted - gold or ((None,),):
                self._counts[missed, spurious] += 1

    def rows(self, hits: Iterable[tuple[str, int]]) -> list[tuple[str | None, str | None, int]]:
        """(gold, predicted, n), the most frequent first, then by name; `hits` are the counts of the diagonal."""
        counted = [(gold, predicted, n) for (gold, predicted), n in self._counts.items()]
        counted += [(label, label, n) for label, n in hits if n]
        return sorted(counted, key=lambda row: (-row[2], row[0] or "", row[1] or ""))


class Rows:
    """Unique rows of a file, each with its group (language, source) and how often it occurred."""

    def __init__(self) -> None:
        self._counts: dict[Group, Counter[Row]] = {}

    def add(self, groups: Sequence[Group], rows: Iterable[Row]) -> None:
        """Count the rows of some samples, each with its group."""
        if groups and groups.count(groups[0]) == len(groups):
            self._counts.setdefault(groups[0], Counter()).update(rows)
            return
        for group, row in zip(groups, rows, strict=True):
            self._counts.setdefault(group, Counter())[row] += 1

    def groups(self, axis: int) -> list[str | None]:
        """The languages (axis 0) or sources (axis 1) seen, by name, None last."""
        return sorted({group[axis] for group in self._counts}, key=lambda name: (name is None, name or ""))

    def arrays(self, table: Callable[[list[Row]], Array], where: tuple[int, str | None] | None = None) -> Counted:
        """Counts (U, K) in a fixed order and their multiplicities (U,), of all samples or of one group (axis, name)."""
        import numpy as np

        merged: Counter[Row] = Counter()
        for group, counts in self._counts.items():
            if where is None or group[where[0]] == where[1]:
                merged.update(counts)
        ordered = sorted(merged, key=repr)
        return table(ordered), np.array([merged[row] for row in ordered], dtype=np.float64)
