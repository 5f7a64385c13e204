"""What joins the spans of a text: from the heads' scores to relations and events in the record's form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from torch import Tensor

from pointline.models.tagger.batch import Batch
from pointline.models.tagger.encode import Inventory, tagged_spans
from pointline.models.tagger.network import Network
from pointline.models.tagger.pairs import Candidates, Placed, Rules
from pointline.models.tagger.reader import Output
from pointline.models.tagger.structure import Structure
from pointline.models.windows import Window

SURE = 0.5


class Join(NamedTuple):
    """One relation, or one role of an event, with the two spans (start, end, kind) that it joins."""

    label: int
    head: Placed
    tail: Placed
    score: float


class Joined(NamedTuple):
    """What was found in one window: relations, events as (type, span, score), roles."""

    relations: list[Join]
    events: list[tuple[int, Placed, float]]
    roles: list[Join]

    def owned(self, window: Window, text: int) -> Joined:
        """Counted from the text's start; of what windows share, that whose head or trigger begins in this one's own.

        An event of the whole text (kind `text`) belongs to all windows, its arguments to the one that owns them.
        """
        by = window.start

        def moved(span: Placed) -> Placed:
            return (0, 0, text) if span[2] == text else (span[0] + by, span[1] + by, span[2])

        def own(span: Placed) -> bool:
            return span[2] == text or window.own_start <= span[0] + by < window.own_end

        def join(one: Join) -> Join:
            return one._replace(head=moved(one.head), tail=moved(one.tail))

        return Joined(
            [join(one) for one in self.relations if own(one.head)],
            [(event, moved(span), score) for event, span, score in self.events if own(span)],
            [join(one) for one in self.roles if own(one.tail if one.head[2] == text else one.head)],
        )


class Joiner:
    """Asks the heads of a network about the spans that its tags found."""

    def __init__(self, network: Network, inventory: Inventory, structure: Structure) -> None:
        self.network = network
        self.structure = structure
        self.rules = Rules(structure)
        self.types = {name: kind for kind, name in enumerate(inventory.types or ())}

    def __call__(
        self,
        batch: Batch,
        said: Sequence[Output],
        entities: Sequence[Iterable[tuple[int, int, str]]],
        sizes: Sequence[int],
    ) -> list[Joined]:
        """Of each row `entities` as (start, end, type), and how many tokens it has: none for an empty text."""
        rows = [[(start, end, self.types[kind]) for start, end, kind in found] for found in entities]
        mean = self.network.mean(said)
        layers = zip(self.structure.first_kinds(), self.network.own, mean.layers, strict=True)
        for first, crf, emissions in layers if self.structure.layers else ():
            best = crf.decode(emissions, batch.tag_lengths)  # type: ignore[operator]
            for placed, tags, size in zip(rows, best.tolist(), sizes, strict=True):
                placed += [(start, end, first + kind) for start, end, kind in tagged_spans(tags[:size])]
        rows = [self.rules.spans(placed, size) for placed, size in zip(rows, sizes, strict=True)]
        asked = self.rules.candidates(rows)
        events, links = self.network.linked(said, asked)
        return self._read(asked, events.sigmoid(), links.sigmoid(), len(rows))

    def _read(self, asked: Candidates, events: Tensor, links: Tensor, rows: int) -> list[Joined]:
        spans: list[list[int]] = asked.spans.tolist()
        found = [Joined([], [], []) for _ in range(rows)]
        carried = self._events(asked, events, spans, found)
        heads, tails = asked.pairs.unbind(1)
        links = links * self.rules.links[asked.spans[heads, 3], asked.spans[tails, 3]]
        pairs = asked.pairs.tolist()
        relations = len(self.structure.relations)
        for pair, label in (links > SURE).nonzero().tolist():
            head, tail = pairs[pair]
            one = Join(label, _placed(spans[head]), _placed(spans[tail]), round(float(links[pair, label]), 4))
            row = found[spans[head][0]]
            if label < relations:
                row.relations.append(one)
            elif (head, self.structure.roles[label - relations][0]) in carried:
                row.roles.append(one)
        return found

    def _events(
        self, asked: Candidates, events: Tensor, spans: list[list[int]], found: list[Joined]
    ) -> set[tuple[int, int]]:
        """The events of each anchor; a trigger carries its best event at least, the whole text only what is sure."""
        carried: set[tuple[int, int]] = set()
        if not len(asked.anchors):
            return carried
        events = events * self.rules.anchors[asked.spans[asked.anchors, 3]]
        sure = events > SURE
        triggers = asked.spans[asked.anchors, 3] != self.rules.text
        sure[triggers.nonzero()[:, 0], events[triggers].argmax(1)] = True
        anchors = asked.anchors.tolist()
        for place, event in sure.nonzero().tolist():
            span = anchors[place]
            carried.add((span, event))
            found[spans[span][0]].events.append((event, _placed(spans[span]), round(float(events[place, event]), 4)))
        return carried


def _placed(span: Sequence[int]) -> Placed:
    return span[1], span[2], span[3]
