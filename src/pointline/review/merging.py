"""Two people's changes of one sample made one: what does not touch is joined, what does is shown, never overwritten."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec

from pointline.review.item import content
from pointline.sample import AnySpan, Entity, Event, Relation, Sample, span_key

T = TypeVar("T")
Touch: TypeAlias = Callable[[Any, Any], bool]
Change: TypeAlias = tuple[bool, int, Any]
"""Whether it is mine, -1 for a piece taken away and +1 for one added, the piece."""


class Conflict(msgspec.Struct, frozen=True):
    """A place that two people changed differently: the field, and what each put there.

    For entities, relations and events both are lists: my way is theirs without `theirs` and with `mine`.
    """

    field: str
    theirs: Any
    mine: Any


class Merged(NamedTuple):
    """The joined sample - where there are conflicts, theirs stands - and the conflicts."""

    sample: Sample
    conflicts: list[Conflict]


def merge(base: Sample, theirs: Sample, mine: Sample) -> Merged:
    """Join two samples that were both made from `base`.

    Labels and text are one field each, entities, relations and events one field a piece: pieces conflict where they
    touch the same characters.

    >>> base = Sample("1", "play jazz now", labels=["a"], entities=[])
    >>> one = Sample("1", "play jazz now", labels=["b"], entities=[])
    >>> two = Sample("1", "play jazz now", labels=["a"], entities=[Entity("genre", "jazz", 5, 9)])
    >>> joined = merge(base, one, two)
    >>> joined.sample.labels, len(joined.sample.entities), joined.conflicts
    (['b'], 1, [])
    """
    if theirs.text != mine.text:
        return _texts(base, theirs, mine)
    conflicts: list[Conflict] = []
    labels = _field("labels", [base.labels, theirs.labels, mine.labels], conflicts)
    made: dict[str, Any] = {}
    for field, touch in (("entities", _spans_touch), ("relations", _relations_touch), ("events", _events_touch)):
        sides = [getattr(sample, field) for sample in (base, theirs, mine)]
        if any(side is None for side in sides):
            made[field] = _field(field, sides, conflicts)
        else:
            made[field] = _pieces(field, sides, touch, conflicts)
    if made["entities"] is not None:
        made["entities"] = sorted(made["entities"], key=span_key)
    return Merged(msgspec.structs.replace(theirs, labels=labels, **made), conflicts)


def _texts(base: Sample, theirs: Sample, mine: Sample) -> Merged:
    """Offsets hold in one text only: where texts differ, one side must have changed nothing."""
    if _same(base, mine):
        return Merged(theirs, [])
    if _same(base, theirs):
        return Merged(mine, [])
    return Merged(theirs, [Conflict("text", theirs.text, mine.text)])


def _same(a: Sample, b: Sample) -> bool:
    return content(a) == content(b)


def _field(name: str, sides: Sequence[T], conflicts: list[Conflict]) -> T:
    base, theirs, mine = sides
    if mine in (theirs, base):
        return theirs
    if theirs == base:
        return mine
    conflicts.append(Conflict(name, theirs, mine))
    return theirs


def _pieces(field: str, sides: Sequence[list[Any]], touch: Touch, conflicts: list[Conflict]) -> list[Any]:
    """Their pieces with my changes, group by group of changes that touch; a group that both changed is in conflict."""
    base, theirs, mine = sides
    made = list(theirs)
    for group in _groups(_changes(base, theirs, False) + _changes(base, mine, True), touch):
        my = [(sign, piece) for is_mine, sign, piece in group if is_mine]
        their = [(sign, piece) for is_mine, sign, piece in group if not is_mine]
        if not my or (not _less(my, their) and not _less(their, my)):
            continue
        if their:
            added = [[piece for sign, piece in side if sign > 0] for side in (their, my)]
            conflicts.append(Conflict(field, *added))
            continue
        for sign, piece in my:
            if sign > 0:
                made.append(piece)
            else:
                made.remove(piece)
    return made


def _changes(base: list[Any], made: list[Any], is_mine: bool) -> list[Change]:
    """What was taken away (-1) and added (+1)."""
    taken = [(is_mine, -1, piece) for piece in _less(base, made)]
    return taken + [(is_mine, 1, piece) for piece in _less(made, base)]


def _groups(changes: Sequence[Change], touch: Touch) -> list[list[Change]]:
    """Changes that touch, directly or through others, in the order of their first."""
    groups: list[list[Change]] = []
    for change in changes:
        near = [group for group in groups if any(touch(change[2], other[2]) for other in group)]
        if not near:
            groups.append([change])
            continue
        near[0].append(change)
        for group in near[1:]:
            near[0].extend(group)
            groups.remove(group)
    return groups


def _less(some: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """The pieces of `some` that are not in `others`, repeats counted."""
    left = list(others)
    out = []
    for piece in some:
        if piece in left:
            left.remove(piece)
        else:
            out.append(piece)
    return out


def _spans_touch(a: AnySpan | Entity, b: AnySpan | Entity) -> bool:
    if a.start is None or a.end is None or b.start is None or b.end is None:
        return a.text == b.text
    return a.start < b.end and b.start < a.end


def _relations_touch(a: Relation, b: Relation) -> bool:
    return _spans_touch(a.head, b.head) and _spans_touch(a.tail, b.tail)


def _events_touch(a: Event, b: Event) -> bool:
    if a.trigger is None or b.trigger is None:
        return a.type == b.type
    return _spans_touch(a.trigger, b.trigger)
