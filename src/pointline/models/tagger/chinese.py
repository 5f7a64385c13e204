"""Features of Chinese characters by jieba: the word around, its class and neighbours, and every dictionary word."""

from __future__ import annotations

from collections.abc import Sequence

from pointline.models.tagger.characters import place
from pointline.models.tagger.hashing import all_hashed, normal
from pointline.models.tagger.tokens import Token
from pointline.text.morphology import dictionary_words, morphemes

_EDGE = "\x02"


def word_ids(text: str, tokens: Sequence[Token], digits: bool) -> list[tuple[int, ...]]:
    """Ids for every token (a character); raises MissingExtra without jieba."""
    features: list[list[str]] = [[] for _ in text]
    _add_words(features, text, digits)
    _add_dictionary(features, text)
    return [all_hashed(features[token.start]) for token in tokens]


def _add_words(features: list[list[str]], text: str, digits: bool) -> None:
    """The word of jieba's cut around each character, with the words beside it."""
    found = morphemes(text, "jieba")
    forms = [_EDGE, *(normal(word.normal, digits) for word in found), _EDGE]
    tags = [_EDGE, *(word.pos[0] for word in found), _EDGE]
    for i, word in enumerate(found, start=1):
        shared = [
            f"word={forms[i]}",
            f"length={min(6, word.end - word.start)}",
            f"tag-={tags[i - 1]}",
            f"tag+={tags[i + 1]}",
            f"word-={forms[i - 1][-2:]}",
            f"word+={forms[i + 1][:2]}",
        ]
        for at in range(word.start, word.end):
            where = place(at, word.start, word.end)
            features[at] += [
                f"cut={where}",
                f"cut={where}{tags[i]}",
                f"cut={where}{forms[i]}",
                f"cut={where}{tags[i - 1]}.{tags[i]}.{tags[i + 1]}",
                *shared,
            ]


def _add_dictionary(features: list[list[str]], text: str) -> None:
    """All dictionary words that cover a character, with its place in them (Zhang and Yang 2018 match the same way)."""
    found: list[set[str]] = [set() for _ in text]
    for word in dictionary_words(text):
        tag, length = word.pos[0], min(5, word.end - word.start)
        for at in range(word.start, word.end):
            found[at].add(f"dict={place(at, word.start, word.end)}{tag}")
        found[word.start].add(f"dict begins={length}{tag}")
        found[word.end - 1].add(f"dict ends={length}{tag}")
    for names, more in zip(features, found, strict=True):
        names += sorted(more)
