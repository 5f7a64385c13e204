"""Cut a text into the tokens that the tagger labels: every character that is no space lies in exactly one."""

from __future__ import annotations

from typing import NamedTuple

from pointline.text import segment
from pointline.text.scripts import spaced


class Token(NamedTuple):
    """A stretch of the text, `text[start:end]`."""

    start: int
    end: int


def tokenize(text: str, lang: str | None = None) -> list[Token]:
    """Cut `text` into words where spaces part them, else into characters; no token holds a space.

    Without spaces even Latin letters and digits stand apart, so that every span of such a text can be labelled
    (`19節・松本山雅FCvs大分`). Combining marks and the parts of an emoji stay together.

    >>> [(t.start, t.end) for t in tokenize("FCvs大分")]
    [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]
    >>> [(t.start, t.end) for t in tokenize("don't 桜", "en")]
    [(0, 3), (3, 4), (4, 5), (6, 7)]
    """
    cut = segment.tokens if spaced(text, lang) else segment.characters
    return [Token(*place) for place in cut(text)]
