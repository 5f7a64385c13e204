"""Augmentation by value substitution: an entity's text gives way to that of another of its type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias, TypeVar

import msgspec

from pointline.sample import Argument, Entity, Sample, Span, span_key

S = TypeVar("S", Span, Argument)
Values: TypeAlias = Mapping[tuple[str | None, tuple[str, ...], str], Sequence[str]]


def values(samples: Iterable[Sample]) -> Values:
    """The texts of all entities by (language, text labels, type), repeats kept: frequent values stay frequent.

    >>> values([Sample("1", "play jazz", labels=["Play"], entities=[Entity("genre", "jazz", 5, 9)])])
    {(None, ('Play',), 'genre'): ['jazz']}
    """
    found: dict[tuple[str | None, tuple[str, ...], str], list[str]] = defaultdict(list)
    for sample in samples:
        for entity in sample.entities or ():
            if entity.fragments is None:
                found[_key(sample, entity)].append(entity.text)
    return dict(found)


def substitute(sample: Sample, known: Values, rate: float, draws: Iterator[float]) -> Sample:
    """Replace each entity's text with probability `rate`; the sample itself where nothing was drawn.

    Samples whose entities overlap or lack offsets are left alone, and those where a relation or an event has a span
    that begins or ends inside a text that gives way.

    >>> s = Sample("1", "play jazz now", labels=["P"], entities=[Entity("genre", "jazz", 5, 9)])
    >>> t = substitute(s, {(None, ("P",), "genre"): ["hard bop"]}, 1.0, iter([0.5, 0.5]))
    >>> t.text, t.entities[0].start, t.entities[0].end
    ('play hard bop now', 5, 13)
    """
    entities = sorted(sample.entities or (), key=span_key)
    if not _simple(entities):
        return sample
    parts: list[str] = []
    moved: list[Entity] = []
    done = length = 0
    changed = False
    for entity in entities:
        assert entity.start is not None
        assert entity.end is not None
        text = entity.text
        choices = known.get(_key(sample, entity))
        if choices and next(draws) < rate:
            text = choices[int(next(draws) * len(choices))]
            changed = changed or text != entity.text
        parts += (sample.text[done : entity.start], text)
        start = length + entity.start - done
        length = start + len(text)
        done = entity.end
        moved.append(Entity(entity.type, text, start, length))
    if not changed:
        return sample
    parts.append(sample.text[done:])
    new = msgspec.structs.replace(sample, text="".join(parts), entities=moved)
    if sample.relations is None and sample.events is None:
        return new
    try:
        return _with_links(new, _Moves(new.text, entities, moved))
    except _Torn:
        return sample


class _Torn(Exception):
    """A span has a border inside a text that gave way."""


class _Moves:
    """Where spans of the old text stand in the new one."""

    def __init__(self, text: str, before: Sequence[Entity], after: Sequence[Entity]) -> None:
        self._text = text
        self._pairs = list(zip(before, after, strict=True))

    def __call__(self, span: S) -> S:
        if span.start is None or span.end is None:
            return span
        if span.fragments is not None:
            raise _Torn
        start, end = self._border(span.start), self._border(span.end)
        return msgspec.structs.replace(span, text=self._text[start:end], start=start, end=end)

    def _border(self, place: int) -> int:
        shift = 0
        for old, new in self._pairs:
            assert old.start is not None
            assert old.end is not None
            assert new.start is not None
            assert new.end is not None
            if old.start < place < old.end and old.text != new.text:
                raise _Torn
            if place >= old.end:
                shift = new.end - old.end
            elif place > old.start:
                shift = new.start - old.start
        return place + shift


def _with_links(sample: Sample, moves: _Moves) -> Sample:
    """The sample with the spans of its relations and events moved; raises _Torn."""
    relations = events = None
    if sample.relations is not None:
        relations = [msgspec.structs.replace(r, head=moves(r.head), tail=moves(r.tail)) for r in sample.relations]
    if sample.events is not None:
        events = [
            msgspec.structs.replace(
                event,
                trigger=None if event.trigger is None else moves(event.trigger),
                arguments=[moves(argument) for argument in event.arguments],
            )
            for event in sample.events
        ]
    return msgspec.structs.replace(sample, relations=relations, events=events)


def _key(sample: Sample, entity: Entity) -> tuple[str | None, tuple[str, ...], str]:
    return sample.lang, tuple(sample.labels or ()), entity.type


def _simple(entities: Sequence[Entity]) -> bool:
    """Whether all entities have offsets, are whole, and none begins inside another."""
    end = 0
    for entity in entities:
        if entity.start is None or entity.end is None or entity.fragments is not None or entity.start < end:
            return False
        end = entity.end
    return bool(entities)
