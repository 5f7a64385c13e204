"""Relations and events as a schema names them: what a model knows, what it is asked."""

from __future__ import annotations

from collections.abc import Mapping

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


def wanted_relations(schema: Schema) -> frozenset[str] | None:
    """The relations that a schema asks for."""
    names = schema.names("relations")
    return None if names is None else frozenset(names)


def wanted_events(schema: Schema, known: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]] | None:
    """The events that a schema asks for with their roles; one that names no roles asks for all that are known."""
    if schema.names("events") is None:
        return None
    return {one.type: frozenset(one.role_names()) or known[one.type] for one in schema.event_list()}
