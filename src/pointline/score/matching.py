"""Matching a prediction with its gold: facets (kinds of items) summed into the figures of a protocol."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import NamedTuple

from pointline.sample import Sample
from pointline.schema import Level
from pointline.score.items import Item
from pointline.score.tally import SKIPPED, Confusion, Labels, Row

MISSING = Sample("", "")


class Facet(NamedTuple):
    """One kind of item: which figure it counts for, which field of the gold must be annotated, how it is read."""

    name: str
    figure: str
    level: Level
    items: Callable[[Sample], list[Item]]


class Matcher:
    """Counts hits facet by facet; one object serves one pass over a file.

    `whole` names a figure that asks for all facets at once, per sample ("ALL" of the papers).
    """

    def __init__(self, facets: tuple[Facet, ...], *, multiset: bool = False, whole: str | None = None) -> None:
        self._given = facets
        self.figures = tuple(dict.fromkeys(facet.figure for facet in facets)) + ((whole,) if whole else ())
        self.labels = {facet.name: Labels() for facet in facets}
        self.confusion = Confusion()
        self._facets = tuple((f.level, f.items, self.figures.index(f.figure), self.labels[f.name]) for f in facets)
        self._match = match_multisets if multiset else match_sets
        self._width = len(self.figures) - bool(whole)
        self._whole = bool(whole)

    def __call__(self, gold: Sample, answer: Sample) -> Row:
        """Count one sample; a level that gold does not annotate is not scored, an answer's null is empty."""
        counts: list[tuple[int, int, int] | None] = [None] * self._width
        for level, items, figure, labels in self._facets:
            if getattr(gold, level) is None:
                continue
            real, made = items(gold), items(answer)
            found = self._match(real, made)
            if level == "labels":
                self.confusion.add(set(gold.labels or ()), set(answer.labels or ()))
            labels.add([i[0] for i in real], [i[0] for i in made], [i[0] for i in found])
            old = counts[figure] or (0, 0, 0)
            counts[figure] = (old[0] + len(real), old[1] + len(made), old[2] + len(found))
        return self._row(counts)

    def members(self) -> dict[str, list[str]]:
        """The facets behind each figure; the whole has none."""
        return {figure: [f.name for f in self._given if f.figure == figure] for figure in self.figures}

    def _row(self, counts: list[tuple[int, int, int] | None]) -> Row:
        row: Row = ()
        for count in counts:
            row += SKIPPED if count is None else (1, *count)
        return row + _whole(counts) if self._whole else row


def match_sets(real: list[Item], made: list[Item]) -> Collection[Item]:
    """Items on both sides; repeats are dropped from both lists."""
    if len(real) > 1:
        real[:] = dict.fromkeys(real)
    if len(made) > 1:
        made[:] = dict.fromkeys(made)
    if real == made:
        return real
    here = set(real)
    return [item for item in made if item in here]


def match_multisets(real: list[Item], made: list[Item]) -> Collection[Item]:
    """Items on both sides, a repeat as often as the rarer side has it."""
    if real == made:
        return real
    return list((Counter(real) & Counter(made)).elements())


def _whole(counts: list[tuple[int, int, int] | None]) -> Row:
    """One item a sample that has every figure: real = 1, generated = anything said, hit = all items equal.

    A sample whose gold is empty everywhere is hit by saying nothing, and then counts as generated.
    """
    gold = predicted = wrong = 0
    for count in counts:
        if count is None:
            return SKIPPED
        gold, predicted = gold + count[0], predicted + count[1]
        wrong += count[0] + count[1] - 2 * count[2]
    hit = not wrong
    return (1, 1, int(predicted > 0 or hit), int(hit))
