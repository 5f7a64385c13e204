"""What the network sees of a text: words with hashed feature ids, and where words hold several tokens, those too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from pointline.models.tagger import chinese, japanese
from pointline.models.tagger.characters import character_ids, inside_ids
from pointline.models.tagger.hashing import BUCKETS, all_hashed, hashed, normal
from pointline.models.tagger.tokens import Token
from pointline.text.morphology import ANALYSERS, Analyser, available
from pointline.text.scripts import language, spaced

__all__ = ["BUCKETS", "FeatureSettings", "Features", "Inside", "featurize", "hashed", "shape"]


class FeatureSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How words are normalised and which features are made; stored with the model.

    digits: every digit becomes 0 in words and in the strings of features.
    analysers: the morphological analyser of a language ("ja": "sudachi", "zh": "jieba"); other texts without spaces
    are read by their characters.
    """

    digits: bool = True
    analysers: dict[str, Analyser] = {}

    @classmethod
    def installed(cls, texts: Iterable[tuple[str, str | None]], digits: bool = True) -> FeatureSettings:
        """The settings for (text, language) pairs with those analysers that are installed here."""
        found = {language(text, lang) for text, lang in texts}
        return cls(digits, {name: one for name, one in ANALYSERS.items() if name in found and available(one)})

    @property
    def layered(self) -> bool:
        """Whether some texts are read by words and labelled by the characters in them."""
        return "sudachi" in self.analysers.values()


class Inside(NamedTuple):
    """The tokens inside the words: the number of each token's word, and the token's own feature ids."""

    parents: list[int]
    ids: list[tuple[int, ...]]


class Features(NamedTuple):
    """One text for the network: `words[i]` has the ids `ids[i]`, all in [0, BUCKETS).

    Words are the tokens themselves where `inside` is None; else `inside` has one entry a token.
    """

    words: list[str]
    ids: list[tuple[int, ...]]
    inside: Inside | None = None


def featurize(text: str, tokens: Sequence[Token], lang: str | None, settings: FeatureSettings) -> Features:
    """Make the words and feature ids of `text`; raises MissingExtra if an analyser of the settings is not installed.

    >>> featurize("Play 42", [Token(0, 4), Token(5, 7)], "en", FeatureSettings()).words
    ['play', '00']
    """
    analyser = settings.analysers.get(language(text, lang) or "")
    if analyser == "sudachi":
        words = japanese.words(text, settings.digits)
        parents = _parents(tokens, words)
        units = [(word.start, word.end, word.kind) for word in words]
        inside = Inside(parents, inside_ids(text, tokens, parents, units, settings.digits))
        return Features([word.form for word in words], [word.ids for word in words], inside)
    if analyser == "jieba" or not spaced(text, lang):
        ids = character_ids(text, tokens, settings.digits)
        if analyser == "jieba":
            ids = [a + b for a, b in zip(ids, chinese.word_ids(text, tokens, settings.digits), strict=True)]
    else:
        ids = [_word_ids(text[token.start : token.end], settings.digits) for token in tokens]
    flat = Inside(list(range(len(tokens))), [()] * len(tokens)) if settings.layered else None
    return Features([normal(text[t.start : t.end], settings.digits) for t in tokens], ids, flat)


def word_forms(
    text: str, tokens: Sequence[Token], lang: str | None, settings: FeatureSettings
) -> tuple[list[str], list[int]]:
    """Only the words that `featurize` makes, and the number of each token's word.

    >>> word_forms("Play 42", [Token(0, 4), Token(5, 7)], "en", FeatureSettings())
    (['play', '00'], [0, 1])
    """
    if settings.analysers.get(language(text, lang) or "") == "sudachi":
        words = japanese.words(text, settings.digits)
        return [word.form for word in words], _parents(tokens, words)
    return [normal(text[t.start : t.end], settings.digits) for t in tokens], list(range(len(tokens)))


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


def _parents(tokens: Sequence[Token], words: Sequence[japanese.Word]) -> list[int]:
    """The number of the word that holds each token's first character."""
    parents: list[int] = []
    current = 0
    for token in tokens:
        while current + 1 < len(words) and words[current].end <= token.start:
            current += 1
        parents.append(current)
    return parents


@lru_cache(maxsize=2**16)
def _word_ids(surface: str, digits: bool) -> tuple[int, ...]:
    """Shape, prefixes 1-3, suffixes 1-4, character trigrams."""
    word = normal(surface, digits)
    names = [f"shape={shape(surface)}"]
    names += [f"p{n}={word[:n]}" for n in range(1, 4) if len(word) >= n]
    names += [f"s{n}={word[-n:]}" for n in range(1, 5) if len(word) >= n]
    padded = f"<{word}>"
    names += [f"t={padded[i : i + 3]}" for i in range(len(padded) - 2)]
    return all_hashed(names)
