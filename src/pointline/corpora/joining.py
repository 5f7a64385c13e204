"""Tokens to text: one space between words, none in scripts that write without, offsets with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from pointline.corpora.conversion import Report
from pointline.sample import Span

SPACELESS = frozenset({"ja", "zh", "yue", "wuu", "lzh", "th", "lo", "km", "my", "bo", "dz"})
UNSPACED = "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
_UNSPACED = re.compile(UNSPACED)


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


class Places:
    """The offsets of tokens in their joined text.

    >>> Places(["play", "free", "jazz"], " ")(1, 3)
    (5, 14)
    """

    def __init__(self, tokens: Sequence[str], join: str) -> None:
        self._lengths = list(accumulate(map(len, tokens), initial=0))
        self._gap = len(join)

    def __call__(self, first: int, behind: int) -> tuple[int, int]:
        """Start and end of the span from token `first` to before token `behind`."""
        return self._lengths[first] + first * self._gap, self._lengths[behind] + (behind - 1) * self._gap


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


class TokenText:
    """Joined tokens that know where each stands; spans of tokens become spans of characters.

    >>> text = TokenText(["play", "free", "jazz"], Joiner(" ", None, Report()))
    >>> text.span(1, 3), text.pieces([0, 2]).fragments
    (Span(text='free jazz', start=5, end=14, type=None, fragments=None, score=None), [(0, 4), (10, 14)])
    """

    def __init__(self, tokens: Sequence[str], joiner: Joiner) -> None:
        self.tokens = tokens
        self.text, self._join = joiner(tokens)
        self._places: Places | None = None

    def __len__(self) -> int:
        return len(self.tokens)

    def span(self, first: int, behind: int) -> Span:
        """The span from token `first` to before token `behind`; raises IndexError beyond the tokens."""
        if not 0 <= first < behind <= len(self.tokens):
            raise IndexError
        if self._places is None:
            self._places = Places(self.tokens, self._join)
        start, end = self._places(first, behind)
        return Span(self.text[start:end], start, end)

    def pieces(self, indices: Sequence[int]) -> Span:
        """The span of these tokens, in fragments where they do not follow each other; raises IndexError."""
        if len(indices) == 1 and type(indices[0]) is int:
            return self.span(indices[0], indices[0] + 1)
        runs: list[list[int]] = []
        for index in sorted(set(indices)):
            if runs and runs[-1][1] == index:
                runs[-1][1] = index + 1
            else:
                runs.append([index, index + 1])
        spans = [self.span(first, behind) for first, behind in runs]
        if len(spans) == 1:
            return spans[0]
        if not spans:
            raise IndexError
        fragments = [(span.start or 0, span.end or 0) for span in spans]
        return Span(" ".join(span.text for span in spans), spans[0].start, spans[-1].end, fragments=fragments)
