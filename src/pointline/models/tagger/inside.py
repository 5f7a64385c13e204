"""The second layer where words are longer than what is labelled: word states become states of the tokens inside."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from pointline.models.tagger.layers import Dropout


class Inside(nn.Module):
    """Each token sees its word's state, its own features and both neighbours through one gated convolution.

    Analysers cut words wrongly where names meet words (`県勢`, `訪日`), so tags are given to characters, while the
    long-range reading is done over words, of which there are fewer.
    """

    def __init__(self, width: int, feature_width: int, inner: int, dropout: Dropout) -> None:
        super().__init__()
        self.project_word = nn.Linear(width, inner)
        self.project_features = nn.Linear(feature_width, inner)
        self.norm = nn.LayerNorm(inner)
        self.gate = nn.Linear(3 * inner, 2 * inner)
        self.dropout = dropout

    def forward(self, words: Tensor, features: Tensor, parents: Tensor, valid: Tensor) -> Tensor:
        """Word states (batch, n, width); of tokens features (batch, m, feature_width), parents and valid (batch, m).

        Gives token states, (batch, m, inner).
        """
        states = self.project_word(words)
        above = states.gather(1, parents[..., None].expand(-1, -1, states.shape[2]))
        x = F.gelu(self.norm(above + self.project_features(self.dropout(features)))) * valid[..., None]
        padded = F.pad(x, (0, 0, 1, 1))
        neighbours = torch.cat([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], -1)
        seen: Tensor = self.dropout(x + F.glu(self.gate(neighbours), -1))
        return seen
