"""Texts that teach nothing: hardly any letters, too short to be unlabelled, hardly anything but stopwords.

The three heuristics of IEPile (paper, Appendix B.1), for any script: a letter is what Unicode calls one, and where
words are not spaced the share of stopwords is counted in characters.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from pointline.clean.rules import CleanSettings
from pointline.clean.stopwords import CHINESE, ENGLISH, JAPANESE

KANA = re.compile("[ぁ-ヿㇰ-ㇿｦ-ﾟ]")
UNSPACED = re.compile("[ぁ-ヿㇰ-ㇿｦ-ﾟ\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
WORD = re.compile(r"[^\W\d_](?:.*[^\W\d_])?")


def non_alphabetic_share(text: str) -> float:
    """The share of characters that are no letters (Unicode category L), spaces counted; 1.0 for an empty text.

    >>> non_alphabetic_share("日本語 12")
    0.5
    """
    return (len(text) - sum(map(str.isalpha, text))) / len(text) if text else 1.0


def stopword_share(text: str) -> float:
    """The share of stopwords: in words where words are spaced, else in letters; 0.0 without any word.

    >>> stopword_share("What is it?"), stopword_share("play what"), stopword_share("それはこれです")
    (1.0, 0.5, 1.0)
    """
    if UNSPACED.search(text):
        letters = sum(map(str.isalpha, text))
        left = sum(map(str.isalpha, _STOPWORDS[bool(KANA.search(text))].sub("", text)))
        return (letters - left) / letters
    found = [match[0] for match in map(WORD.search, text.replace("’", "'").split()) if match]
    return sum(word.casefold() in ENGLISH for word in found) / len(found) if found else 0.0


def quality_fault(key: str, settings: CleanSettings) -> str | None:
    """The reason why a text key should go, or None; `too_short` is left to who knows the annotation.

    >>> quality_fault("12 / 34 + 56", CleanSettings()), quality_fault("play jazz", CleanSettings())
    ('non_alphabetic', None)
    """
    if non_alphabetic_share(key) > settings.non_alphabetic:
        return "non_alphabetic"
    return "stopwords" if stopword_share(key) > settings.stopwords else None


def plainly_good(key: str, settings: CleanSettings) -> bool:
    """A quick yes that is never wrong: enough letters, and enough of them in no stopword, seen in one look.

    False means "look closer".
    """
    size = len(key)
    if size < settings.short:
        return False
    share = max(0.0, 1 - min(settings.non_alphabetic, settings.stopwords))
    if not key.isascii() and UNSPACED.search(key):
        return _telling(int(share * size) + 1).match(key) is not None
    words = key.split()
    letters_needed, words_needed = share * size + MARGIN, share * len(words) + MARGIN
    for word in words:
        if word.isalpha() and word.casefold() not in ENGLISH:
            letters_needed -= len(word)
            words_needed -= 1
            if letters_needed <= 0 >= words_needed:
                return True
    return False


MARGIN = 1e-6


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(set(words), key=lambda word: (-len(word), word))))


_STOPWORDS = {True: _any_of(JAPANESE), False: _any_of(CHINESE)}


@functools.cache
def _telling(count: int) -> re.Pattern[str]:
    """Matches a text with `count` letters of an unspaced script that occur in no stopword."""
    stop = "".join(sorted(set("".join([*JAPANESE, *CHINESE]))))
    letter = f"(?![{stop}])[ァ-ヺ一-鿿㐀-䶵]"
    return re.compile(f"(?s:(?:.*?{letter}){{{count}}})")
