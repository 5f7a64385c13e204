"""Augmentation by value substitution: an entity's text gives way to that of another of its type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from pointline.sample import Entity, Sample, span_key

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

    Samples whose entities overlap or lack offsets are left alone.

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
    return msgspec.structs.replace(sample, text="".join(parts), entities=moved, relations=None, events=None)


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
