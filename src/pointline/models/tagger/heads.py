"""The heads for relations and events: what event a span carries, and what joins two spans."""

from __future__ import annotations

import msgspec
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from pointline.models.tagger.layers import Dropout
from pointline.models.tagger.pairs import Candidates

DISTANCES = 8
RARE = -2.0
CHUNK = 8192


class HeadSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sizes of the heads: types of each layer of tags, kinds of spans, events, labels of links."""

    layers: tuple[int, ...]
    kinds: int
    events: int
    links: int
    width: int = 128


class RangeMax:
    """Maxima over any stretches of tokens, two look-ups each: a table of maxima over 1, 2, 4, ... tokens."""

    def __init__(self, states: Tensor, longest: int) -> None:
        self.batch, self.length, width = states.shape
        levels = [states]
        step = 1
        while 2 * step <= longest:
            last = levels[-1]
            levels.append(torch.cat([torch.maximum(last[:, :-step], last[:, step:]), last[:, -step:]], 1))
            step *= 2
        self.table = torch.cat(levels).view(-1, width)

    def __call__(self, rows: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
        """(stretches,) each, to (stretches, width); zeros where a stretch is empty.

        >>> best = RangeMax(torch.tensor([[[3.0], [1.0], [2.0]]]), 3)
        >>> best(torch.tensor([0, 0]), torch.tensor([1, 2]), torch.tensor([3, 2])).tolist()
        [[2.0], [0.0]]
        """
        lengths = (ends - starts).clamp(min=1)
        level = torch.frexp(lengths.float()).exponent.long() - 1
        base = (level * self.batch + rows) * self.length
        left = self.table.index_select(0, base + starts.clamp(max=self.length - 1))
        right = self.table.index_select(0, base + (ends - (1 << level)).clamp(min=0))
        return torch.maximum(left, right) * (ends > starts)[:, None]


class Heads(nn.Module):
    """Scores of events and links from token states, kinds of spans, their distance and what stands between them.

    As in SpERT (Eberts and Ulges 2020, section 3.3) the words between two spans, max-pooled, tell what joins them;
    each label is a yes or no of its own.
    """

    def __init__(self, width: int, settings: HeadSettings, dropout: Dropout) -> None:
        super().__init__()
        inner = settings.width
        self.dropout = dropout
        self.project = nn.Linear(width, inner)
        self.kind = nn.Embedding(settings.kinds, inner)
        self.first = nn.Linear(4 * inner, 2 * inner)
        self.second = nn.Linear(4 * inner, 2 * inner)
        self.between = nn.Linear(inner, inner)
        self.distance = nn.Embedding(2 * DISTANCES + 1, inner)
        self.norm = nn.LayerNorm(inner)
        self.link = nn.Linear(inner, settings.links)
        nn.init.constant_(self.link.bias, RARE)
        if settings.events:
            self.carry = nn.Linear(4 * inner, inner)
            self.event = nn.Linear(inner, settings.events)

    def forward(self, states: Tensor, asked: Candidates) -> tuple[Tensor, Tensor]:
        """Token states (batch, n, width) to logits: of the anchors (a, events), of the pairs (p, links)."""
        projected = F.gelu(self.project(states))
        rows, starts, ends, kinds = asked.spans.unbind(1)
        pooled = RangeMax(projected, states.shape[1])
        flat = projected.flatten(0, 1)
        place = rows * states.shape[1]
        edges = [flat.index_select(0, place + starts), flat.index_select(0, place + ends - 1)]
        spans = self.dropout(torch.cat([pooled(rows, starts, ends), *edges, self.kind(kinds)], -1))
        events = spans.new_zeros(len(asked.anchors), 0)
        if hasattr(self, "event"):
            events = self.event(self.dropout(F.gelu(self.carry(spans.index_select(0, asked.anchors)))))
        sides = self.first(spans), self.second(spans)
        links = [self._links(asked.spans, pooled, sides, pairs) for pairs in torch.split(asked.pairs, CHUNK)]
        return events, torch.cat(links) if links else spans.new_zeros(0, self.link.out_features)

    def _links(self, spans: Tensor, pooled: RangeMax, sides: tuple[Tensor, Tensor], pairs: Tensor) -> Tensor:
        heads, tails = pairs.unbind(1)
        added, times = sides[0].index_select(0, heads).chunk(2, -1)
        plus, by = sides[1].index_select(0, tails).chunk(2, -1)
        rows, starts, ends = spans.index_select(0, heads)[:, :3].unbind(1)
        other_starts, other_ends = spans.index_select(0, tails)[:, 1:3].unbind(1)
        left, right = torch.minimum(ends, other_ends), torch.maximum(starts, other_starts)
        between = self.dropout(self.between(pooled(rows, left, right)))
        distance = self.distance(_buckets(right - left, starts < other_starts))
        scores: Tensor = self.link(self.dropout(F.gelu(self.norm(added + plus + between + distance + times * by))))
        return scores


def _buckets(gaps: Tensor, onward: Tensor) -> Tensor:
    """Distances by powers of two, the two directions apart; 0 where the spans overlap.

    >>> _buckets(torch.tensor([-1, 0, 5, 5]), torch.tensor([True, True, True, False])).tolist()
    [0, 1, 3, 11]
    """
    sizes = torch.frexp((gaps.clamp(min=0) + 1).float()).exponent.long().clamp(max=DISTANCES)
    return torch.where(gaps < 0, 0, torch.where(onward, sizes, sizes + DISTANCES))
