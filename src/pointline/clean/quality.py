"""Texts that teach nothing: hardly any letters, too short to be unlabelled, hardly anything but stopwords.

The three heuristics of IEPile (paper, Appendix B.1), for any script: a letter is what Unicode calls one, and where
words are not spaced the share of stopwords is counted in characters.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pointline.clean.rules import CleanSettings
from pointline.clean.stopwords import CHINESE, ENGLISH, JAPANESE

KANA = re.compile("[\u3040-ヿㇰ-ㇿｦ-ﾟ]")
UNSPACED = re.compile("[\u3040-ヿㇰ-ㇿｦ-ﾟ\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
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


def doubtful(keys: Sequence[str], settings: CleanSettings) -> list[int]:
    """Positions of the text keys that need a closer look; the others are good beyond doubt, and they are most.

    A key is good where more letters than the rules ask for occur in no stopword: characters of unspaced scripts are
    counted by a table, words are looked up.

    >>> doubtful(["play jazz by Miles", "東京で寿司を食べた", "what is it", "12 34 56", ""], CleanSettings())
    [2, 3, 4]
    """
    share = 1 - min(settings.non_alphabetic, settings.stopwords)
    sizes = np.fromiter(map(len, keys), np.int64, len(keys))
    letters, telling, unspaced = _counted(keys, sizes)
    fit = (sizes >= max(settings.short, 1)) & (sizes < 1 << FIELD)
    good = fit & (telling > share * sizes)
    by_words = fit & ~good & (unspaced == 0) & (letters > share * sizes + MARGIN)
    for at in np.flatnonzero(by_words).tolist():
        words = keys[at].split(" ")
        needed = int(share * len(words) + MARGIN) + 1
        for word in words:
            if _TELLING[word]:
                needed -= 1
                if not needed:
                    good[at] = True
                    break
    return np.flatnonzero(~good).tolist()


MARGIN = 1e-6
"""Keeps the quick look on the safe side of rounding."""
FIELD = 21
"""Bits of one count; three counts share an integer."""
LAST = 0xFFFF
"""Stands for all characters beyond the basic plane, which the quick look does not tell apart."""


def _counted(keys: Sequence[str], sizes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Rows: letters; letters of unspaced scripts that no stopword holds; characters of unspaced scripts."""
    counts = np.zeros(len(keys), np.int64)
    joined = "".join(keys)
    codes: npt.NDArray[Any] = np.frombuffer(joined.encode("utf-16-le"), np.uint16)
    if len(codes) > len(joined):
        codes = np.minimum(np.frombuffer(joined.encode("utf-32-le"), np.uint32), LAST)
    held = np.flatnonzero(sizes)
    if len(held):
        starts = np.cumsum(sizes[held]) - sizes[held]
        counts[held] = np.add.reduceat(_classes().take(codes), starts)
    return np.stack([counts >> (FIELD * field) & ((1 << FIELD) - 1) for field in range(3)])


@functools.cache
def _classes() -> npt.NDArray[np.int64]:
    """What each character of the basic plane adds to the three counts."""
    stop = set("".join(JAPANESE + CHINESE))
    classes = np.zeros(LAST + 1, np.int64)
    for code in range(LAST):
        char = chr(code)
        unspaced = UNSPACED.match(char) is not None
        telling = unspaced and char not in stop
        classes[code] = char.isalpha() * (1 | telling << FIELD) | unspaced << (2 * FIELD)
    classes[LAST] = 1 << (2 * FIELD)
    return classes


class _Telling(dict[str, bool]):
    """Whether a word is all letters and no stopword; remembers what it was asked, up to a point."""

    def __missing__(self, word: str) -> bool:
        if len(self) > 1 << 16:
            self.clear()
        self[word] = telling = word.isalpha() and word.casefold() not in ENGLISH
        return telling


_TELLING = _Telling()


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(words, key=lambda word: (-len(word), word))))


_STOPWORDS = {True: _any_of(JAPANESE), False: _any_of(CHINESE)}
