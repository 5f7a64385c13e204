"""The pieces that a pretrained encoder reads, and which of them make up each word: matched by offsets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pointline.models.tagger.tokens import Token


class Pieces(NamedTuple):
    """Ids of a text's pieces; word i is made of pieces `starts[i]` to `ends[i]`, none where the two are equal."""

    ids: list[int]
    starts: list[int]
    ends: list[int]

    def part(self, first: int, last: int) -> Pieces:
        """The pieces of words `first` to `last` alone.

        >>> Pieces([7, 8, 9], [0, 1], [1, 3]).part(1, 2)
        Pieces(ids=[8, 9], starts=[0], ends=[2])
        """
        begin, end = min(self.starts[first:last]), max(self.ends[first:last])
        starts = [start - begin for start in self.starts[first:last]]
        return Pieces(self.ids[begin:end], starts, [end - begin for end in self.ends[first:last]])


class Subwords:
    """A Hugging Face tokenizer (the text of a `tokenizer.json`) that cuts texts into pieces, nothing left out."""

    def __init__(self, definition: str) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_str(definition)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def __call__(self, words: Sequence[tuple[int, int]], text: str) -> Pieces:
        """The pieces of a text whose words stand at these places; a text without words has one word of none."""
        if not words:
            return Pieces([], [0], [0])
        read = self._tokenizer.encode(text, add_special_tokens=False)
        starts, ends = [], []
        at = 0
        for start, end in words:
            while at < len(read.ids) and read.offsets[at][1] <= start:
                at += 1
            stop = at
            while stop < len(read.ids) and read.offsets[stop][0] < end:
                stop += 1
            starts.append(at)
            ends.append(stop)
            at = max(at, stop - 1)
        return Pieces(list(read.ids), starts, ends)

    def marks(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The special tokens that stand before and behind a text."""
        ids = tuple(self._tokenizer.encode("", add_special_tokens=True).ids)
        return (ids[: len(ids) // 2], ids[len(ids) // 2 :])


def word_places(tokens: Sequence[Token], parents: Sequence[int] | None) -> list[tuple[int, int]]:
    """Where the words stand in the text; `parents` numbers each token's word, None where the tokens are the words.

    >>> word_places([Token(0, 1), Token(1, 2), Token(3, 4)], [0, 0, 1])
    [(0, 2), (3, 4)]
    """
    if parents is None:
        return [(token.start, token.end) for token in tokens]
    places: list[tuple[int, int]] = []
    for token, parent in zip(tokens, parents, strict=True):
        if parent == len(places):
            places.append((token.start, token.end))
        else:
            places[parent] = (places[parent][0], token.end)
    return places
