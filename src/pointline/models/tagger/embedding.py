"""Words and hashed features of a batch as vectors."""

from __future__ import annotations

from torch import Tensor, nn

from pointline.models.tagger.batch import Batch
from pointline.models.tagger.hashing import BUCKETS
from pointline.models.tagger.reader import NetworkSettings


class Embedding(nn.Module):
    """Word embedding + projected sum of feature embeddings, normalised; features of characters inside words apart."""

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.words = nn.Embedding(settings.words, settings.word_width)
        self.features = nn.EmbeddingBag(BUCKETS, settings.feature_width, mode="sum")
        tables: list[nn.Embedding | nn.EmbeddingBag] = [self.words, self.features]
        self.inside_features = None
        if settings.inside and settings.types:
            self.inside_features = nn.EmbeddingBag(BUCKETS, settings.feature_width, mode="sum")
            tables.append(self.inside_features)
        for table in tables:
            nn.init.normal_(table.weight, std=0.3)
        self.project = nn.Linear(settings.feature_width, settings.word_width)
        self.norm = nn.LayerNorm(settings.word_width)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        """Vectors of the words (batch, n, word_width) and of the characters inside them (batch, m, feature_width)."""
        words = self.words(batch.words)
        features = self.project(self.features(batch.features, batch.offsets)).view_as(words)
        embedded: Tensor = self.norm(words + features)
        if batch.inside is None or self.inside_features is None:
            return embedded, None
        bags: Tensor = self.inside_features(batch.inside.features, batch.inside.offsets)
        return embedded, bags.view(*batch.inside.parents.shape, -1)
