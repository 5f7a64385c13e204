"""The parts of the network: dropout, gated convolution, bidirectional LSTM, self-attention."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn


class Noise:
    """The source of all dropout masks: seeded per training step, so a resumed run draws the same."""

    def __init__(self) -> None:
        self.seed(0)

    def seed(self, *key: int) -> None:
        """Start the draws of one step; the same key gives the same draws."""
        self.generator = np.random.Generator(np.random.SFC64(np.random.SeedSequence(key)))

    def keep(self, size: int, rate: float) -> Tensor:
        """Booleans, (size,), each False with probability `rate` (in steps of 1/256)."""
        draws = np.frombuffer(bytearray(self.generator.bytes(size)), dtype=np.uint8)
        return torch.from_numpy(draws >= round(256 * rate))


class Dropout(nn.Module):
    """Dropout (Srivastava et al. 2014) with random bytes for masks: on a CPU several times faster than torch's."""

    def __init__(self, rate: float, noise: Noise) -> None:
        super().__init__()
        self.rate = rate
        self.noise = noise

    def forward(self, x: Tensor) -> Tensor:
        """Drop while training, pass on else."""
        if not self.training or not self.rate:
            return x
        kept = self.noise.keep(x.numel(), self.rate).view(x.shape)
        return x * kept * (1 / (1 - round(256 * self.rate) / 256))


class GatedConvolution(nn.Module):
    """A residual convolution of width 3 with a gated linear unit (Dauphin et al. 2017): (batch, n, d) -> same."""

    def __init__(self, width: int, dropout: Dropout) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.linear = nn.Linear(3 * width, 2 * width)
        self.dropout = dropout

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        """`valid`: (batch, n) booleans; padding counts as zeros."""
        padded = F.pad(self.norm(x) * valid[..., None], (0, 0, 1, 1))
        neighbours = torch.cat([padded[:, :-2], padded[:, 1:-1], padded[:, 2:]], -1)
        update: Tensor = self.dropout(F.glu(self.linear(neighbours), -1))
        return x + update


class BiLSTM(nn.Module):
    """One LSTM a direction over padded rows: (batch, n, d) -> (batch, n, 2 hidden).

    The second reads each row reversed within its own length, so padding is never seen before words; that is
    exact, and about twice as fast on a CPU as packed sequences.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.onward = nn.LSTM(width, hidden, batch_first=True)
        self.backward_ = nn.LSTM(width, hidden, batch_first=True)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        """`lengths`: (batch,)."""
        place = torch.arange(x.shape[1])[None]
        mirror = torch.where(place < lengths[:, None], lengths[:, None] - 1 - place, place)[..., None]
        onward, _ = self.onward(x)
        backward, _ = self.backward_(x.gather(1, mirror.expand(-1, -1, x.shape[2])))
        return torch.cat([onward, backward.gather(1, mirror.expand(-1, -1, backward.shape[2]))], -1)


class SelfAttention(nn.Module):
    """Multi-head scaled dot-product attention (Vaswani et al. 2017, section 3.2): (batch, n, d) -> same."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.linear = nn.Linear(width, 3 * width)

    def forward(self, x: Tensor, valid: Tensor) -> Tensor:
        """`valid`: (batch, n) booleans; padding is not attended to."""
        batch, n, width = x.shape
        split = self.linear(x).view(batch, n, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = split
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=valid[:, None, None, :])
        return mixed.transpose(1, 2).reshape(batch, n, width)


def pool(x: Tensor, valid: Tensor) -> Tensor:
    """Maximum and mean over the valid positions: (batch, n, d) -> (batch, 2 d)."""
    mask = valid[..., None]
    mean = (x * mask).sum(1) / mask.sum(1)
    return torch.cat([x.masked_fill(~mask, -1e4).amax(1), mean], -1)
