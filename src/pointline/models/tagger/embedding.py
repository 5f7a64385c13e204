"""Words, or a pretrained encoder's states, and hashed features of a batch as vectors."""

from __future__ import annotations

from torch import Tensor, nn

from pointline.models.tagger.batch import Batch
from pointline.models.tagger.hashing import BUCKETS
from pointline.models.tagger.reader import NetworkSettings


class Embedding(nn.Module):
    """Word embedding + projected sum of feature embeddings, normalised; features of characters inside words apart.

    `encoded`: width of a pretrained encoder's states, which take the place of the word embedding; 0: none.
    """

    def __init__(self, settings: NetworkSettings, encoded: int = 0) -> None:
        super().__init__()
        self.features = nn.EmbeddingBag(BUCKETS, settings.feature_width, mode="sum")
        tables: list[nn.Embedding | nn.EmbeddingBag] = [self.features]
        if encoded:
            self.encoded = nn.Linear(encoded, settings.word_width)
        else:
            self.words = nn.Embedding(settings.words, settings.word_width)
            tables.insert(0, self.words)
        self.inside_features = None
        if settings.inside and settings.types:
            self.inside_features = nn.EmbeddingBag(BUCKETS, settings.feature_width, mode="sum")
            tables.append(self.inside_features)
        for table in tables:
            nn.init.normal_(table.weight, std=0.3)
        self.project = nn.Linear(settings.feature_width, settings.word_width)
        self.norm = nn.LayerNorm(settings.word_width)

    def forward(self, batch: Batch, states: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Vectors of the words (batch, n, word_width) and of the characters inside them (batch, m, feature_width).

        `states`: what a pretrained encoder says of the words, (batch, n, encoded).
        """
        words = self.words(batch.words) if states is None else self.encoded(states)
        features = self.project(self.features(batch.features, batch.offsets)).view_as(words)
        embedded: Tensor = self.norm(words + features)
        if batch.inside is None or self.inside_features is None:
            return embedded, None
        bags: Tensor = self.inside_features(batch.inside.features, batch.inside.offsets)
        return embedded, bags.view(*batch.inside.parents.shape, -1)
