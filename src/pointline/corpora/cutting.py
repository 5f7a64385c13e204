"""A text cut into tokens so that spans are whole tokens: words, marks, single characters where no blank is written."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from pointline.corpora.conversion import Report
from pointline.corpora.joining import UNSPACED
from pointline.corpora.tags import TokenSpan
from pointline.corpora.writing import whole
from pointline.sample import Sample

_WORD = re.compile(rf"{UNSPACED}|(?:(?!{UNSPACED})[^\W_])+|[^\w\s]|_+")
_RUN = re.compile(r"\S+")


class Cut(NamedTuple):
    """Tokens with their offsets, and entities over them."""

    tokens: list[str]
    places: list[tuple[int, int]]
    spans: list[TokenSpan]


def cut(sample: Sample, report: Report, words: bool = True) -> Cut:
    """Cut a sample's text so that every entity is whole tokens; with `words` at punctuation too.

    >>> from pointline.sample import Entity
    >>> found = cut(Sample("1", "in東京!", entities=[Entity("L", "東京", 2, 4)]), Report())
    >>> found.tokens, found.spans
    (['in', '東', '京', '!'], [(1, 3, 'L')])
    """
    entities = [entity for entity in sample.entities or () if whole(entity, report)]
    borders = sorted({border for e in entities for border in (e.start or 0, e.end or 0)})
    places: list[tuple[int, int]] = []
    for run in (_WORD if words else _RUN).finditer(sample.text):
        start, end = run.span()
        for border in borders[bisect_left(borders, start + 1) :]:
            if border >= end:
                break
            places.append((start, border))
            start = border
        places.append((start, end))
    starts = [start for start, _ in places]
    ends = [end for _, end in places]
    spans = []
    for entity in entities:
        first, behind = bisect_left(starts, entity.start or 0), bisect_left(ends, entity.end or 0) + 1
        if first < behind <= len(places):
            spans.append((first, behind, entity.type))
    return Cut([sample.text[a:b] for a, b in places], places, spans)


def flat(spans: Iterable[TokenSpan], report: Report) -> list[TokenSpan]:
    """Spans of which none touches another: the longer one stays, the others are counted.

    >>> flat([(0, 1, "a"), (0, 3, "b")], Report())
    [(0, 3, 'b')]
    """
    kept: list[TokenSpan] = []
    for span in sorted(spans, key=lambda s: (s[0] - s[1], s)):
        if any(span[0] < other[1] and other[0] < span[1] for other in kept):
            report.notice("overlap_left_out", span[2])
        else:
            kept.append(span)
    return sorted(kept)
