"""What is compared: the items of one sample, kind by kind; the first element of an item is its label.

Functions whose name begins with `placed_` give offsets (Unicode code points, half-open), the others surfaces.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, TypeAlias

from pointline.errors import Refusal
from pointline.sample import AnySpan, Event, Sample

Item: TypeAlias = tuple[Any, ...]

_type_and_text = attrgetter("type", "text")


def label_items(sample: Sample) -> list[Item]:
    """Text labels as (label,)."""
    return [(label,) for label in sample.labels or ()]


def entity_items(sample: Sample) -> list[Item]:
    """Entities as (type, text).

    >>> from pointline.sample import Entity
    >>> entity_items(Sample("1", "ab", entities=[Entity("X", "a", 0, 1)]))
    [('X', 'a')]
    """
    return list(map(_type_and_text, sample.entities or ()))


def relation_items(sample: Sample) -> list[Item]:
    """Relations as (relation, head, tail)."""
    return [(r.type, r.head.text, r.tail.text) for r in sample.relations or ()]


def typed_relation_items(sample: Sample) -> list[Item]:
    """Relations as (relation, head type, head, tail type, tail)."""
    return [(r.type, r.head.type, r.head.text, r.tail.type, r.tail.text) for r in sample.relations or ()]


def event_items(sample: Sample) -> list[Item]:
    """Whole events as (type, trigger or None, sorted (role, text) slots)."""
    return [
        (e.type, e.trigger and e.trigger.text, tuple(sorted((a.role, a.text) for a in e.arguments)))
        for e in sample.events or ()
    ]


def trigger_items(sample: Sample) -> list[Item]:
    """Triggers as (event type, text), "" where there is none."""
    return [(e.type, trigger_text(e)) for e in sample.events or ()]


def argument_items(sample: Sample) -> list[Item]:
    """Arguments as (role, event type, text)."""
    return [(a.role, e.type, a.text) for e in sample.events or () for a in e.arguments]


def trigger_text(event: Event) -> str:
    """The trigger's text, "" where there is none."""
    return event.trigger.text if event.trigger else ""


def place(span: AnySpan) -> Item:
    """Where a span stands: (start, end), or its fragments.

    >>> from pointline.sample import Span
    >>> place(Span("a c", 0, 3, fragments=[(0, 1), (2, 3)]))
    ((0, 1), (2, 3))
    """
    if span.fragments is None or len(span.fragments) < 2:
        return (span.start, span.end)
    return tuple(tuple(fragment) for fragment in span.fragments)


def placed_entities(sample: Sample) -> list[Item]:
    """Entities as (type, start, end), or (type, fragment, ...)."""
    return [(e.type, e.start, e.end) if e.fragments is None else (e.type, *place(e)) for e in sample.entities or ()]


def placed_relations(sample: Sample) -> list[Item]:
    """Relations as (relation, place of head, place of tail)."""
    return [(r.type, place(r.head), place(r.tail)) for r in sample.relations or ()]


def placed_triggers(sample: Sample) -> list[Item]:
    """Triggers as (event type, place), None where there is no trigger."""
    return [(e.type, e.trigger and place(e.trigger)) for e in sample.events or ()]


def placed_arguments(sample: Sample) -> list[Item]:
    """Arguments as (role, event type, place)."""
    return [(a.role, e.type, place(a)) for e in sample.events or () for a in e.arguments]


def require_offsets(sample: Sample, spans: Iterator[AnySpan]) -> None:
    """Raise Refusal at the first span without offsets."""
    for span in spans:
        if span.start is None:
            raise Refusal(
                f"gold sample {sample.id!r}: the span {span.text!r} has no offsets, which this protocol needs"
            )


def grounded_entities(sample: Sample) -> list[Item]:
    """`placed_entities` of gold; raises Refusal where an entity has no offsets."""
    items = placed_entities(sample)
    for item in items:
        if item[1] is None:
            require_offsets(sample, iter(sample.entities or ()))
    return items


def grounded_relations(sample: Sample) -> list[Item]:
    """`placed_relations` of gold; raises Refusal where an end has no offsets."""
    require_offsets(sample, (end for r in sample.relations or () for end in (r.head, r.tail)))
    return placed_relations(sample)


def grounded_triggers(sample: Sample) -> list[Item]:
    """`placed_triggers` of gold; raises Refusal where a trigger has no offsets."""
    require_offsets(sample, (e.trigger for e in sample.events or () if e.trigger))
    return placed_triggers(sample)


def grounded_arguments(sample: Sample) -> list[Item]:
    """`placed_arguments` of gold; raises Refusal where an argument has no offsets."""
    require_offsets(sample, (a for e in sample.events or () for a in e.arguments))
    return placed_arguments(sample)


def tagged_gold(sample: Sample) -> list[Item]:
    """Gold entities as (type, start, end) where a tag sequence can hold them; raises Refusal where it cannot."""
    return _tagged(sample, grounded_entities(sample), "gold")


def tagged_entities(sample: Sample) -> list[Item]:
    """Answered entities as (type, start, end) where a tag sequence can hold them; without offsets they are wrong.

    Raises Refusal where spans overlap or are discontinuous: no BIO tags could say that.
    """
    return _tagged(sample, placed_entities(sample), "answer to")


def _tagged(sample: Sample, items: list[Item], side: str) -> list[Item]:
    floating = [item for item in items if item[1] is None]
    last, ordered = 0, items if not floating else [item for item in items if item[1] is not None]
    for item in ordered:
        if isinstance(item[1], tuple):
            raise Refusal(f"{side} {sample.id!r} has a discontinuous entity, which a tag sequence cannot hold")
        if item[1] < last:
            break
        last = item[2]
    else:
        return items
    unique = sorted(set(ordered), key=lambda item: (item[1], item[2], item[0]))
    for before, after in itertools.pairwise(unique):
        if after[1] < before[2]:
            raise Refusal(f"{side} {sample.id!r} has overlapping entities, which a tag sequence cannot hold")
    return unique + floating
