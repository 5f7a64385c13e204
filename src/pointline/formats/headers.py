"""Finding instruction words in an output: where the labels end and where each level's points begin."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from pointline.formats.words import LEVEL_TASK, Words
from pointline.schema import Level

UNUSED = 900
"""The cost of taking a level's instruction words for something else."""
MOST = 24
"""No more headers of one output are looked at."""


class Header(NamedTuple):
    """An instruction word as it stands in an output: `raw[start:end]`, the points begin at `end`."""

    start: int
    end: int
    level: Level


class Headers:
    """Finds instruction words by a pattern in which `IW` stands for any of them.

    >>> from pointline.formats.words import WORDS
    >>> Headers(WORDS, "/IW:?/").find("IT/relation extraction/:a;r;b:")
    [Header(start=2, end=23, level='relations')]
    """

    def __init__(self, words: Words, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self._level_of: dict[str, Level] = {}
        for level in LEVEL_TASK:
            for word in words.readable(level):
                self._level_of.setdefault(word.casefold(), level)
        readable = {word for level in LEVEL_TASK for word in words.readable(level)}
        either = "|".join(re.escape(word) for word in sorted(readable, key=lambda w: (-len(w), w)))
        self._pattern = re.compile(pattern.replace("IW", f"(?P<word>{either})"), flags)

    def find(self, raw: str) -> list[Header]:
        """Every header of an output, left to right, overlapping ones too."""
        found: list[Header] = []
        match = self._pattern.search(raw)
        while match and len(found) < MOST:
            found.append(Header(match.start(), match.end(), self._level_of[match["word"].casefold()]))
            match = self._pattern.search(raw, match.start() + 1)
        return found

    def choices(self, raw: str) -> Iterator[tuple[tuple[Header, ...], int]]:
        """The ways to take one header a level, rising, those with most levels first, the leftmost first; at most 64.

        With each the cost of the levels whose headers it leaves unused.
        """
        found = self.find(raw)
        options = [[*(h for h in found if h.level == level), None] for level in LEVEL_TASK]
        picks = sorted(itertools.product(*options), key=lambda pick: pick.count(None)) if found else []
        rows = (tuple(header for header in pick if header is not None) for pick in picks)
        rising = (row for row in rows if row and all(a.end <= b.start + 1 for a, b in itertools.pairwise(row)))
        present = len({header.level for header in found})
        return itertools.islice(((row, UNUSED * (present - len(row))) for row in rising), 64)


def blocks_of(raw: str, chosen: tuple[Header, ...]) -> dict[Level, str]:
    """The block behind each header, up to the next one; the printed `{IW}:/` lends its mark to the block."""
    borders = [*(header.start for header in chosen[1:]), len(raw)]
    blocks: dict[Level, str] = {}
    for header, border in zip(chosen, borders, strict=True):
        block = raw[header.end : border]
        lent = raw[header.start : header.end].rstrip("/／ ").endswith((":", "："))
        blocks[header.level] = f":{block}" if lent and block and block[0] not in ":：" else block
    return blocks
