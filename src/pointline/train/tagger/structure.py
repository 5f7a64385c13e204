"""What train shows of relations and events: the names, and which kinds of spans they join."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from pointline.models.tagger.structure import ARGUMENT, TRIGGER, Layer, Structure, anchor, borders
from pointline.sample import Sample

ENTITY_SHARE = 0.9
_Border = tuple[int | None, int | None]


def gather_structure(samples: Sequence[Sample], types: Sequence[str]) -> Structure | None:
    """The relations and events of train; None where there is not one of them.

    Ends of relations, and arguments, are entities where train annotates nine of ten as such; else they are tagged as
    spans of their own. Triggers always are.
    """
    relations = sorted({r.type for s in samples for r in s.relations or ()})
    events = sorted({e.type for s in samples for e in s.events or ()})
    if not relations and not events:
        return None
    roles = sorted({(events.index(e.type), a.role) for s in samples for e in s.events or () for a in e.arguments})
    layers = tuple(_layers(samples))
    kinds = len(types) + sum(len(layer.types) for layer in layers) + 1
    bare = Structure(kinds, tuple(relations), tuple(events), tuple(roles), layers)
    seen = _Seen(bare, types)
    for sample in samples:
        seen.add(sample)
    links, anchors = tuple(sorted(seen.links)), tuple(sorted(seen.anchors))
    return Structure(kinds, bare.relations, bare.events, bare.roles, layers, anchors, links)


def _layers(samples: Sequence[Sample]) -> Iterator[Layer]:
    if any(s.relations for s in samples) and not _are_entities(samples, "relations"):
        ends = {end.type or "" for s in samples for r in s.relations or () for end in (r.head, r.tail)}
        yield Layer("relations", tuple(sorted(ends)))
    triggers = any(event.trigger is not None for s in samples for event in s.events or ())
    arguments = any(e.arguments for s in samples for e in s.events or ()) and not _are_entities(samples, "events")
    if triggers or arguments:
        yield Layer("events", (TRIGGER,) * triggers + (ARGUMENT,) * arguments)


def _are_entities(samples: Iterable[Sample], level: Literal["relations", "events"]) -> bool:
    """Whether nine of ten ends (or arguments) stand where an entity does."""
    found = total = 0
    for sample in samples:
        entities = {(entity.start, entity.end) for entity in sample.entities or ()}
        spans = _ends(sample) if level == "relations" else _arguments(sample)
        total += len(spans)
        found += sum(span in entities for span in spans)
    return found >= ENTITY_SHARE * total


def _ends(sample: Sample) -> list[_Border]:
    return [end for relation in sample.relations or () for end in borders(relation)]


def _arguments(sample: Sample) -> list[_Border]:
    return [(argument.start, argument.end) for event in sample.events or () for argument in event.arguments]


class _Seen:
    """The kinds that links and anchors of train have."""

    def __init__(self, structure: Structure, types: Sequence[str]) -> None:
        self.links: set[tuple[int, int, int]] = set()
        self.anchors: set[tuple[int, int]] = set()
        self._structure = structure
        self._types = {name: kind for kind, name in enumerate(types)}
        self._own = {
            (layer.level, name): first + i
            for first, layer in zip(structure.first_kinds(), structure.layers, strict=False)
            for i, name in enumerate(layer.types)
        }
        self._roles = {role: i for i, role in enumerate(structure.roles, start=len(structure.relations))}

    def add(self, sample: Sample) -> None:
        """Note one sample's."""
        kinds = defaultdict(set)
        for entity in sample.entities or ():
            kinds[(entity.start, entity.end)].add(self._types[entity.type])
        own = self._structure.layer("relations") is not None
        for relation in sample.relations or ():
            label = self._structure.relations.index(relation.type)
            ends = zip((relation.head, relation.tail), borders(relation), strict=True)
            heads, tails = ({self._own["relations", end.type or ""]} if own else kinds[at] for end, at in ends)
            self.links |= {(label, head, tail) for head in heads for tail in tails}
        for event in sample.events or ():
            number = self._structure.events.index(event.type)
            text = self._structure.kinds - 1
            kind = text if anchor(event) == (-1, -1) else self._own["events", TRIGGER]
            self.anchors.add((number, kind))
            for argument in event.arguments:
                label = self._roles[number, argument.role]
                filler = self._own.get(("events", ARGUMENT))
                fillers = kinds[(argument.start, argument.end)] if filler is None else {filler}
                self.links |= {(label, kind, one) for one in fillers}
