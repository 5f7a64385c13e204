"""Texts that teach nothing: hardly any letters, too short to be unlabelled, hardly anything but stopwords.

The three heuristics of IEPile (paper, Appendix B.1), for any script: a letter is what Unicode calls one, and where
words are not spaced the share of stopwords is counted in characters.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Sequence

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


def quick_look(settings: CleanSettings) -> Callable[[str, bytes], bool]:
    """A quick yes to a text key and its UTF-8, never a wrong one: enough letters, enough of them in no stopword.

    No means "look closer". Where there is kana every Han character is telling, for no Japanese stopword holds one.

    >>> good = quick_look(CleanSettings())
    >>> [good(key, key.encode()) for key in ("play jazz by Miles", "東京で寿司を食べた", "what is it", "12 34 56")]
    [True, True, False, False]
    """
    share = 1 - min(settings.non_alphabetic, settings.stopwords)
    short = settings.short

    def good(key: str, utf8: bytes) -> bool:
        size = len(key)
        if size < short or not size:
            return False
        if size != len(utf8) and UNSPACED.search(key):
            if HIRAGANA in utf8 and len(utf8) - len(utf8.translate(None, HAN_LEADS)) > share * size:
                return True
            return _telling_characters(int(share * size) + 1).match(key) is not None
        words = key.split()
        letters_needed, words_needed = share * size + MARGIN, share * len(words) + MARGIN
        for word in words:
            letters = _telling_letters(word)
            if letters:
                letters_needed -= letters
                words_needed -= 1
                if letters_needed <= 0 >= words_needed:
                    return True
        return False

    return good


HIRAGANA = "あ".encode()[:2]
"""What the UTF-8 of most hiragana (U+3040 to U+307F) begins with."""
HAN_LEADS = bytes(range(0xE5, 0xEA))
"""The first bytes in UTF-8 of U+5000 to U+9FFF."""
MARGIN = 1e-6
"""Keeps the quick look on the safe side of rounding."""


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(words, key=lambda word: (-len(word), word))))


_STOPWORDS = {True: _any_of(JAPANESE), False: _any_of(CHINESE)}


@functools.lru_cache(1 << 16)
def _telling_letters(word: str) -> int:
    """The letters of a word that has nothing else and is no stopword, else 0."""
    return len(word) if word.isalpha() and word.casefold() not in ENGLISH else 0


@functools.cache
def _telling_characters(count: int) -> re.Pattern[str]:
    """Matches a text that has `count` letters of an unspaced script that occur in no stopword."""
    one = _telling_class()
    return re.compile(f"(?:[^{one}]*+[{one}]){{{count}}}")


@functools.cache
def _telling_class() -> str:
    stop = set("".join(JAPANESE + CHINESE))
    letters = (code for code in (*range(0x30A1, 0x30FB), *range(0x4E00, 0x9FA6)) if chr(code) not in stop)
    runs = [list(run) for _, run in itertools.groupby(enumerate(letters), lambda pair: pair[1] - pair[0])]
    return "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in runs)
