"""Partial credit for entities, after MUC-5 and SemEval-2013 task 9: strict, exact, partial, type."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pointline.sample import Sample
from pointline.score.along import Along
from pointline.score.items import Item, grounded_entities, placed_entities
from pointline.score.matching import plain_table
from pointline.score.tally import Confusion, Labels, Row

if TYPE_CHECKING:
    from pointline.score.tally import Array


class Partial:
    """Counts four figures a sample; the pairing of gold with answers is the best one, whatever their order.

    - strict: same offsets and type. exact: same offsets. type: same type and at least one character shared.
    - partial: same offsets count 1, any shared character counts 1/2, types aside.
    """

    figures: tuple[str, ...] = ("strict", "exact", "partial", "type")

    def __init__(self) -> None:
        self.labels = {"entities": Labels()}
        self.confusion = Confusion()

    def members(self) -> dict[str, list[str]]:
        """The per-label table counts strictly."""
        return {"strict": ["entities"]}

    def __call__(self, golds: Sequence[Sample], answers: Sequence[Sample]) -> list[Row]:
        """Count a block."""
        rows = [self._row(gold, answer) for gold, answer in zip(golds, answers, strict=True)]
        self.labels["entities"].flush()
        return rows

    def _row(self, gold: Sample, answer: Sample) -> Row:
        if gold.entities is None:
            return ((), (), (), ())
        real, made = grounded_entities(gold), placed_entities(answer)
        n, m = len(real), len(made)
        if real == made:
            self.labels["entities"].right.extend(real)
            return ((1, n, n, n),) * 4
        found = list((Counter(real) & Counter(made)).elements())
        self.labels["entities"].add(real, made, found)
        places, said = [item[1:] for item in real], [item[1:] for item in made if item[1] is not None]
        exact = (Counter(places) & Counter(said)).total()
        credits = (len(found), exact, _shared(places, said, exact), _typed(real, made))
        return tuple((1, n, m, credit) for credit in credits)

    def table(self, rows: Sequence[Row]) -> Array:
        """As remembered."""
        return plain_table(rows)


def _shared(real: list[Item], made: list[Item], exact: int) -> float:
    """Identical places first, which is never worse, then as many overlapping pairs as can be."""
    both = Counter(real) & Counter(made)
    rest, others = list((Counter(real) - both).elements()), list((Counter(made) - both).elements())
    return exact + matched(rest, others) / 2


def _typed(real: list[Item], made: list[Item]) -> int:
    sides: tuple[dict[str, list[Item]], dict[str, list[Item]]] = (defaultdict(list), defaultdict(list))
    for side, items in zip(sides, (real, made), strict=True):
        for item in items:
            if item[1] is not None:
                side[item[0]].append(item[1:])
    return sum(matched(places, sides[1][kind]) for kind, places in sides[0].items() if kind in sides[1])


def overlaps(a: Item, b: Item) -> bool:
    """True where two places share a character.

    >>> overlaps((0, 3), (2, 5)), overlaps((0, 3), (3, 5)), overlaps(((0, 1), (4, 5)), (2, 3))
    (True, False, False)
    """
    return any(s < f and t < e for s, e in _fragments(a) for t, f in _fragments(b))


def matched(real: Sequence[Item], made: Sequence[Item]) -> int:
    """The most pairs of overlapping places in which each stands once (augmenting paths, breadth first).

    >>> matched([(0, 2), (3, 5)], [(1, 4), (4, 6)])
    2
    """
    seats = Seats(_neighbours(real, made))
    return sum(seats.find(i) for i in range(len(real)))


class Seats:
    """A growing one-to-one matching: `beside` holds for each real place the made ones it may take."""

    def __init__(self, beside: list[list[int]]) -> None:
        self._beside = beside
        self._owner: dict[int, int] = {}
        self._seat: dict[int, int] = {}

    def find(self, first: int) -> bool:
        """Find a partner for one more, moving others to their next choice where that makes room."""
        came_from: dict[int, int] = {}
        waiting = deque([first])
        while waiting:
            i = waiting.popleft()
            for j in self._beside[i]:
                if j not in came_from:
                    came_from[j] = i
                    if j not in self._owner:
                        self._move(j, first, came_from)
                        return True
                    waiting.append(self._owner[j])
        return False

    def _move(self, j: int, first: int, came_from: dict[int, int]) -> None:
        while True:
            i = came_from[j]
            left = self._seat.get(i, -1)
            self._owner[j], self._seat[i] = i, j
            if i == first:
                return
            j = left


def _neighbours(real: Sequence[Item], made: Sequence[Item]) -> list[list[int]]:
    """For each real place the made ones that overlap it."""
    along = Along([_hull(place) for place in made])
    return [[j for j in along.near(_hull(place)) if overlaps(place, made[j])] for place in real]


def _hull(place: Item) -> tuple[int, int]:
    return _fragments(place)[0][0], _fragments(place)[-1][1]


def _fragments(place: Item) -> Item:
    return place if isinstance(place[0], tuple) else (place,)
