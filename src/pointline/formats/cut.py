"""Cutting an output's points at the right marks: a search that knows the names and the text.

`:type;entity:type;entity`, `:head;relation;tail:` and `:subject;event;object;time:` are ambiguous as soon as a mark
stands inside a name (`10:30`, `Pi:Co`). Every way to cut is weighed: more items with known names beat fewer, then
what stands in the text beats what does not. A substring of the text has only substrings of the text as beginnings,
so a candidate that left the text ends its row; the search is dynamic programming from right to left with a bounded
number of steps.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, TypeAlias

Item: TypeAlias = tuple[str, ...]
"""(type, entity), (head, relation, tail) or (subject, event, object, time); an empty slot is ''."""

SLIGHT, UNKNOWN, ABSENT, EMPTY, BROKEN = 1, 5, 10, 35, 1000
"""What a reading costs: a wrong mark or a name in another form; a name outside the inventory; a span that is not in
the text; an empty slot that must be full; a part that cannot be read, or a label that nobody knows. What is well
formed and not in the text is more likely than what is in the text and malformed."""
GAIN = 30
"""What an item with a known name is worth: more items beat fewer spans that are not in the text."""
REACH = 64
"""How many marks one span may hold."""
STEPS = 20_000


class Cut(NamedTuple):
    """How a block was cut: the items and what it cost (0 = clean)."""

    items: list[Item]
    cost: int


class Mark(NamedTuple):
    """A name between its marks: `block[at:after]` is `:name;` (points) or `;name;` (triples, events)."""

    at: int
    after: int
    name: str
    cost: int


class Names:
    """The names of one level: which marks of a block are known.

    >>> Names(["LOC", "a;b"], open=False).marks(":LOC;x:a;b;y:no;z", ":")
    [Mark(at=0, after=5, name='LOC', cost=0), Mark(at=6, after=11, name='a;b', cost=0)]
    """

    def __init__(self, names: Iterable[str], open: bool) -> None:
        self.all = tuple(names)
        self.open = open
        self.plain = frozenset(n for n in self.all if ":" not in n and ";" not in n)
        self.odd = tuple(n for n in self.all if n not in self.plain)

    def marks(self, block: str, opening: str) -> list[Mark]:
        """Every place where a name stands between `opening` and `;`, left to right."""
        found: list[Mark] = []
        at = block.find(opening)
        while at >= 0:
            end = block.find(";", at + 1)
            if end > at + 1 and (name := block[at + 1 : end]) in self.plain:
                found.append(Mark(at, end + 1, name, 0))
            elif self.open and end > at + 1 and ":" not in name:
                found.append(Mark(at, end + 1, name, UNKNOWN))
            for odd in self.odd:
                if block.startswith(odd + ";", at + 1):
                    found.append(Mark(at, at + len(odd) + 2, odd, 0))
            at = block.find(opening, at + 1)
        return found


def cut_points(block: str, names: Names, text: str) -> Cut | None:
    """Cut `:type;entity:type;entity`; None where the block does not begin with a known mark.

    >>> cut_points(":TIME;10:30:LOC;Pi:Co", Names(["TIME", "LOC"], False), "10:30 at Pi:Co").items
    [('TIME', '10:30'), ('LOC', 'Pi:Co')]
    """
    marks = names.marks(block, ":")
    return cut_marks(block, marks, text) if marks and marks[0].at == 0 else None


def cut_marks(block: str, marks: list[Mark], text: str) -> Cut:
    """The best choice among `marks` (at least one), the first of them always taken."""
    ways = _Ways(len(block), len(text))
    for i in range(len(marks) - 1, -1, -1):
        mark = marks[i]
        ends = [m.at for m in marks[i + 1 : i + 1 + REACH] if m.at >= mark.after]
        for end, cost in ways.spans(block, mark.after, [*dict.fromkeys(ends), len(block)], text):
            ways.offer(mark.at, end, (mark.name, block[mark.after : end]), mark.cost + cost, mark.cost < UNKNOWN)
    return ways.best(marks[0].at)


def cut_triples(block: str, names: Names, text: str) -> Cut | None:
    """Cut `:head;relation;tail:` each; None where no known relation is found.

    >>> cut_triples(":Ann;likes;Pi:Co::Bo;likes;Ann:", Names(["likes"], False), "Ann, Bo, Pi:Co").items
    [('Ann', 'likes', 'Pi:Co'), ('Bo', 'likes', 'Ann')]
    """

    def tails(after: int, ways: _Ways, terminators: list[int]) -> Iterator[tuple[int, Item, int]]:
        for end, cost in ways.spans(block, after, _from(terminators, after), text):
            yield end, (block[after:end],), cost

    return _cut_framed(block, names, text, tails)


def cut_events(block: str, names: Names, text: str) -> Cut | None:
    """Cut `:subject;event;object;time:` each; None where no known event is found.

    >>> cut_events(":;Win;the cup;1990:", Names(["Win"], False), "1990 the cup").items
    [('', 'Win', 'the cup', '1990')]
    """
    semicolons = [m.start() for m in re.finditer(";", block)]

    def tails(after: int, ways: _Ways, terminators: list[int]) -> Iterator[tuple[int, Item, int]]:
        for middle, cost in ways.spans(block, after, _from(semicolons, after), text, optional=True):
            for end, more in ways.spans(block, middle + 1, _from(terminators, middle + 1), text, optional=True):
                yield end, (block[after:middle], block[middle + 1 : end]), cost + more

    return _cut_framed(block, names, text, tails, optional=True)


_Tails: TypeAlias = "Callable[[int, _Ways, list[int]], Iterator[tuple[int, Item, int]]]"


def _cut_framed(block: str, names: Names, text: str, tails: _Tails, *, optional: bool = False) -> Cut | None:
    marks = names.marks(block, ";")
    if not marks or block[0] != ":":
        return None
    terminators = [m.start() for m in re.finditer(r":(?=:|\Z)", block)][block.startswith("::") :]
    by_place: dict[int, list[Mark]] = {}
    for mark in marks:
        by_place.setdefault(mark.at, []).append(mark)
    places = list(by_place)
    starts = [0, *(t + 1 for t in terminators if t + 1 < len(block))]
    ways = _Ways(len(block), len(text))
    for start in reversed(dict.fromkeys(starts)):
        first = bisect.bisect_right(places, start)
        for at, cost in ways.spans(block, start + 1, places[first : first + REACH], text, optional=optional):
            for mark in by_place[at]:
                for end, tail, more in tails(mark.after, ways, terminators):
                    item = (block[start + 1 : at], mark.name, *tail)
                    ways.offer(start, end + 1, item, cost + mark.cost + more, mark.cost < UNKNOWN)
    return ways.best(0) if ways.reached(0) else None


def _from(places: list[int], start: int) -> list[int]:
    first = bisect.bisect_left(places, start)
    return places[first : first + REACH]


class _Ways:
    """The best way to read the block from each start on, filled from right to left."""

    def __init__(self, length: int, text_length: int) -> None:
        self._best: dict[int, tuple[int, int, int, Item | None]] = {length: (0, 0, length, None)}
        """start -> (rank, cost, end of the first item, the item)"""
        self._steps = STEPS if text_length < 1000 else STEPS * 1000 // text_length

    def offer(self, start: int, end: int, item: Item, cost: int, known: bool) -> None:
        """An item from `start` to `end`: kept where it is better than what is known from `start`."""
        rest = self._best.get(end)
        if rest is None:
            return
        rank = rest[0] + cost - (GAIN if known else 0)
        kept = self._best.get(start)
        if kept is None or rank < kept[0]:
            self._best[start] = (rank, rest[1] + cost, end, item)

    def spans(
        self, block: str, start: int, ends: list[int], text: str, *, optional: bool = False
    ) -> Iterator[tuple[int, int]]:
        """Where a span that begins at `start` may end, with its cost, up to the first one that left the text."""
        for end in ends:
            self._steps -= 1
            if end == start:
                yield end, 0 if optional else EMPTY
            elif block[start:end] in text:
                yield end, 0
            else:
                yield end, ABSENT
                return
            if self._steps < 0:
                return

    def reached(self, start: int) -> bool:
        """True where some way leads from `start` to the end."""
        return start in self._best

    def best(self, start: int) -> Cut:
        """The best way from `start`, which must be reached."""
        _, cost, _, item = self._best[start]
        items: list[Item] = []
        at = start
        while item is not None:
            items.append(item)
            at = self._best[at][2]
            item = self._best[at][3]
        return Cut(items, cost)
