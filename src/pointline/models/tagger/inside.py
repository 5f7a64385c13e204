"""The second layer where words are longer than what is labelled: word states become states of their characters."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from pointline.models.tagger.hashing import BUCKETS
from pointline.models.tagger.layers import Dropout


class InsideBatch(NamedTuple):
    """Characters of each row: `parents` (batch, m) number their words, `lengths` (batch,).

    `features` holds the ids of all batch x m characters one after another, character i from `offsets[i]`.
    """

    parents: Tensor
    features: Tensor
    offsets: Tensor
    lengths: Tensor


class Inside(nn.Module):
    """Each character sees its word's state, its own features and both neighbours through one gated convolution.

    Analysers cut words wrongly where names meet words (`県勢`, `訪日`), so tags are given to characters, while the
    long-range reading is done over words, where it works better than over characters.
    """

    def __init__(self, width: int, feature_width: int, inner: int, dropout: Dropout) -> None:
        super().__init__()
        self.features = nn.EmbeddingBag(BUCKETS, feature_width, mode="sum")
        nn.init.normal_(self.features.weight, std=0.3)
        self.project_word = nn.Linear(width, inner)
        self.project_features = nn.Linear(feature_width, inner)
        self.norm = nn.LayerNorm(inner)
        self.gate = nn.Linear(3 * inner, 2 * inner)
        self.dropout = dropout

    def forward(self, words: Tensor, batch: InsideBatch, valid: Tensor) -> Tensor:
        """(batch, n, width) word states and `valid` (batch, m) -> (batch, m, inner) character states."""
        bags = self.features(batch.features, batch.offsets).view(*batch.parents.shape, -1)
        inner = self.project_word(words)
        above = inner.gather(1, batch.parents[..., None].expand(-1, -1, inner.shape[2]))
        x = F.gelu(self.norm(above + self.project_features(self.dropout(bags)))) * valid[..., None]
        padded = F.pad(x, (0, 0, 1, 1))
        neighbours = torch.cat([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], -1)
        states: Tensor = self.dropout(x + F.glu(self.gate(neighbours), -1))
        return states
