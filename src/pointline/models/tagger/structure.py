"""What a tagger knows of relations and events by name: their types, which spans they join, and tags of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from pointline.sample import Argument, Entity, Event, Relation, Sample, Span

TRIGGER, ARGUMENT = "trigger", "argument"


class Layer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tags beside those of the entities, for spans that train does not annotate as entities; of one level."""

    level: Literal["relations", "events"]
    types: tuple[str, ...]


class Structure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Relations and events by name. Kinds of spans are numbered: entity types, each layer's types, the whole text.

    relations, events: types of relations and events. roles: (number of an event, role).
    kinds: how many kinds there are; the last is the whole text, where events without a trigger stand.
    layers: tags of their own; without one of relations, the ends of relations are entities.
    anchors: (event, kind of its trigger); links: (label, kind of head or trigger, kind of tail or argument). Labels of
    links are the relations, then the roles. What train does not show is never answered.
    """

    kinds: int
    relations: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    roles: tuple[tuple[int, str], ...] = ()
    layers: tuple[Layer, ...] = ()
    anchors: tuple[tuple[int, int], ...] = ()
    links: tuple[tuple[int, int, int], ...] = ()

    def layer(self, level: str) -> Layer | None:
        """The tags of a level's own spans, if it has some."""
        return next((one for one in self.layers if one.level == level), None)

    def first_kinds(self) -> list[int]:
        """The kind of each layer's first type."""
        firsts = [self.kinds - 1 - sum(len(layer.types) for layer in self.layers)]
        for layer in self.layers[:-1]:
            firsts.append(firsts[-1] + len(layer.types))
        return firsts

    def kind_names(self, types: Sequence[str] | None) -> list[str]:
        """The type of each kind as it is written into an answer; of triggers, arguments and the text "" (none)."""
        own = [name if layer.level == "relations" else "" for layer in self.layers for name in layer.types]
        return [*(types or ()), *own, ""]


class Links(NamedTuple):
    """What is annotated of one text, in tokens.

    `anchors` are (event, start, end), `pairs` (label, start, end, start, end), head or trigger first. An event without
    a trigger stands at (-1, -1), the text. `relations`, `events`: whether the level is annotated.
    """

    relations: bool
    events: bool
    anchors: tuple[tuple[int, int, int], ...] = ()
    pairs: tuple[tuple[int, int, int, int, int], ...] = ()

    def part(self, start: int, end: int) -> Links:
        """Those that lie whole in one window; an event without a trigger goes where its arguments are."""

        def inside(first: int, last: int) -> bool:
            return first < 0 or start <= first < last <= end

        def moved(place: int) -> int:
            return place if place < 0 else place - start

        pairs = tuple(
            (label, *map(moved, spans)) for label, *spans in self.pairs if inside(*spans[:2]) and inside(*spans[2:])
        )
        anchors = tuple((event, moved(a), moved(b)) for event, a, b in self.anchors if inside(a, b))
        return self._replace(anchors=anchors, pairs=pairs)  # type: ignore[arg-type]


def own_spans(sample: Sample, layer: Layer) -> list[Entity] | None:
    """The spans that a layer tags, each once, typed as the layer says; None where their level is not annotated."""
    if layer.level == "relations":
        if sample.relations is None:
            return None
        found = [_typed(end, end.type or "") for relation in sample.relations for end in (relation.head, relation.tail)]
    else:
        if sample.events is None:
            return None
        found = [_typed(e.trigger, TRIGGER) for e in sample.events if e.trigger is not None]
        if ARGUMENT in layer.types:
            found += [_typed(a, ARGUMENT) for e in sample.events for a in e.arguments]
    unique = {(one.start, one.end, one.type, one.text): one for one in found}
    return list(unique.values())


def borders(relation: Relation) -> tuple[tuple[int | None, int | None], tuple[int | None, int | None]]:
    """Where the two ends of a relation stand."""
    return (relation.head.start, relation.head.end), (relation.tail.start, relation.tail.end)


def anchor(event: Event) -> tuple[int | None, int | None]:
    """Where an event's trigger stands; (-1, -1), the text, without one."""
    return (-1, -1) if event.trigger is None else (event.trigger.start, event.trigger.end)


def _typed(span: Span | Argument, kind: str) -> Entity:
    return Entity(kind, span.text, span.start, span.end, span.fragments)
