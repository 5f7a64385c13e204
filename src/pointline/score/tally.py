"""Counting: per-sample counts kept as unique rows with how often each occurred, so memory stays flat.

A row holds, for each figure of a protocol, four numbers: scored (0 or 1), gold, predicted, hits.
Sums, intervals and tests need nothing else of a sample; the rows of a million samples are a few hundred.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[np.float64]

Row: TypeAlias = tuple[float, ...]
Group: TypeAlias = tuple[str | None, str | None]

WIDTH = 4
SKIPPED: Row = (0, 0, 0, 0)
BATCH = 1 << 14


class Labels:
    """Counts per label: gold, predicted, hits; buffered, because counting in bulk is several times cheaper.

    >>> table = Labels()
    >>> table.add(["A", "B"], ["A"], ["A"])
    >>> table.rows()
    [('A', 1, 1, 1), ('B', 1, 0, 0)]
    """

    def __init__(self) -> None:
        self._buffers: tuple[list[str], list[str], list[str]] = ([], [], [])
        self._counts: tuple[Counter[str], Counter[str], Counter[str]] = (Counter(), Counter(), Counter())

    def add(self, gold: list[str], predicted: list[str], hits: list[str]) -> None:
        """Count the labels of one sample's items."""
        buffers = self._buffers
        buffers[0].extend(gold)
        buffers[1].extend(predicted)
        buffers[2].extend(hits)
        if len(buffers[0]) + len(buffers[1]) > BATCH:
            self._flush()

    def rows(self) -> list[tuple[str, int, int, int]]:
        """(label, gold, predicted, hits) for every label seen on either side, by name."""
        self._flush()
        gold, predicted, hits = self._counts
        return [(name, gold[name], predicted[name], hits[name]) for name in sorted(gold | predicted)]

    def _flush(self) -> None:
        for buffer, count in zip(self._buffers, self._counts, strict=True):
            count.update(buffer)
            buffer.clear()


class Confusion:
    """Gold text label against predicted text label.

    A single label gives the usual matrix. Of several, those on both sides stand on the diagonal; each missed one is
    paired with each spurious one, and with None where the other side has nothing left.

    >>> table = Confusion()
    >>> table.add({"a", "b"}, {"a", "c"})
    >>> table.rows()
    [('a', 'a', 1), ('b', 'c', 1)]
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str | None, str | None]] = Counter()

    def add(self, gold: set[str], predicted: set[str]) -> None:
        """Count one sample's label sets."""
        if gold == predicted:
            for label in gold:
                self._counts[label, label] += 1
            return
        for label in gold & predicted:
            self._counts[label, label] += 1
        for missed in gold - predicted or (None,):
            for spurious in predicted - gold or (None,):
                self._counts[missed, spurious] += 1

    def rows(self) -> list[tuple[str | None, str | None, int]]:
        """(gold, predicted, n), the most frequent first, then by name."""
        counted = ((gold, predicted, n) for (gold, predicted), n in self._counts.items())
        return sorted(counted, key=lambda row: (-row[2], row[0] or "", row[1] or ""))


class Rows:
    """Unique count rows of a file, each with its group (language, source) and how often it occurred."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[Group, Row]] = Counter()

    def add(self, group: Group, row: Row) -> None:
        """Count one sample's row."""
        self.counts[group, row] += 1

    def groups(self, axis: int) -> list[str]:
        """The languages (axis 0) or sources (axis 1) seen, by name."""
        return sorted({name for group, _ in self.counts if (name := group[axis]) is not None})

    def arrays(self, axis: int | None = None, name: str | None = None) -> tuple[Array, Array]:
        """Unique rows (U, K) in sorted order and their multiplicities (U,), of all samples or of one group."""
        import numpy as np

        merged: Counter[Row] = Counter()
        for (group, row), times in self.counts.items():
            if axis is None or group[axis] == name:
                merged[row] += times
        ordered = sorted(merged)
        rows = np.array(ordered, dtype=np.float64).reshape(len(ordered), -1)
        return rows, np.array([merged[row] for row in ordered], dtype=np.float64)
