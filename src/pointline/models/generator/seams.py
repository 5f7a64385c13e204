"""What the windows of one text say, put together: nothing twice, nothing lost where two windows meet.

A string carries no offsets, so a window's reader puts a surface that it sees twice to the first place. Which places are
meant is decided over all windows: such that every window is given each surface as often as it said it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

import msgspec

from pointline.models.windows import Window
from pointline.sample import AnySpan, Entity, Event, Relation, Sample
from pointline.text.locate import mentions

Moved = Sequence[tuple[Window, Sample]]
"""The windows with their answers, offsets counted in the whole text."""
Item = TypeVar("Item", Entity, Relation, Event)


class Slots(NamedTuple):
    """An item as its type and the spans that fill its slots."""

    type: str
    spans: dict[tuple[str, int], AnySpan]


def entities(text: str, moved: Moved) -> list[Entity]:
    """The entities of all windows, each occurrence once."""
    said = _whole([(window, answer.entities or []) for window, answer in moved])
    groups: dict[tuple[str, str], list[list[Entity]]] = {}
    for i, own in enumerate(said):
        for entity in own:
            groups.setdefault((entity.type, entity.text), [[] for _ in said])[i].append(entity)
    cut = [window for window, _ in moved]
    return [entity for (_, surface), each in groups.items() for entity in _placed(text, surface, cut, each)]


def relations(moved: Moved) -> list[Relation]:
    """The triples of all windows, each once whatever its place: as in one answer, which says none twice."""
    said = _whole([(window, answer.relations or []) for window, answer in moved])
    found: dict[object, Relation] = {}
    for relation in (relation for own in said for relation in own):
        key = (relation.type, *((end.text, end.type) for end in (relation.head, relation.tail)))
        found.setdefault(key, relation)
    return list(found.values())


def events(moved: Moved) -> list[Event]:
    """The events of all windows, each once; one that a window saw a part of gives way to the whole."""
    found: dict[object, Event] = {}
    for event in (
        event for own in _whole([(window, answer.events or []) for window, answer in moved]) for event in own
    ):
        trigger = event.trigger and event.trigger.text
        found.setdefault((event.type, trigger, tuple((a.role, a.text) for a in event.arguments)), event)
    return list(found.values())


def together(cut: Sequence[Window]) -> int:
    """Any two places with no more characters from the first to the last of them stood in one window."""
    return min((left.end - right.start for left, right in itertools.pairwise(cut)), default=cut[0].end)


def _placed(text: str, surface: str, cut: Sequence[Window], each: Sequence[Sequence[Entity]]) -> list[Entity]:
    """One surface under one type at the places that agree with every window."""
    own = {
        (entity.start, entity.end): entity
        for i, said in enumerate(each)
        for entity in said
        if entity.start is None or _answers(cut, entity) == i
    }
    places = mentions(text, surface)
    inside = [[at for at, (a, b) in enumerate(places) if w.start <= a and b <= w.end] for w in cut]
    counts = [len(said) for said in each]
    if not set(own) <= set(places) or all(
        sum(places[at] in own for at in seen) == count for seen, count in zip(inside, counts, strict=True)
    ):
        return list(own.values())
    chosen = choose(len(places), [(seen[0], seen[-1] + 1, n) for seen, n in zip(inside, counts, strict=True) if seen])
    if chosen is None:
        return list(own.values())
    found = []
    for at in chosen:
        start, end = places[at]
        i = _answers(cut, Entity("", "", start, end))
        rank = sum(other in inside[i] for other in chosen if other < at)
        found.append(msgspec.structs.replace(each[i][rank], start=start, end=end))
    return found


def choose(count: int, told: Iterable[tuple[int, int, int]]) -> list[int] | None:
    """The leftmost of `count` places such that `n` of the places `first` to `last` (half-open) are chosen.

    `told`: (first, last, n). None where no choice agrees with all. Shortest paths over the numbers chosen before
    each place (Bellman-Ford).

    >>> choose(2, [(0, 1, 0), (0, 2, 1)]), choose(3, [(0, 2, 1), (1, 3, 1)]), choose(1, [(0, 1, 1), (0, 1, 0)])
    ([1], [0, 2], None)
    """
    edges = [(at, at + 1, 1) for at in range(count)] + [(at + 1, at, 0) for at in range(count)]
    for first, last, n in told:
        edges += [(first, last, n), (last, first, -n)]
    most = [0, *[count] * count]
    for _ in range(count + 2):
        changed = False
        for source, target, cost in edges:
            if most[source] + cost < most[target]:
                most[target], changed = most[source] + cost, True
        if not changed:
            return [at for at in range(count) if most[at + 1] > most[at]]
    return None


def _answers(cut: Sequence[Window], span: AnySpan) -> int:
    """The window that answers for a span: the one that owns its beginning, else the one that shows most around it."""
    start, end = span.start or 0, span.end or 0
    seen = [i for i, window in enumerate(cut) if window.start <= start and end <= window.end]
    owner = next((i for i in seen if cut[i].own_start <= start < cut[i].own_end), None)
    if owner is not None or not seen:
        return owner or 0
    return max(seen, key=lambda i: min(start - cut[i].start, cut[i].end - end))


def _whole(said: Sequence[tuple[Window, Sequence[Item]]]) -> list[list[Item]]:
    """Without what a window's edge cut: items that stand in more of the text in a window that does not say the rest."""
    kept: list[list[Item]] = []
    slots = [[_slots(item) for item in own] for _, own in said]
    for i, (window, own) in enumerate(said):
        kept.append([])
        for item, shown in zip(own, slots[i], strict=True):
            others = (k for k in range(len(said)) if k != i)
            if not any(_gives_way(shown, window, slots[k]) for k in others):
                kept[-1].append(item)
    return kept


def _gives_way(shown: Slots, window: Window, others: Sequence[Slots]) -> bool:
    """True where another window saw more of an item, which this one could not see, and did not say it as it is here."""
    if _same(shown, others):
        return False
    return any(
        other.type == shown.type
        and any((s.start or 0) < window.start or (s.end or 0) > window.end for s in other.spans.values())
        and _covers(other, shown)
        for other in others
    )


def _same(shown: Slots, others: Sequence[Slots]) -> bool:
    texts = {key: span.text for key, span in shown.spans.items()}
    return any(o.type == shown.type and {k: s.text for k, s in o.spans.items()} == texts for o in others)


def _covers(other: Slots, shown: Slots) -> bool:
    """True where every span of `shown` is in a span of the same slot."""
    return all(
        any(role == slot and _holds(span, part) for (role, _), span in other.spans.items())
        for (slot, _), part in shown.spans.items()
    )


def _holds(span: AnySpan, part: AnySpan) -> bool:
    if None in (span.start, span.end, part.start, part.end):
        return span.text == part.text
    return (span.start or 0) <= (part.start or 0) and (part.end or 0) <= (span.end or 0)


def _slots(item: Entity | Relation | Event) -> Slots:
    if isinstance(item, Entity):
        return Slots(item.type, {("", 0): item})
    if isinstance(item, Relation):
        return Slots(item.type, {("head", 0): item.head, ("tail", 0): item.tail})
    spans: dict[tuple[str, int], AnySpan] = {(a.role, i): a for i, a in enumerate(item.arguments)}
    if item.trigger is not None:
        spans["\0trigger", -1] = item.trigger
    return Slots(item.type, spans)
