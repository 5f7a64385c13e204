"""The schema: what may be asked of a text, level by level, names with optional descriptions."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from pointline.errors import InputFault
from pointline.sample import Sample

Level: TypeAlias = Literal["labels", "entities", "relations", "events"]
Names: TypeAlias = Iterable[str] | Mapping[str, str]

LEVELS: tuple[Level, ...] = ("labels", "entities", "relations", "events")


class Described(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, frozen=True):
    """A name with what it means."""

    name: str
    description: str | None = None


class RelationType(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, frozen=True):
    """A relation that may be asked for, with the entity types of its two ends where they are known."""

    type: str
    head: str | None = None
    tail: str | None = None
    description: str | None = None


class EventType(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, frozen=True):
    """An event that may be asked for, with its roles."""

    type: str
    roles: tuple[str | Described, ...] = ()
    description: str | None = None

    def role_names(self) -> tuple[str, ...]:
        """The names of the roles, in order."""
        return tuple(name_of(role) for role in self.roles)


class Schema(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, frozen=True, rename={
    "label_types": "labels", "entity_types": "entities", "relation_types": "relations", "event_types": "events",
}):  # fmt: skip
    """What may be asked. A level that is None is not asked; `open` lists levels without a closed inventory.

    >>> schema = Schema().label("sentiment", ["positive", "negative"]).entities({"artist": "who plays"})
    >>> schema.names("labels"), schema.names("entities")
    (('positive', 'negative'), ('artist',))
    """

    label_types: tuple[str | Described, ...] | None = None
    entity_types: tuple[str | Described, ...] | None = None
    relation_types: tuple[str | RelationType, ...] | None = None
    event_types: tuple[str | EventType, ...] | None = None
    open: tuple[Level, ...] = ()
    label_name: str | None = None

    def label(self, name: str, inventory: Names) -> Schema:
        """Ask for a text label, called `name`, out of `inventory`."""
        more = (self.label_types or ()) + _described(inventory)
        return msgspec.structs.replace(self, label_types=more, label_name=name)

    def entities(self, types: Names) -> Schema:
        """Ask for entities of these types, given as names or as {name: description}."""
        return msgspec.structs.replace(self, entity_types=(self.entity_types or ()) + _described(types))

    def relations(self, types: Iterable[str | RelationType] | Mapping[str, str]) -> Schema:
        """Ask for relations, given as names, `RelationType` entries or {name: description}."""
        if isinstance(types, Mapping):
            types = [RelationType(name, description=text) for name, text in types.items()]
        return msgspec.structs.replace(self, relation_types=(self.relation_types or ()) + tuple(types))

    def events(self, types: Iterable[str | EventType] | Mapping[str, Iterable[str]]) -> Schema:
        """Ask for events, given as names, `EventType` entries or {name: roles}."""
        if isinstance(types, Mapping):
            types = [EventType(name, tuple(roles)) for name, roles in types.items()]
        return msgspec.structs.replace(self, event_types=(self.event_types or ()) + tuple(types))

    def names(self, level: Level) -> tuple[str, ...] | None:
        """The names of one level in the schema's order, each once; None where the level is not asked."""
        held: tuple[str | Described | RelationType | EventType, ...] | None = {
            "labels": self.label_types,
            "entities": self.entity_types,
            "relations": self.relation_types,
            "events": self.event_types,
        }[level]
        return None if held is None else tuple(dict.fromkeys(map(name_of, held)))

    def only(self, levels: Container[Level]) -> Schema:
        """The schema with these levels; the others are not asked.

        >>> Schema().label("topic", ["news"]).entities(["TIME"]).only(["labels"]).names("entities") is None
        True
        """
        fields = dict(zip(LEVELS, ("label_types", "entity_types", "relation_types", "event_types"), strict=True))
        left_out: dict[str, Any] = {field: None for level, field in fields.items() if level not in levels}
        return msgspec.structs.replace(self, **left_out, open=tuple(one for one in self.open if one in levels))

    def relation_list(self) -> tuple[RelationType, ...]:
        """The relations as `RelationType` entries; () where none are asked."""
        return tuple(RelationType(r) if isinstance(r, str) else r for r in self.relation_types or ())

    def event_list(self) -> tuple[EventType, ...]:
        """The events as `EventType` entries; () where none are asked."""
        return tuple(EventType(e) if isinstance(e, str) else e for e in self.event_types or ())

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> Schema:
        """The schema that the annotations of `samples` show, names sorted.

        >>> Schema.of([Sample("1", "hm", labels=["b"]), Sample("2", "ho", labels=["a"])]).names("labels")
        ('a', 'b')
        """
        return _seen(samples)


def name_of(entry: str | Described | RelationType | EventType) -> str:
    """The name of one entry of a schema."""
    if isinstance(entry, str):
        return entry
    return entry.name if isinstance(entry, Described) else entry.type


def read_schema(path: str) -> Schema:
    """Read a schema from a JSON file; raises InputFault with the path and the field."""
    try:
        with open(path, "rb") as file:
            data = file.read().removeprefix(b"\xef\xbb\xbf")
        return msgspec.json.decode(data, type=Schema)
    except OSError as error:
        raise InputFault(error.strerror or "cannot be read", path=path, fix="check the path") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        fix = 'a schema is {"labels": [...], "entities": [...], "relations": [...], "events": [...]}'
        raise InputFault(str(error), path=path, fix=fix) from None


def _described(names: Names) -> tuple[str | Described, ...]:
    if isinstance(names, str):
        raise TypeError("give a list of names, not one string")
    if isinstance(names, Mapping):
        return tuple(Described(name, text) for name, text in names.items())
    return tuple(names)


def _seen(samples: Iterable[Sample]) -> Schema:
    labels: set[str] | None = None
    entities: set[str] | None = None
    relations: set[tuple[str, str, str]] | None = None
    events: dict[str, set[str]] | None = None
    for sample in samples:
        if sample.labels is not None:
            labels = (labels or set()).union(sample.labels)
        if sample.entities is not None:
            entities = (entities or set()).union(e.type for e in sample.entities)
        if sample.relations is not None:
            ends = ((r.type, r.head.type or "", r.tail.type or "") for r in sample.relations)
            relations = (relations or set()).union(ends)
        if sample.events is not None:
            events = events or {}
            for event in sample.events:
                events.setdefault(event.type, set()).update(a.role for a in event.arguments)
    return Schema(
        label_types=None if labels is None else tuple(sorted(labels)),
        entity_types=None if entities is None else tuple(sorted(entities)),
        relation_types=None
        if relations is None
        else tuple(RelationType(kind, head or None, tail or None) for kind, head, tail in sorted(relations)),
        event_types=None
        if events is None
        else tuple(EventType(kind, tuple(sorted(roles))) for kind, roles in sorted(events.items())),
    )
