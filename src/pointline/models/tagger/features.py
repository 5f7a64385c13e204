"""What the network sees of a token: its normalised word and the hashed ids of its features."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

import msgspec

from pointline.models.tagger.tokens import Token

BUCKETS = 2**14
_DIGIT = re.compile(r"\d")


class FeatureSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How words are normalised and which features are made; stored with the model.

    digits: every digit becomes 0 in words and in the strings of features.
    """

    digits: bool = True


class Features(NamedTuple):
    """One text's tokens for the network: `words[i]` and `ids[i]` belong to token i; ids lie in [0, BUCKETS)."""

    words: list[str]
    ids: list[tuple[int, ...]]


def featurize(text: str, tokens: Sequence[Token], lang: str | None, settings: FeatureSettings) -> Features:
    """Make the words and feature ids of every token of `text`.

    >>> featurize("Play 42", [Token(0, 4), Token(5, 7)], "en", FeatureSettings()).words
    ['play', '00']
    """
    pairs = [_word(text[token.start : token.end], settings.digits) for token in tokens]
    return Features([word for word, _ in pairs], [ids for _, ids in pairs])


def hashed(feature: str) -> int:
    """The bucket of a feature's name, the same on every machine (CRC-32).

    >>> hashed("s1=a")
    1721
    """
    return crc32(feature.encode("utf-8", "surrogatepass")) % BUCKETS


def shape(word: str) -> str:
    """The word's letter kinds, runs cut to two.

    >>> shape("McDonald's")
    "XxXxx'x"
    """
    kinds: list[str] = []
    for char in word:
        kind = "X" if char.isupper() else "x" if char.isalpha() else "d" if char.isdigit() else char
        if kinds[-2:] != [kind, kind]:
            kinds.append(kind)
    return "".join(kinds)


@lru_cache(maxsize=2**16)
def _word(surface: str, digits: bool) -> tuple[str, tuple[int, ...]]:
    """The normalised word and its ids: shape, prefixes 1-3, suffixes 1-4, character trigrams."""
    word = surface.lower()
    if digits:
        word = _DIGIT.sub("0", word)
    names = [f"shape={shape(surface)}"]
    names += [f"p{n}={word[:n]}" for n in range(1, 4) if len(word) >= n]
    names += [f"s{n}={word[-n:]}" for n in range(1, 5) if len(word) >= n]
    padded = f"<{word}>"
    names += [f"t={padded[i : i + 3]}" for i in range(len(padded) - 2)]
    return word, tuple(map(hashed, names))
