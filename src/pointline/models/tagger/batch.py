"""What the network reads at once: rows of several texts, padded."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Batch(NamedTuple):
    """Rows of one batch: words, tags (batch, n); lengths (batch,); labels (batch, labels) as 0/1.

    `features` holds the ids of all batch x n positions one after another, position i from `offsets[i]`.
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
