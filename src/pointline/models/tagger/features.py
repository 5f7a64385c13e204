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
        return _layered(text, tokens, japanese.words(text, settings.digits), settings.digits)
    if analyser == "jieba" or not spaced(text, lang):
        ids = character_ids(text, tokens, settings.digits)
        if analyser == "jieba":
            ids = [a + b for a, b in zip(ids, chinese.word_ids(text, tokens, settings.digits), strict=True)]
        return _flat([normal(text[t.start : t.end], settings.digits) for t in tokens], ids, settings)
    pairs = [_word(text[token.start : token.end], settings.digits) for token in tokens]
    return _flat([word for word, _ in pairs], [ids for _, ids in pairs], settings)


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


def _flat(words: list[str], ids: list[tuple[int, ...]], settings: FeatureSettings) -> Features:
    inside = Inside(list(range(len(words))), [()] * len(words)) if settings.layered else None
    return Features(words, ids, inside)


def _layered(text: str, tokens: Sequence[Token], words: Sequence[japanese.Word], digits: bool) -> Features:
    """Tokens get the word that holds their first character."""
    parents: list[int] = []
    current = 0
    for token in tokens:
        while current + 1 < len(words) and words[current].end <= token.start:
            current += 1
        parents.append(current)
    units = [(word.start, word.end, word.kind) for word in words]
    inside = Inside(parents, inside_ids(text, tokens, parents, units, digits))
    return Features([word.form for word in words], [word.ids for word in words], inside)


@lru_cache(maxsize=2**16)
def _word(surface: str, digits: bool) -> tuple[str, tuple[int, ...]]:
    """The normalised word and its ids: shape, prefixes 1-3, suffixes 1-4, character trigrams."""
    word = normal(surface, digits)
    names = [f"shape={shape(surface)}"]
    names += [f"p{n}={word[:n]}" for n in range(1, 4) if len(word) >= n]
    names += [f"s{n}={word[-n:]}" for n in range(1, 5) if len(word) >= n]
    padded = f"<{word}>"
    names += [f"t={padded[i : i + 3]}" for i in range(len(padded) - 2)]
    return word, all_hashed(names)
