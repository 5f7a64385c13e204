"""Cut a text into the tokens that the tagger labels: every character that is no space lies in exactly one."""

from __future__ import annotations

import re
from typing import NamedTuple

_CJK = (
    r"\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    r"\U00020000-\U0003ffff"
)
_MARKS = r"\u0300-\u036f"
_TOKEN = re.compile(rf"[{_CJK}]|(?:[^\W{_CJK}][{_MARKS}]*)+|[^\w\s]")


class Token(NamedTuple):
    """A stretch of the text, `text[start:end]`, and what a morphological analysis says of it (may be empty)."""

    start: int
    end: int
    morphology: tuple[str, ...] = ()


def tokenize(text: str, lang: str | None = None) -> list[Token]:
    """Cut `text` into words, single Han and kana characters, and single marks; no token holds a space.

    >>> [(t.start, t.end) for t in tokenize("don't 桜")]
    [(0, 3), (3, 4), (4, 5), (6, 7)]
    """
    return [Token(match.start(), match.end()) for match in _TOKEN.finditer(text)]
