"""Places of a sample as numbered units, and the sample put together again around their places in another text."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from pointline.sample import Argument, Entity, Event, Relation, Sample, Span, span_key, spans_of

AnySpan = TypeVar("AnySpan", Span, Entity, Argument)
Place = tuple[int, int]


class Units(NamedTuple):
    """The distinct places of a sample's spans, numbered from 1 in the order of the text.

    A discontinuous span has a place for each of its fragments. `loose` is the path of a span without offsets, if any.
    """

    places: dict[int, Place]
    loose: str | None = None


def units_of(sample: Sample) -> Units:
    """Number the places of a sample.

    >>> entities = [Entity("a", "New York", 0, 8), Entity("b", "York", 4, 8), Entity("c", "York", 4, 8)]
    >>> units_of(Sample("1", "New York", entities=entities)).places
    {1: (0, 8), 2: (4, 8)}
    """
    places: set[Place] = set()
    for path, span in spans_of(sample):
        pieces = _pieces(span)
        if not pieces:
            return Units({}, path)
        places.update(pieces)
    return Units(dict(enumerate(sorted(places, key=lambda place: (place[0], -place[1])), 1)))


def moved(sample: Sample, units: Units, text: str, places: Mapping[int, Place]) -> Sample:
    """The sample on another text, each unit at its place there; what predictions carry is left behind.

    A span with a unit that has no place there keeps its source's words, without offsets.

    >>> one = Sample("1", "to Rome", entities=[Entity("city", "Rome", 3, 7)])
    >>> moved(one, units_of(one), "去罗马", {1: (1, 3)}).entities
    [Entity(type='city', text='罗马', start=1, end=3, fragments=None, score=None)]
    """
    to = {place: places[number] for number, place in units.places.items() if number in places}

    def put(span: AnySpan) -> AnySpan:
        held = _pieces(span)
        if any(piece not in to for piece in held):
            nowhere: dict[str, Any] = {"start": None, "end": None, "fragments": None, "score": None}
            return msgspec.structs.replace(span, **nowhere)
        pieces = _joined(sorted(to[piece] for piece in held))
        new: dict[str, Any] = {
            "text": " ".join(text[a:b] for a, b in pieces), "start": pieces[0][0], "end": pieces[-1][1],
            "fragments": pieces if len(pieces) > 1 else None, "score": None,
        }  # fmt: skip
        return msgspec.structs.replace(span, **new)

    def relation(one: Relation) -> Relation:
        return Relation(one.type, put(one.head), put(one.tail))

    def event(one: Event) -> Event:
        return Event(one.type, put(one.trigger) if one.trigger else None, [put(each) for each in one.arguments])

    return Sample(
        sample.id, text, sample.lang, sample.labels,
        None if sample.entities is None else sorted(map(put, sample.entities), key=span_key),
        None if sample.relations is None else [relation(each) for each in sample.relations],
        None if sample.events is None else [event(each) for each in sample.events],
        sample.source, sample.split, dict(sample.meta),
    )  # fmt: skip


def _pieces(span: Span | Entity | Argument) -> list[Place]:
    if span.start is None or span.end is None:
        return []
    return [(a, b) for a, b in span.fragments] if span.fragments else [(span.start, span.end)]


def _joined(pieces: list[Place]) -> list[Place]:
    """Rising places; those that touch or overlap are one."""
    out = pieces[:1]
    for (_, _), (a, b) in itertools.pairwise(pieces):
        if a <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], b))
        else:
            out.append((a, b))
    return out
