"""Which spans of a batch are asked about: each that may carry an event, each pair that may be joined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from pointline.models.tagger.structure import Structure

Placed = tuple[int, int, int]


class Candidates(NamedTuple):
    """Spans (spans, 4): row, start, end, kind. `anchors` (a,) and `pairs` (p, 2) count them."""

    spans: Tensor
    anchors: Tensor
    pairs: Tensor


class Rules:
    """What a structure allows, as tables over kinds."""

    def __init__(self, structure: Structure) -> None:
        self.text = structure.kinds - 1
        self.labels = len(structure.relations) + len(structure.roles)
        self.anchors = torch.zeros(structure.kinds, len(structure.events), dtype=torch.bool)
        self.links = torch.zeros(structure.kinds, structure.kinds, self.labels, dtype=torch.bool)
        for event, kind in structure.anchors:
            self.anchors[kind, event] = True
        for label, head, tail in structure.links:
            self.links[head, tail, label] = True
        self.carries = {kind for _, kind in structure.anchors}
        self.joined = {(head, tail) for _, head, tail in structure.links}

    def spans(self, found: Iterable[Placed], size: int) -> list[Placed]:
        """The spans of one text of so many tokens, with the text itself where events may stand there."""
        return [*found, (0, size, self.text)] if size and self.text in self.carries else list(found)

    def candidates(self, rows: Sequence[Sequence[Placed]]) -> Candidates:
        """All that may be asked about these spans, row by row."""
        spans: list[tuple[int, int, int, int]] = []
        anchors: list[int] = []
        pairs: list[tuple[int, int]] = []
        for row, placed in enumerate(rows):
            first = len(spans)
            spans += [(row, *span) for span in placed]
            anchors += [first + i for i, (_, _, kind) in enumerate(placed) if kind in self.carries]
            pairs += [
                (first + i, first + j)
                for i, (_, _, head) in enumerate(placed)
                for j, (_, _, tail) in enumerate(placed)
                if i != j and (head, tail) in self.joined
            ]
        return Candidates(
            torch.tensor(spans, dtype=torch.long).view(-1, 4),
            torch.tensor(anchors, dtype=torch.long),
            torch.tensor(pairs, dtype=torch.long).view(-1, 2),
        )
