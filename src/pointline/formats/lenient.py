"""Reading damaged points: wrong marks, names in another form, unknown names, an end that is missing or too long."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from pointline.formats.cut import ABSENT, BROKEN, EMPTY, SLIGHT, UNKNOWN, Item, Mark, Names, cut_marks
from pointline.formats.problems import (
    EMPTY_SLOT,
    TEXT_AFTER,
    TEXT_BEFORE,
    TRUNCATED,
    TYPE_NORMALISED,
    UNREADABLE,
    WRONG_MARKS,
)
from pointline.text.normalize import fold_name

MARK = re.compile("[:：;；]")
PIECE = re.compile("[:：]+")
LOST = 300
"""The cost of leaving a part that may say something."""
LONG = 80
"""No name is longer than this many characters, where it is not known."""


class Loose(NamedTuple):
    """What a damaged block says, what it cost, and what was wrong."""

    items: list[Item]
    cost: int
    problems: list[str]


class Folds:
    """Names found by their folded form, where it belongs to one name only."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self._by_fold: dict[str, str | None] = {}
        for name in names.all:
            key = fold_name(name)
            self._by_fold[key] = None if key in self._by_fold else name

    def find(self, said: str) -> str | None:
        """The known name that was meant, or None."""
        return said if said in self.names.plain else self._by_fold.get(fold_name(said))


def loose_points(block: str, folds: Folds, text: str) -> Loose:
    """Read `:type;entity` items with any of `: ; ：；` as marks, unknown types kept, the end cut where it must be.

    >>> loose_points("per；Bob:Foo;Ann:LO", Folds(Names(["PER", "LOC"], False)), "Bob met Ann").items
    [('PER', 'Bob'), ('Foo', 'Ann')]
    """
    ways = [_loose_points(end, folds, text, cost, problems) for end, cost, problems in _ends(block, folds)]
    return min(ways, key=lambda way: way.cost)


def _loose_points(block: str, folds: Folds, text: str, cost: int, problems: list[str]) -> Loose:
    marks = list(_loose_marks(block, folds))
    if not marks:
        return Loose([], BROKEN * (1 + len(MARK.findall(block))), [UNREADABLE])
    before = block[: marks[0].at]
    cut = cut_marks(block, marks, text)
    problems = list(problems)
    cost += cut.cost
    if before.strip():
        cost += BROKEN
        problems.append(TEXT_BEFORE)
    said = {block[m.at + 1 : m.after - 1] for m in marks if 0 < m.cost < UNKNOWN}
    if said:
        problems.append(TYPE_NORMALISED if any(s not in folds.names.plain for s in said) else WRONG_MARKS)
    items = [(name, entity.strip() if entity not in text else entity) for name, entity in cut.items]
    if any(not entity for _, entity in items):
        problems.append(EMPTY_SLOT)
    return Loose([item for item in items if item[1]], cost, problems)


def _loose_marks(block: str, folds: Folds) -> Iterator[Mark]:
    places = [m.start() for m in MARK.finditer(block)]
    if places and places[0] > 0 and (name := folds.find(block[: places[0]])):
        yield Mark(-1, places[0] + 1, name, SLIGHT)
    for at, after in itertools.pairwise(places):
        said = block[at + 1 : after]
        proper = block[at] == ":" and block[after] == ";"
        name = folds.find(said)
        if name is not None:
            yield Mark(at, after + 1, name, 0 if proper and name == said else SLIGHT)
        elif proper and said.strip() and len(said) <= LONG and "\n" not in said:
            yield Mark(at, after + 1, said.strip(), UNKNOWN)


def _ends(block: str, folds: Folds) -> Iterator[tuple[str, int, list[str]]]:
    """The block as it is, without a mark that was cut off, and up to the end of its first lines; each with its cost.

    What is left behind costs little where it holds no known name between marks.
    """
    yield block, 0, []
    last = max(block.rfind(":"), block.rfind("："))
    tail = block[last + 1 :].rstrip(";；")
    if last > 0 and any(name.startswith(tail) for name in folds.names.all):
        yield block[:last], SLIGHT, [TRUNCATED]
    line = block.find("\n")
    for _ in range(3):
        if line < 0:
            return
        after = block[line:]
        cost = LOST if folds.names.marks(after, ":") or folds.names.marks(after, ";") else SLIGHT
        yield block[:line], cost, [TEXT_AFTER] if after.strip() else []
        line = block.find("\n", line + 1)


def loose_frames(block: str, folds: Folds, text: str, width: int) -> Loose:
    """Read `:a;b;c:` items (3 or 4 slots, the name second) from pieces between colons, whatever the marks.

    >>> names = Names(["likes"], False)
    >>> loose_frames("Ann;likes;Bo::Bo;Likes;An", Folds(names), "Ann and Bo", 3)[::2]
    ([('Ann', 'likes', 'Bo'), ('Bo', 'likes', 'An')], ['wrong_marks', 'type_normalised', 'truncated'])
    """
    line, newline, after = block.partition("\n")
    ways = [_frames(_pieces(block), folds, text, width), _frames(_by_colons(block, width), folds, text, width)]
    if newline:
        way = _frames(_pieces(line), folds, text, width)
        problems = [*way.problems, TEXT_AFTER] if after.strip() else way.problems
        cost = LOST if folds.names.marks(after, ":") or folds.names.marks(after, ";") else SLIGHT
        ways.append(Loose(way.items, way.cost + cost, problems))
    best = min(ways, key=lambda way: way.cost)
    if best.items and not block.rstrip().endswith((":", "：")):
        best.problems.append(TRUNCATED)
    return best


def _pieces(block: str) -> list[list[str]]:
    return [re.split("[;；]", piece) for piece in PIECE.split(block) if piece.strip()]


def _by_colons(block: str, width: int) -> list[list[str]]:
    """Items whose slots are divided by colons, as one figure prints them."""
    if ";" in block or "；" in block:
        return []
    slots = re.split("[:：]", block.strip())[1:-1]
    return [slots[i : i + width] for i in range(0, len(slots), width + 1)]


def _frames(rows: list[list[str]], folds: Folds, text: str, width: int) -> Loose:
    items: list[Item] = []
    problems: dict[str, None] = {WRONG_MARKS: None}
    cost = SLIGHT
    for row in rows:
        slots = [slot if slot in text else slot.strip() for slot in row]
        name = folds.find(slots[1]) if len(slots) > 1 else None
        if len(slots) < 3 or len(slots) > width or (width == 3 and not (slots[0] and slots[2])):
            cost += EMPTY if len(slots) == width else BROKEN
            problems[EMPTY_SLOT if len(slots) == width else UNREADABLE] = None
            continue
        slots += [""] * (width - len(slots))
        cost += sum(ABSENT for i, slot in enumerate(slots) if i != 1 and slot and slot not in text)
        cost += 0 if name == slots[1] else SLIGHT if name is not None else UNKNOWN
        if name is not None and name != slots[1]:
            problems[TYPE_NORMALISED] = None
        if not (name or slots[1]):
            problems[EMPTY_SLOT] = None
            continue
        items.append((slots[0], name or slots[1], *slots[2:]))
    if not items:
        return Loose([], cost + BROKEN, [UNREADABLE])
    return Loose(items, cost, list(problems))
