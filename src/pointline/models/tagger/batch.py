"""What the network reads at once: rows of several texts, padded."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class InsideBatch(NamedTuple):
    """The tokens inside the words of each row: `parents` (batch, m) number their words, `lengths` (batch,).

    `features` holds the ids of all batch x m tokens one after another, token i from `offsets[i]`.
    """

    parents: Tensor
    features: Tensor
    offsets: Tensor
    lengths: Tensor


class PieceBatch(NamedTuple):
    """Pieces of a pretrained encoder: ids (batch, p), lengths (batch,); word i is made of those `starts` to `ends`.

    `starts`, `ends`: (batch, n); equal where a word has no piece.
    """

    ids: Tensor
    lengths: Tensor
    starts: Tensor
    ends: Tensor


class Batch(NamedTuple):
    """Rows of one batch: words, tags (batch, n); lengths (batch,); labels (batch, labels) as 0/1.

    `features` holds the ids of all batch x n positions one after another, position i from `offsets[i]`.
    With `inside`, rows are words, and tags are those of the tokens inside them, (batch, m).
    `has_labels`, `has_tags`: (batch,) booleans, whether the level is annotated. `layers`: tags and has_tags of each
    layer that relations and events have for themselves.
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
    pieces: PieceBatch | None = None
    layers: tuple[tuple[Tensor, Tensor], ...] = ()

    @property
    def tag_lengths(self) -> Tensor:
        """How many tags each row has: (batch,)."""
        return self.lengths if self.inside is None else self.inside.lengths
