"""What a training step asks about spans: all that is annotated, and a share of the pairs that nothing joins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from pointline.models.tagger.encode import tagged_spans
from pointline.models.tagger.example import Example
from pointline.models.tagger.pairs import Candidates, Placed, Rules
from pointline.models.tagger.structure import Links, Structure


class Wanted(NamedTuple):
    """What is asked, what the answers are as 0/1, and which of them count: (anchors, events), (pairs, links)."""

    asked: Candidates
    events: Tensor
    events_count: Tensor
    links: Tensor
    links_count: Tensor


class Asking:
    """Makes the questions of one batch from the annotated spans."""

    def __init__(self, structure: Structure, negatives: int) -> None:
        self.structure = structure
        self.negatives = negatives
        self.rules = Rules(structure)

    def __call__(self, examples: Sequence[Example], generator: np.random.Generator) -> Wanted:
        """All annotated links and `negatives` other pairs a text at most, drawn by `generator`."""
        gold = [example.links or Links(False, False) for example in examples]
        spans = [self.rules.spans(self._spans(example), len(example.tokens)) for example in examples]
        asked = self.rules.candidates(spans)
        events, links = _answers(gold, asked, self.rules)
        positive = links.any(1).numpy()
        rows = asked.spans[asked.pairs[:, 0], 0].numpy()
        kept = torch.from_numpy(_thinned(rows, positive, self.negatives, generator))
        asked = asked._replace(pairs=asked.pairs[kept])
        return Wanted(asked, events, self._events_count(gold, asked), links[kept], self._links_count(gold, asked))

    def _spans(self, example: Example) -> list[Placed]:
        found = tagged_spans(example.tags or ())
        for first, tags in zip(self.structure.first_kinds(), example.layers, strict=False):
            found += [(start, end, first + kind) for start, end, kind in tagged_spans(tags or ())]
        return found

    def _events_count(self, gold: Sequence[Links], asked: Candidates) -> Tensor:
        annotated = torch.tensor([one.events for one in gold])
        rows, kinds = asked.spans[asked.anchors][:, 0], asked.spans[asked.anchors][:, 3]
        return annotated[rows][:, None] & self.rules.anchors[kinds]

    def _links_count(self, gold: Sequence[Links], asked: Candidates) -> Tensor:
        relations, roles = len(self.structure.relations), len(self.structure.roles)
        annotated = torch.tensor([[one.relations] * relations + [one.events] * roles for one in gold])
        heads, tails = asked.spans[asked.pairs[:, 0]], asked.spans[asked.pairs[:, 1]]
        return annotated[heads[:, 0]] & self.rules.links[heads[:, 3], tails[:, 3]]


def link_loss(wanted: Wanted, events: Tensor, links: Tensor, rows: int) -> Tensor:
    """Binary cross-entropy of all answers that count, a text."""
    loss = torch.zeros(())
    for said, real, count in ((events, wanted.events, wanted.events_count), (links, wanted.links, wanted.links_count)):
        if said.numel():
            each = F.binary_cross_entropy_with_logits(said, real, reduction="none")
            loss = loss + (each * count).sum() / rows
    return loss


def _answers(gold: Sequence[Links], asked: Candidates, rules: Rules) -> tuple[Tensor, Tensor]:
    """1 where an anchor carries an event, where a link joins a pair."""
    spans = asked.spans.tolist()
    places = [(row, -1, -1) if kind == rules.text else (row, start, end) for row, start, end, kind in spans]
    anchors: dict[tuple[int, int, int], list[int]] = {}
    pairs: dict[tuple[int, ...], list[int]] = {}
    for row, links in enumerate(gold):
        for event, start, end in links.anchors:
            anchors.setdefault((row, start, end), []).append(event)
        for label, *ends in links.pairs:
            pairs.setdefault((row, *ends), []).append(label)
    events = torch.zeros(len(asked.anchors), rules.anchors.shape[1])
    for i, span in enumerate(asked.anchors.tolist()):
        events[i, anchors.get(places[span], [])] = 1
    joined = np.zeros((len(asked.pairs), rules.labels), np.float32)
    for i, (head, tail) in enumerate(asked.pairs.tolist()):
        labels = pairs.get((*places[head], *places[tail][1:]))
        if labels:
            joined[i, labels] = 1
    allowed = rules.links[asked.spans[asked.pairs[:, 0], 3], asked.spans[asked.pairs[:, 1], 3]]
    return events * rules.anchors[asked.spans[asked.anchors, 3]], torch.from_numpy(joined) * allowed


def _thinned(rows: np.ndarray, positive: np.ndarray, negatives: int, generator: np.random.Generator) -> np.ndarray:
    """The numbers of the pairs to keep: all that are joined, of the others at most so many a row, in order."""
    drawn = generator.random(len(rows))
    drawn[positive] = -1
    order = np.lexsort((drawn, rows))
    ordered = rows[order]
    first = np.searchsorted(ordered, ordered)
    rank = np.arange(len(rows)) - first
    joined = np.bincount(rows[positive], minlength=int(rows.max(initial=0)) + 1)
    return np.sort(order[rank < joined[ordered] + negatives])
