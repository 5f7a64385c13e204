"""What a model knows, and what of it a schema asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pointline.errors import Refusal
from pointline.models.tagger.encode import Inventory
from pointline.models.tagger.structure import Structure
from pointline.schema import EventType, RelationType, Schema


def known_schema(inventory: Inventory) -> Schema:
    """All that a model may answer; of relations with the types of the ends that train showed."""
    schema = Schema(inventory.labels, inventory.types)
    structure = inventory.structure
    if not structure:
        return schema
    names = structure.kind_names(inventory.types)
    relations = tuple(
        RelationType(structure.relations[label], names[head] or None, names[tail] or None)
        for label, head, tail in structure.links
        if label < len(structure.relations)
    )
    events = tuple(EventType(name, tuple(sorted(roles))) for name, roles in (joined_names(structure)[1] or {}).items())
    return Schema(inventory.labels, inventory.types, relations or None, events or None)


def joined_names(structure: Structure | None) -> tuple[frozenset[str] | None, dict[str, frozenset[str]] | None]:
    """The relations and the events with their roles that are known; None where the level was not learned."""
    if structure is None:
        return None, None
    events = {
        name: frozenset(role for event, role in structure.roles if event == i)
        for i, name in enumerate(structure.events)
    }
    return frozenset(structure.relations) or None, events or None


class Asked(NamedTuple):
    """Names of what to answer, of events with their roles; None: the level is not asked, or not known to the model."""

    labels: tuple[str, ...] | None
    types: frozenset[str] | None
    relations: frozenset[str] | None = None
    events: dict[str, frozenset[str]] | None = None


def asked(inventory: Inventory, schema: Schema | None) -> Asked:
    """What a schema asks of a model; raises Refusal where the model does not know a name."""
    labels, types, structure = inventory.labels, inventory.types, inventory.structure or None
    relations, events = joined_names(structure)
    if schema is None:
        return Asked(labels, None if types is None else frozenset(types), relations, events)
    _refuse_unknown("label", schema.names("labels"), labels)
    _refuse_unknown("entity type", schema.names("entities"), types)
    _refuse_unknown("relation", schema.names("relations"), structure and structure.relations)
    _refuse_unknown("event", schema.names("events"), structure and structure.events)
    return Asked(
        None if labels is None else schema.names("labels"),
        None if types is None else _names(schema.names("entities")),
        None if relations is None else _names(schema.names("relations")),
        None if events is None else _wanted_events(schema, events),
    )


def _names(names: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _wanted_events(schema: Schema, known: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]] | None:
    """The events asked for with their roles; one that names no roles asks for all that are known."""
    if schema.names("events") is None:
        return None
    return {one.type: frozenset(one.role_names()) or known[one.type] for one in schema.event_list()}


def _refuse_unknown(kind: str, wanted: Sequence[str] | None, known: Sequence[str] | None) -> None:
    for name in wanted or ():
        if name not in (known or ()):
            raise Refusal(f"the model does not know the {kind} {name!r}; it knows: {', '.join(known or ('none',))}")
