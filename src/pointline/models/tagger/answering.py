"""Relations and events of a prediction: what the windows of a text found, put together as records."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from pointline.models.tagger.joining import Join, Joined
from pointline.models.tagger.pairs import Placed
from pointline.models.tagger.structure import Structure
from pointline.models.tagger.tokens import Token
from pointline.models.windows import Window
from pointline.sample import Argument, Event, Relation, Span


class Answer:
    """The spans of one text, looked up by their tokens; `entities` are those that the answer holds."""

    def __init__(
        self,
        structure: Structure,
        names: Sequence[str],
        text: str,
        tokens: Sequence[Token],
        entities: Container[Placed],
    ) -> None:
        self.structure = structure
        self.names = names
        self.text = text
        self.tokens = tokens
        self.entities = entities
        self.layered = structure.first_kinds()[0] if structure.layers else structure.kinds - 1

    def relations(self, found: Iterable[Joined], asked: Container[str]) -> list[Relation]:
        """Those whose types are asked for, in order of their ends."""
        joins = sorted({one for joined in found for one in joined.relations if self._stands(one)}, key=_order)
        return [
            Relation(name, self._span(one.head), self._span(one.tail), score=one.score)
            for one in joins
            if (name := self.structure.relations[one.label]) in asked
        ]

    def events(self, found: Iterable[Joined], asked: Mapping[str, Container[str]]) -> list[Event]:
        """Those asked for, with the roles asked for; events of the whole text, one a type, come last."""
        text = self.structure.kinds - 1
        scores: dict[tuple[Placed, int], float] = {}
        fillers: dict[tuple[Placed, int], list[tuple[Join, str]]] = {}
        for joined in found:
            for event, span, score in joined.events:
                key = (span, event)
                scores[key] = max(score, scores.get(key, 0))
            for one in joined.roles:
                event, role = self.structure.roles[one.label - len(self.structure.relations)]
                fillers.setdefault((one.head, event), []).append((one, role))
        events = []
        for key in sorted(scores, key=lambda key: (key[0][2] == text, *key[0], key[1])):
            span, event = key
            name = self.structure.events[event]
            if name not in asked:
                continue
            joins = sorted(fillers.get(key, ()), key=lambda pair: _order(pair[0]))
            arguments = [self._argument(role, one) for one, role in joins if role in asked[name] and self._stands(one)]
            trigger = None if span[2] == text else self._span(span)
            events.append(Event(name, trigger, arguments, score=scores[key]))
        return events

    def _stands(self, one: Join) -> bool:
        """Whether the ends that are entities are entities of the answer: windows may see them differently."""
        return all(span[2] >= self.layered or span in self.entities for span in (one.head, one.tail))

    def _span(self, span: Placed) -> Span:
        start, end = self.tokens[span[0]].start, self.tokens[span[1] - 1].end
        return Span(self.text[start:end], start, end, type=self.names[span[2]] or None)

    def _argument(self, role: str, one: Join) -> Argument:
        span = self._span(one.tail)
        return Argument(role, span.text, span.start, span.end, type=span.type, score=one.score)


def owned(found: Iterable[tuple[Window, Joined | None]], structure: Structure) -> list[Joined]:
    """What each window answers for, counted from the text's start."""
    return [joined.owned(window, structure.kinds - 1) for window, joined in found if joined is not None]


def _order(one: Join) -> tuple[Placed, Placed, int]:
    return one.head, one.tail, one.label
