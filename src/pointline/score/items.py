"""What is compared: the items of one sample, level by level; the first element of an item is its label."""

from __future__ import annotations

from typing import Any, TypeAlias

from pointline.sample import Event, Sample

Item: TypeAlias = tuple[Any, ...]


def label_items(sample: Sample) -> list[Item]:
    """Text labels as (label,)."""
    return [(label,) for label in sample.labels or ()]


def entity_items(sample: Sample) -> list[Item]:
    """Entities by surface, as (type, text).

    >>> from pointline.sample import Entity
    >>> entity_items(Sample("1", "ab", entities=[Entity("X", "a", 0, 1)]))
    [('X', 'a')]
    """
    return [(e.type, e.text) for e in sample.entities or ()]


def relation_items(sample: Sample) -> list[Item]:
    """Relations by surface, as (relation, head, tail)."""
    return [(r.type, r.head.text, r.tail.text) for r in sample.relations or ()]


def event_items(sample: Sample) -> list[Item]:
    """Whole events by surface, as (type, trigger or None, sorted (role, text) slots)."""
    return [_slots(event) for event in sample.events or ()]


def _slots(event: Event) -> Item:
    trigger = None if event.trigger is None else event.trigger.text
    return (event.type, trigger, tuple(sorted((a.role, a.text) for a in event.arguments)))
