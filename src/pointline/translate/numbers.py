"""The numbers that a text says in digits or in Chinese and Japanese numerals, as values."""

from __future__ import annotations

import re
import unicodedata

DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_RUN = re.compile(f"[{''.join(DIGITS)}{''.join(TENS)}{''.join(MYRIADS)}]+")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
ENGLISH = {word: str(value) for value, word in enumerate(_ENGLISH.split(" "))}


def in_digits(text: str) -> set[str]:
    """The values that are said in digits (of any width and script).

    >>> sorted(in_digits("１０:30, 1,000 or 2.5"))
    ['10', '1000', '2.5', '30']
    """
    return {_value(match[0]) for match in _DIGITS.finditer(unicodedata.normalize("NFKC", text))}


def numbers(text: str, lang: str = "") -> set[str]:
    """The values; digits with marks between them keep those that matter (`1,000` is 1000, `10.5` stays).

    Chinese and Japanese numerals are read as well, and in an English text number words up to twenty.

    >>> sorted(numbers("１,０００ 円を三十五人に")), sorted(numbers("二〇一二年"))
    (['1000', '35'], ['2012'])
    """
    found = in_digits(text)
    found |= {str(value) for run in _RUN.findall(text) if (value := _han(run)) is not None}
    if lang.startswith("en"):
        found |= {ENGLISH[word] for word in re.findall(r"[a-z]+", text.casefold()) if word in ENGLISH}
    return found


def _value(said: str) -> str:
    whole = re.sub(r",(?=\d{3}(?!\d))", "", said)
    return ".".join(part.lstrip("0") or "0" for part in re.split("[.,]", whole))


def _han(run: str) -> int | None:
    """The value of a run of numerals: positional (二〇一二) or with tens (三百五); None for a bare 万."""
    if all(char in DIGITS for char in run):
        return int("".join(str(DIGITS[char]) for char in run))
    total = part = digit = 0
    for char in run:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in TENS:
            part += (digit or 1) * TENS[char]
            digit = 0
        else:
            total += (part + digit) * MYRIADS[char]
            part = digit = 0
    return total + part + digit or None
