"""Matching a prediction with its gold: facets (kinds of items), whose counts sum up to the figures of a protocol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from pointline.sample import Sample
from pointline.schema import Level
from pointline.score.items import Item
from pointline.score.tally import WIDTH, Confusion, Labels, Row

if TYPE_CHECKING:
    from pointline.score.tally import Array


class Facet(NamedTuple):
    """One kind of item: the field that gold must annotate, how items are read, which figures they count for.

    `name` is the facet's name in the per-label table. `gold_items` reads gold where that differs: it may raise
    Refusal, or give None where this facet is not scored for this sample.
    """

    name: str
    level: Level
    items: Callable[[Sample], list[Item]]
    figures: tuple[str, ...]
    gold_items: Callable[[Sample], list[Item] | None] | None = None


class Matcher(Protocol):
    """Counts one block of samples after the other; one object serves one pass over a file."""

    figures: tuple[str, ...]
    labels: dict[str, Labels]
    confusion: Confusion

    def __call__(self, golds: Sequence[Sample], answers: Sequence[Sample]) -> list[Row]:
        """What is to be remembered of each sample; raises Refusal where the protocol cannot hold one."""

    def table(self, rows: Sequence[Row]) -> Array:
        """Remembered rows as counts (U, 4 per figure): scored, gold, predicted, hits."""

    def members(self) -> dict[str, list[str]]:
        """The facets behind each figure."""


class Facets:
    """Matches facet by facet, as sets (a repeat counts once) or as multisets.

    Of a sample it remembers, per facet, how many items gold has, the answer has, and both have: three numbers, or one
    where they are the same, or () where the facet is not scored. `whole` names a figure that asks for TL and WL at
    once, per sample ("ALL" of the papers): real = 1, hit = all items equal, generated = anything was said. A sample
    whose gold is empty everywhere is hit by saying nothing, and then counts as generated.
    """

    def __init__(self, facets: tuple[Facet, ...], *, multiset: bool = False, whole: str | None = None) -> None:
        self._names = tuple(dict.fromkeys(name for facet in facets for name in facet.figures))
        self.figures = (*self._names, whole) if whole else self._names
        self.labels = {facet.name: Labels() for facet in facets}
        self.confusion = Confusion()
        self._facets, self._multiset, self._whole = facets, multiset, whole

    def members(self) -> dict[str, list[str]]:
        """The facets behind each figure; the whole has none."""
        return {name: [f.name for f in self._facets if name in f.figures] for name in self.figures}

    def __call__(self, golds: Sequence[Sample], answers: Sequence[Sample]) -> list[Row]:
        """Count a block; a level that gold does not annotate is not scored, an answer's null is empty."""
        return list(zip(*(self._column(facet, golds, answers) for facet in self._facets), strict=True))

    def _column(self, facet: Facet, golds: Sequence[Sample], answers: Sequence[Sample]) -> list[Row | int]:
        annotated = attrgetter(facet.level)
        here, there = list(map(annotated, golds)), list(map(annotated, answers))
        if here.count(None) == len(here):
            return [()] * len(here)
        items, gold_items, labels = facet.items, facet.gold_items or facet.items, self.labels[facet.name]
        multiset, add_right, column = self._multiset, labels.right.extend, list[Row | int]()
        for gold, answer, asked, said in zip(golds, answers, here, there, strict=True):
            if asked is None or (real := gold_items(gold)) is None:
                column.append(())
                continue
            # Annotations that are equal as they stand need to be read only once.
            made = real if asked == said else items(answer)
            n = len(real)
            if real == made and (n < 2 or multiset or len(set(real)) == n):
                add_right(real)
                column.append(n)
            else:
                column.append(self._differing(real, made, labels))
        labels.flush()
        return column

    def table(self, rows: Sequence[Row]) -> Array:
        """Counts (U, 4 per figure): a figure is scored where one of its facets is."""
        import numpy as np

        counts = np.array([[_spelled(count) for count in row] for row in rows], dtype=np.float64)
        out = []
        for name in self._names:
            part = counts[:, [name in facet.figures for facet in self._facets]]
            out.append(np.column_stack([part[:, :, 0].any(axis=1), part[:, :, 1:].sum(axis=1)]))
        if self._whole:
            tl, wl = (out[self._names.index(name)] for name in ("TL", "WL"))
            both = tl[:, 0] * wl[:, 0]
            _, gold, said, hits = (tl + wl).T
            right = (gold + said == 2 * hits) * both
            out.append(np.column_stack([both, both, np.maximum((said > 0) * both, right), right]))
        return np.hstack(out)

    def _differing(self, real: list[Item], made: list[Item], labels: Labels) -> Row:
        here, there = set(real), set(made)
        if not self._multiset or (len(here) == len(real) and len(there) == len(made)):
            found: Collection[Item] = here & there
            labels.add(here, there, found)
            counts = (len(here), len(there), len(found))
        else:
            found = list((Counter(real) & Counter(made)).elements())
            labels.add(real, made, found)
            counts = (len(real), len(made), len(found))
        if labels is self.labels.get("labels") and here != there:
            self.confusion.add(here, there)
        return counts


def _spelled(count: Row | int) -> Row:
    if isinstance(count, int):
        return (1, count, count, count)
    return (1, *count) if count else (0, 0, 0, 0)


def plain_table(rows: Sequence[Row]) -> Array:
    """The table of a matcher that remembers the counts of its figures themselves.

    >>> plain_table([((1, 2, 2, 1), (1, 1, 0, 0)), ((), (1, 1, 1, 1))]).tolist()
    [[1.0, 2.0, 2.0, 1.0, 1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]]
    """
    import numpy as np

    return np.array([[n for figure in row for n in figure or (0,) * WIDTH] for row in rows], dtype=np.float64)
