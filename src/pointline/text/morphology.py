"""Words of Japanese and Chinese by an optional analyser: Sudachi (extra `ja`) or jieba (extra `zh`)."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal, NamedTuple, TypeAlias

from pointline.errors import MissingExtra

Analyser: TypeAlias = Literal["sudachi", "jieba"]
ANALYSERS: dict[str, Analyser] = {"ja": "sudachi", "zh": "jieba"}
_PACKAGES: dict[Analyser, tuple[tuple[str, str], ...]] = {
    "sudachi": (("sudachipy", "ja"), ("sudachidict_core", "ja")),
    "jieba": (("jieba", "zh"),),
}
_PIECE = 8_000  # characters a call: Sudachi refuses more than 49,149 bytes
_BREAK = re.compile(r".*[\n。！？!?]", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Morpheme(NamedTuple):
    """A word at `text[start:end]`: part of speech from coarse to fine, reading (ja), normal form, in the dictionary?"""

    start: int
    end: int
    pos: tuple[str, ...]
    reading: str
    normal: str
    known: bool


def available(analyser: Analyser) -> bool:
    """Whether the analyser's packages are installed.

    >>> isinstance(available("sudachi"), bool)
    True
    """
    return all(find_spec(package) is not None for package, _ in _PACKAGES[analyser])


def morphemes(text: str, analyser: Analyser, unit: Literal["short", "long"] = "short") -> list[Morpheme]:
    """The words of `text`, in order, disjoint; they cover every character that is no space.

    `unit`: Sudachi's A (short) or C (long: whole names) units; jieba knows one kind. Texts of any length and
    characters of any kind pass. Raises MissingExtra if the analyser is not installed.
    """
    analyse = _sudachi(unit) if analyser == "sudachi" else _jieba()
    clean = _SURROGATE.sub("\ufffd", text)
    return [
        word._replace(start=word.start + start, end=word.end + start)
        for start, piece in _pieces(clean)
        for word in analyse(piece)
    ]


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text cut behind sentence ends where it is long, with each piece's place."""
    start = 0
    while len(text) - start > _PIECE:
        found = _BREAK.match(text, start, start + _PIECE)
        end = found.end() if found else start + _PIECE
        yield start, text[start:end]
        start = end
    yield start, text[start:]


def _require(analyser: Analyser) -> None:
    for package, extra in _PACKAGES[analyser]:
        if find_spec(package) is None:
            raise MissingExtra(extra, package)


@cache
def _sudachi(unit: Literal["short", "long"]) -> Callable[[str], list[Morpheme]]:
    dictionary = _sudachi_dictionary()
    from sudachipy import SplitMode

    tokenizer = dictionary.tokenizer(mode=SplitMode.A if unit == "short" else SplitMode.C)

    def analyse(piece: str) -> list[Morpheme]:
        return [
            Morpheme(
                found.begin(),
                found.end(),
                found.part_of_speech(),
                found.reading_form(),
                found.normalized_form(),
                not found.is_oov(),
            )
            for found in tokenizer.tokenize(piece)
            if found.begin() < found.end()
        ]

    return analyse


@cache
def _sudachi_dictionary() -> Any:
    _require("sudachi")
    from sudachipy import Dictionary

    return Dictionary(dict="core")


@cache
def _jieba() -> Callable[[str], list[Morpheme]]:
    tokenizer, tags = _jieba_dictionary()

    def analyse(piece: str) -> list[Morpheme]:
        words, start = [], 0
        for word in tokenizer.cut(piece):
            tag = tags.get(word)
            words.append(Morpheme(start, start + len(word), (tag or "x",), "", word, tag is not None))
            start += len(word)
        return words

    return analyse


def dictionary_words(text: str) -> list[Morpheme]:
    """Every word of two or more characters of jieba's dictionary that stands in `text`, overlapping ones too."""
    tokenizer, tags = _jieba_dictionary()
    prefixes = tokenizer.FREQ
    found = []
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            word = text[start:end]
            count = prefixes.get(word)
            if count is None:
                break
            if count and end - start > 1:
                found.append(Morpheme(start, end, (tags.get(word, "x"),), "", word, True))
    return found


@cache
def _jieba_dictionary() -> tuple[Any, dict[str, str]]:
    """A tokenizer of our own and each word's tag, without jieba's cache in the shared temporary folder."""
    _require("jieba")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its source has escapes that newer Pythons warn of
        import jieba
    tags: dict[str, str] = {}
    counts: dict[str, int] = {}
    tokenizer = jieba.Tokenizer()
    with tokenizer.get_dict_file() as file:
        for line in file.read().decode("utf-8").splitlines():
            word, count, tag = line.split(" ")
            tags[word] = tag
            counts[word] = int(count)
            for end in range(1, len(word)):
                counts.setdefault(word[:end], 0)
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = counts, sum(counts.values()), True
    return tokenizer, tags
