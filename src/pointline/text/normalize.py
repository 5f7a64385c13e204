"""Normal forms that remember where each character came from: width, case, compatibility forms, spaces."""

from __future__ import annotations

import functools
import unicodedata
from typing import NamedTuple


class Folded(NamedTuple):
    """A folded text; character i of `text` came from the original's `starts[i]:ends[i]` (code points)."""

    text: str
    starts: list[int]
    ends: list[int]


def fold_name(name: str) -> str:
    """One form for names that differ only in width, case or spaces.

    >>> fold_name(" ＰＥＲ　son ") == fold_name("per son")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def fold(text: str) -> Folded:
    """Fold width, case, compatibility forms and runs of spaces, keeping the way back to the original.

    >>> folded = fold("Ａ㍿　b")
    >>> folded.text, folded.starts
    ('a株式会社 b', [0, 1, 1, 1, 1, 2, 3])
    """
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in clusters(text):
        form = _form(text[start:end])
        if form == " " and out and out[-1] == " ":
            ends[-1] = end
            continue
        out.append(form)
        starts.extend([start] * len(form))
        ends.extend([end] * len(form))
    return Folded("".join(out), starts, ends)


def clusters(text: str) -> list[tuple[int, int]]:
    """Where no normal form reaches over: each character with the marks that join it, as offsets.

    >>> clusters("aか\u3099")
    [(0, 1), (1, 3)]
    """
    if text.isascii():
        return [(i, i + 1) for i in range(len(text))]
    cuts = [i for i, char in enumerate(text) if i == 0 or not _joins(char)]
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


@functools.lru_cache(maxsize=65536)
def _joins(char: str) -> bool:
    """True where a character may melt into the one before it (marks, half-width dakuten, Hangul vowels)."""
    if char < "\u0300":
        return False
    first = unicodedata.normalize("NFKD", char)[0]
    return unicodedata.combining(first) != 0 or "\u1160" <= first <= "\u11ff" or first in "\u3099\u309a"


@functools.lru_cache(maxsize=65536)
def _form(cluster: str) -> str:
    if cluster.isspace():
        return " "
    form = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", cluster).casefold())
    return " " if form.isspace() else form
