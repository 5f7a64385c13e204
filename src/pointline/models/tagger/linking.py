"""What is annotated of relations and events, as tokens, tags and numbers; and what the heads said, as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pointline.models.tagger.structure import Links, Structure, anchor, borders
from pointline.models.tagger.tokens import Token
from pointline.sample import Sample

Border = tuple[int | None, int | None]


class Linker:
    """Finds the annotated links among the spans that were placed on tokens; counts in `lost` what has no place."""

    def __init__(self, structure: Structure) -> None:
        self._relations = {name: i for i, name in enumerate(structure.relations)}
        self._events = {name: i for i, name in enumerate(structure.events)}
        self._roles = {
            (structure.events[event], role): i
            for i, (event, role) in enumerate(structure.roles, start=len(structure.relations))
        }

    def __call__(
        self, sample: Sample, tokens: Sequence[Token], placed: Sequence[tuple[int, int]], lost: dict[str, int]
    ) -> Links:
        """The links of one text whose spans, in tokens, are `placed`."""
        held = {(tokens[a].start, tokens[b - 1].end): (a, b) for a, b in placed}
        pairs = self._relation_pairs(sample, held, lost)
        anchors = []
        for event in sample.events or ():
            at = (-1, -1) if event.trigger is None else held.get(anchor(event))  # type: ignore[arg-type]
            number = self._events.get(event.type)
            if at is None or number is None:
                _count(lost, "events whose trigger has no place")
                continue
            anchors.append((number, *at))
            for argument in event.arguments:
                filler = held.get((argument.start, argument.end))  # type: ignore[arg-type]
                label = self._roles.get((event.type, argument.role))
                if filler is None or label is None:
                    _count(lost, "arguments that have no place")
                else:
                    pairs.append((label, *at, *filler))
        return Links(sample.relations is not None, sample.events is not None, tuple(anchors), tuple(pairs))

    def _relation_pairs(
        self, sample: Sample, held: Mapping[tuple[int, int], tuple[int, int]], lost: dict[str, int]
    ) -> list[tuple[int, int, int, int, int]]:
        pairs = []
        for relation in sample.relations or ():
            head, tail = (held.get(border) for border in borders(relation))  # type: ignore[arg-type]
            label = self._relations.get(relation.type)
            if head is None or tail is None or label is None:
                _count(lost, "relations whose ends have no place")
            else:
                pairs.append((label, *head, *tail))
        return pairs


def _count(lost: dict[str, int], what: str) -> None:
    lost[what] = lost.get(what, 0) + 1
