"""The joint network: one or more readers of a text, each with its own embedding, and one CRF over their tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from pointline.models.tagger.batch import Batch
from pointline.models.tagger.crf import CRF, valid_positions
from pointline.models.tagger.embedding import Embedding
from pointline.models.tagger.layers import Noise
from pointline.models.tagger.pairs import Candidates
from pointline.models.tagger.pretrained import Pretrained
from pointline.models.tagger.reader import NetworkSettings, Output, Reader


class Network(nn.Module):
    """Readers whose logits are averaged (an ensemble trained as one), and the CRF."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        self.noise = Noise()
        self.pretrained = None if settings.encoder is None else Pretrained(settings.encoder)
        encoded = 0 if self.pretrained is None else self.pretrained.width
        self.embeddings = nn.ModuleList(Embedding(settings, encoded) for _ in range(settings.readers))
        self.readers = nn.ModuleList(Reader(settings, self.noise) for _ in range(settings.readers))
        if settings.types:
            self.crf = CRF(settings.types)
        if settings.joins:
            self.own = nn.ModuleList(CRF(types) for types in settings.joins.layers)

    def outputs(self, batch: Batch) -> list[Output]:
        """What each reader says of a batch."""
        valid = valid_positions(batch.lengths, batch.words.shape[1])
        states = None if self.pretrained is None else self.pretrained(batch.pieces)
        said = []
        for embedding, reader in zip(self.embeddings, self.readers, strict=True):
            words, inside = embedding(batch, states)
            said.append(reader(words, valid, batch, inside))
        return said

    def forward(self, batch: Batch) -> Output:
        """The mean of the readers' logits; levels that the network lacks are None."""
        return self.mean(self.outputs(batch))

    def mean(self, said: Sequence[Output]) -> Output:
        """The mean of the readers' logits; their states are not averaged."""
        first, each, final, emissions = (_mean(logits) for logits in zip(*(one[1:5] for one in said), strict=True))
        layers = zip(*(one.layers for one in said), strict=True)
        own = tuple(sum(logits[1:], logits[0]) / len(logits) for logits in layers)
        return Output(said[0].valid, first, each, final, emissions, own)

    def linked(self, said: Sequence[Output], asked: Candidates) -> tuple[Tensor, Tensor]:
        """The mean of the readers' logits of events, (anchors, events), and of links, (pairs, labels)."""
        found = [
            cast(Reader, reader).joins(cast(Tensor, one.states), asked)
            for reader, one in zip(self.readers, said, strict=True)
        ]
        events, links = (torch.stack(logits).mean(0) for logits in zip(*found, strict=True))
        return events, links

    def label_probabilities(self, output: Output) -> Tensor:
        """The text level's probabilities from the final head and the mean over tokens: (batch, labels)."""
        assert output.final is not None
        assert output.each is not None
        mask = output.valid[..., None]
        each = output.each if self.settings.multi else output.each.log_softmax(-1)
        mean = (each * mask).sum(1) / mask.sum(1)
        if self.settings.multi:
            return ((output.final + mean) / 2).sigmoid()
        return ((output.final.log_softmax(-1) + mean) / 2).softmax(-1)


def _mean(logits: Sequence[Tensor | None]) -> Tensor | None:
    present = [one for one in logits if one is not None]
    return sum(present[1:], present[0]) / len(present) if present else None
