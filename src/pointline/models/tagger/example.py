"""One text for the network: tokens, words, features, pieces of a pretrained encoder, and what is wanted of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pointline.models.tagger.features import Inside
from pointline.models.tagger.structure import Links
from pointline.models.tagger.subwords import Pieces
from pointline.models.tagger.tokens import Token


class Example(NamedTuple):
    """One text for the network; `tags` and `labels` are None where the level is not annotated or not wanted.

    Words are the tokens, or hold them as `inside` says; tags belong to tokens. `known` are the gazetteer's ids,
    `pieces` what a pretrained encoder reads. `layers` are the tags of the spans' own layers, `links` the relations and
    events; both are there where the model learns them.
    """

    tokens: Sequence[Token]
    words: list[int]
    features: list[tuple[int, ...]]
    tags: list[int] | None = None
    labels: list[int] | None = None
    inside: Inside | None = None
    known: list[tuple[int, ...]] | None = None
    pieces: Pieces | None = None
    layers: tuple[list[int] | None, ...] = ()
    links: Links | None = None

    @property
    def size(self) -> int:
        """How many places the tags have: at least one, also for a text without tokens."""
        return len(self.words if self.inside is None else self.inside.parents)

    def all_features(self) -> list[tuple[int, ...]]:
        """Each word's ids, the gazetteer's behind the others."""
        if self.known is None:
            return self.features
        return [ids + more for ids, more in zip(self.features, self.known, strict=True)]

    def part(self, start: int, end: int) -> Example:
        """Tokens `start` to `end` alone, as one window of a long text, with the words that hold them."""
        if start == 0 and end == self.size:
            return self
        tags = None if self.tags is None else cut_tags(self.tags, start, end)
        first, last, inside = start, end, None
        if self.inside is not None:
            parents = self.inside.parents[start:end]
            first, last = parents[0], parents[-1] + 1
            inside = Inside([parent - first for parent in parents], self.inside.ids[start:end])
        return self._replace(
            tokens=self.tokens[start:end],
            words=self.words[first:last],
            features=self.features[first:last],
            tags=tags,
            inside=inside,
            known=None if self.known is None else self.known[first:last],
            pieces=None if self.pieces is None else self.pieces.part(first, last),
            layers=tuple(None if one is None else cut_tags(one, start, end) for one in self.layers),
            links=None if self.links is None else self.links.part(start, end),
        )


def cut_tags(tags: Sequence[int], start: int, end: int) -> list[int]:
    """The tags of one window; a span that the cut opens begins anew.

    >>> cut_tags([1, 2, 2, 0], 1, 4)
    [1, 2, 0]
    """
    part = list(tags[start:end])
    if part and part[0] and part[0] % 2 == 0:
        part[0] -= 1
    return part
