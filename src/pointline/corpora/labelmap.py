"""Rename and merge labels, types and roles by a map: several old names may become one, and a name may be taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias, TypeVar

import msgspec

from pointline.errors import InputFault
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span, span_key
from pointline.settings import read_toml

LEVELS = ("labels", "entities", "relations", "events", "roles")
OTHERS = "*"
"""Stands in a map for every name that the map does not hold."""
OUT = ""
"""As a new name: what bears the old one is taken out."""
Item = TypeVar("Item", Entity, Relation, Event, Argument)
Names: TypeAlias = Mapping[str, str]
Typing: TypeAlias = Callable[[str | None], str | None]
Roling: TypeAlias = Callable[[str], str]


class LabelMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """New names by level, as a TOML file or a card's `map` gives them: `[entities]`, then `PER = "person"`.

    `"*" = "other"` names all the rest; an empty new name takes out what bears the old one.
    """

    labels: dict[str, str] = {}
    entities: dict[str, str] = {}
    """Entity types; the types of relation ends, triggers and arguments too."""
    relations: dict[str, str] = {}
    events: dict[str, str] = {}
    roles: dict[str, str] = {}


class Renamed:
    """What a map did: (level, old name, new name) -> how often; `unused` are names of the map that nothing bore."""

    def __init__(self, labels: LabelMap) -> None:
        self.labels = labels
        self.counts: Counter[tuple[str, str, str]] = Counter()

    def unused(self) -> list[tuple[str, str]]:
        """(level, old name) of the map that no sample bears: misspelt, or already renamed."""
        met = {(level, old) for level, old, _ in self.counts}
        named = ((level, old) for level in LEVELS for old in getattr(self.labels, level) if old != OTHERS)
        return [pair for pair in named if pair not in met]

    def rows(self) -> list[dict[str, str | int]]:
        """One plain row a renaming, in the order of levels, then of old names."""
        ranked = sorted(self.counts.items(), key=lambda item: (LEVELS.index(item[0][0]), item[0][1:]))
        return [{"level": level, "old": old, "new": new, "count": n} for (level, old, new), n in ranked]


def read_map(path: str | Path) -> LabelMap:
    """Read a map from TOML; raises InputFault that names the file and the field."""
    try:
        return msgspec.convert(read_toml(path), LabelMap)
    except msgspec.ValidationError as error:
        raise InputFault(str(error), path=path, fix=f'write [{"], [".join(LEVELS)}] with old = "new"') from None


def apply(samples: Iterable[Sample], labels: LabelMap, renamed: Renamed | None = None) -> Iterator[Sample]:
    """Stream samples with new names, each changed in place. What a merge makes equal stands once.

    >>> entities = [Entity("PER", "Miles", 0, 5), Entity("X", "plays", 6, 11)]
    >>> one = Sample("1", "Miles plays", labels=["a"], entities=entities)
    >>> done = next(apply([one], LabelMap(labels={"a": "b"}, entities={"PER": "person", "X": ""})))
    >>> done.labels, [e.type for e in done.entities]
    (['b'], ['person'])
    """
    told = renamed or Renamed(labels)
    for sample in samples:
        _apply_to(sample, labels, told.counts)
        yield sample


def _apply_to(sample: Sample, labels: LabelMap, counts: Counter[tuple[str, str, str]]) -> None:
    def new(level: str, old: str) -> str:
        names: Names = getattr(labels, level)
        name = names.get(old, names.get(OTHERS, old))
        if old in names or name != old:
            counts[level, old, name] += 1
        return name

    def new_type(old: str | None) -> str | None:
        return (labels.entities.get(old, labels.entities.get(OTHERS, old)) or None) if old else old

    if sample.labels is not None:
        sample.labels = list(dict.fromkeys(filter(None, (new("labels", label) for label in sample.labels))))
    if sample.entities is not None:
        for entity in sample.entities:
            entity.type = new("entities", entity.type)
        sample.entities = sorted(_once(e for e in sample.entities if e.type != OUT), key=span_key)
    if sample.relations is not None:
        for relation in sample.relations:
            relation.type = new("relations", relation.type)
            for end in (relation.head, relation.tail):
                end.type = new_type(end.type)
        sample.relations = _once(r for r in sample.relations if r.type != OUT)
    if sample.events is not None:
        for event in sample.events:
            _apply_to_event(event, new("events", event.type), new_type, lambda role: new("roles", role))
        sample.events = _once(e for e in sample.events if e.type != OUT)


def _apply_to_event(event: Event, kind: str, new_type: Typing, new_role: Roling) -> None:
    event.type = kind
    spans: list[Span | Argument] = [*([event.trigger] if event.trigger else []), *event.arguments]
    for span in spans:
        span.type = new_type(span.type)
    for argument in event.arguments:
        argument.role = new_role(argument.role)
    event.arguments = _once(a for a in event.arguments if a.role != OUT)


def _once(items: Iterable[Item]) -> list[Item]:
    kept: list[Item] = []
    for item in items:
        if item not in kept:
            kept.append(item)
    return kept
