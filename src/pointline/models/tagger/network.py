"""The joint network: text label and tags from one encoder, each seen by the other."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import torch
from torch import Tensor, nn

from pointline.models.tagger.crf import CRF, valid_positions
from pointline.models.tagger.hashing import BUCKETS
from pointline.models.tagger.inside import Inside, InsideBatch
from pointline.models.tagger.layers import BiLSTM, Dropout, GatedConvolution, Noise, SelfAttention, pool


class NetworkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sizes of the network; stored with the model.

    words: rows of the word embedding; row 0 is padding, row 1 any unknown word.
    labels, types: sizes of the two inventories; 0 leaves the level out.
    multi: text labels are independent (sigmoid) instead of exclusive (softmax).
    inside: tags are given to the characters of the words (see Inside); 0 or the width of a character's state.
    """

    words: int
    labels: int
    types: int
    multi: bool = False
    word_width: int = 128
    feature_width: int = 64
    hidden: int = 160
    heads: int = 4
    convolutions: int = 2
    text_width: int = 64
    inside: int = 0
    dropout: float = 0.4
    convolution_dropout: float = 0.1


class Batch(NamedTuple):
    """Rows of one batch: words, tags (batch, n); lengths (batch,); labels (batch, labels) as 0/1.

    `features` holds the ids of all batch x n positions one after another, position i from `offsets[i]`.
    With `inside`, rows are words, and tags are those of the characters inside them, (batch, m).
    `has_labels`, `has_tags`: (batch,) booleans, whether the level is annotated.
    """

    words: Tensor
    features: Tensor
    offsets: Tensor
    lengths: Tensor
    labels: Tensor
    has_labels: Tensor
    tags: Tensor
    has_tags: Tensor
    inside: InsideBatch | None = None

    @property
    def tag_lengths(self) -> Tensor:
        """How many tags each row has: (batch,)."""
        return self.lengths if self.inside is None else self.inside.lengths


class Output(NamedTuple):
    """Logits: `first`, `final` (batch, labels), `each` (batch, n, labels), emissions (batch, n, tags)."""

    valid: Tensor
    first: Tensor | None
    each: Tensor | None
    final: Tensor | None
    emissions: Tensor | None


class Network(nn.Module):
    """Embeddings, convolutions, BiLSTM beside self-attention, then heads that exchange their beliefs.

    The text label guessed from the pooled text and from each token (token-level intent: Qin et al. 2019,
    section 3.2) is embedded and joined to every token before the tags are scored; the tags' probabilities, pooled,
    are joined to the pooled text before the label is scored again.
    """

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        self.noise = Noise()
        width = settings.word_width
        inner = 2 * settings.hidden + width
        self.words = nn.Embedding(settings.words, width)
        self.features = nn.EmbeddingBag(BUCKETS, settings.feature_width, mode="sum")
        for table in (self.words, self.features):
            nn.init.normal_(table.weight, std=0.3)
        self.project = nn.Linear(settings.feature_width, width)
        self.norm = nn.LayerNorm(width)
        self.dropout = Dropout(settings.dropout, self.noise)
        light = Dropout(settings.convolution_dropout, self.noise)
        self.convolutions = nn.ModuleList(GatedConvolution(width, light) for _ in range(settings.convolutions))
        self.lstm = BiLSTM(width, settings.hidden)
        self.attention = SelfAttention(width, settings.heads)
        tags = 2 * settings.types + 1 if settings.types else 0
        if settings.labels:
            self.label_first = nn.Linear(2 * inner, settings.labels)
            self.label_each = nn.Linear(inner, settings.labels)
            self.label_final = nn.Linear(2 * (inner + tags), settings.labels)
        if settings.types:
            joined = settings.text_width if settings.labels else 0
            if joined:
                self.label_embed = nn.Linear(settings.labels, joined)
            if settings.inside:
                self.inside = Inside(inner + joined, settings.feature_width, settings.inside, self.dropout)
            self.emit = nn.Linear(settings.inside or inner + joined, tags)
            self.crf = CRF(settings.types)

    def forward(self, batch: Batch) -> Output:
        """All logits of a batch; levels that the network lacks are None."""
        hidden, valid = self._encode(batch)
        if not self.settings.labels:
            return Output(valid, None, None, None, self._emissions(hidden, batch)[0])
        pooled = pool(hidden, valid)
        first = self.label_first(pooled)
        each = self.label_each(hidden)
        if not self.settings.types:
            return Output(valid, first, each, self.label_final(pooled), None)
        belief = (self._probabilities(first)[:, None] + self._probabilities(each)) / 2
        emissions, tagged = self._emissions(torch.cat([hidden, self.label_embed(belief)], -1), batch)
        tags = pool(emissions.softmax(-1), tagged)
        final = self.label_final(torch.cat([pooled, tags], -1))
        return Output(valid, first, each, final, emissions)

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

    def _encode(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """(batch, n, 2 hidden + word_width) and which positions are valid."""
        valid = valid_positions(batch.lengths, batch.words.shape[1])
        words = self.words(batch.words)
        features = self.project(self.features(batch.features, batch.offsets)).view_as(words)
        x = self.dropout(self.norm(words + features))
        local = x
        for convolution in self.convolutions:
            local = convolution(local, valid)
        hidden = torch.cat([self.lstm(local, batch.lengths), self.attention(x, valid)], -1)
        return self.dropout(hidden), valid

    def _emissions(self, states: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Scores of the tags and which positions have one, of words or of the characters inside them."""
        valid = valid_positions(batch.tag_lengths, batch.tags.shape[1])
        if batch.inside is not None:
            states = self.inside(states, batch.inside, valid)
        return self.emit(states), valid

    def _probabilities(self, logits: Tensor) -> Tensor:
        return logits.sigmoid() if self.settings.multi else logits.softmax(-1)
