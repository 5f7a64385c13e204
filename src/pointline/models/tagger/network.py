"""The joint network: one embedding of the text, one or more readers of it, one CRF over their tags."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from pointline.models.tagger.batch import Batch
from pointline.models.tagger.crf import CRF, valid_positions
from pointline.models.tagger.hashing import BUCKETS
from pointline.models.tagger.layers import Noise
from pointline.models.tagger.reader import NetworkSettings, Output, Reader


class Network(nn.Module):
    """Embeddings, readers whose logits are averaged (a small ensemble), and the CRF."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        self.noise = Noise()
        width = settings.word_width
        self.words = nn.Embedding(settings.words, width)
        self.features = nn.EmbeddingBag(BUCKETS, settings.feature_width, mode="sum")
        tables: list[nn.Embedding | nn.EmbeddingBag] = [self.words, self.features]
        if settings.inside and settings.types:
            self.inside_features = nn.EmbeddingBag(BUCKETS, settings.feature_width, mode="sum")
            tables.append(self.inside_features)
        for table in tables:
            nn.init.normal_(table.weight, std=0.3)
        self.project = nn.Linear(settings.feature_width, width)
        self.norm = nn.LayerNorm(width)
        self.readers = nn.ModuleList(Reader(settings, self.noise) for _ in range(settings.readers))
        if settings.types:
            self.crf = CRF(settings.types)

    def outputs(self, batch: Batch) -> list[Output]:
        """What each reader says of a batch."""
        valid = valid_positions(batch.lengths, batch.words.shape[1])
        words = self.words(batch.words)
        features = self.project(self.features(batch.features, batch.offsets)).view_as(words)
        embedded = self.norm(words + features)
        inside = None
        if batch.inside is not None and self.settings.inside and self.settings.types:
            bags = self.inside_features(batch.inside.features, batch.inside.offsets)
            inside = bags.view(*batch.inside.parents.shape, -1)
        return [reader(embedded, valid, batch, inside) for reader in self.readers]

    def forward(self, batch: Batch) -> Output:
        """The mean of the readers' logits; levels that the network lacks are None."""
        said = self.outputs(batch)
        first, each, final, emissions = (_mean(logits) for logits in zip(*(one[1:] for one in said), strict=True))
        return Output(said[0].valid, first, each, final, emissions)

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
