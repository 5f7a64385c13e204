"""Tokens to text: one space between words, none in scripts that write without, offsets with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from pointline.corpora.conversion import Report

SPACELESS = frozenset({"ja", "zh", "yue", "wuu", "lzh", "th", "lo", "km", "my", "bo", "dz"})
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)


class Joiner:
    """Joins tokens by `join`; where it is None, as the language writes; without a language, as the script does.

    >>> Joiner(None, "zh", Report())(["今天", "会"]), Joiner(None, "en", Report())(["a", "b"])
    (('今天会', ''), ('a b', ' '))
    """

    def __init__(self, join: str | None, lang: str | None, report: Report) -> None:
        self._report = report
        if join is None and lang is not None:
            join = "" if lang.lower().replace("_", "-").split("-")[0] in SPACELESS else " "
        self._join = join

    def __call__(self, tokens: Sequence[str]) -> tuple[str, str]:
        """The text and what was put between its tokens."""
        join = self._join
        if join is None:
            unspaced = sum(1 for token in tokens if _UNSPACED.search(token))
            join = "" if 2 * unspaced > len(tokens) else " "
            self._report.notice("joined_by_script")
        return join.join(tokens), join


def starts_of(tokens: Sequence[str], join: str) -> list[int]:
    """The offset of every token in the joined text.

    >>> starts_of(["play", "jazz"], " ")
    [0, 5]
    """
    gap = len(join)
    return list(accumulate((len(token) + gap for token in tokens[:-1]), initial=0))


def starts_in(tokens: Sequence[str], text: str) -> list[int] | None:
    """The offset of every token in a text that holds them in order with only spaces between, else None.

    >>> starts_in(["today", "?"], "today?"), starts_in(["a"], "b")
    ([0, 5], None)
    """
    starts: list[int] = []
    at = 0
    for token in tokens:
        while at < len(text) and text[at].isspace() and not text.startswith(token, at):
            at += 1
        if not text.startswith(token, at):
            return None
        starts.append(at)
        at += len(token)
    return None if text[at:].strip() else starts
