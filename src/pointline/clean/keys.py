"""When two texts are one text, and when two annotations are one annotation."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import xxhash

from pointline.sample import AnySpan, Sample

ABSENT = 0
encode = msgspec.json.Encoder().encode


def text_key(text: str) -> str:
    """What makes a text itself: all but the amount and kind of whitespace.

    >>> text_key(" play\\u3000some  jazz\\n")
    'play some jazz'
    """
    return " ".join(text.split())


def published_key(text: str) -> str:
    """What IEPile's published sizes took for one text: the text as it stands, without its outer whitespace.

    PHEE's 2,897 training texts hold two that differ by inner whitespace only; a collapsed key would count 2,896.

    >>> published_key(" in  it "), published_key("in it")
    ('in  it', 'in it')
    """
    return text.strip()


def fingerprint(data: bytes) -> int:
    """64 bits of `data`, never 0 (`ABSENT`), the same on every machine."""
    return xxhash.xxh3_64_intdigest(data) or 1


def annotation_key(sample: Sample) -> tuple[int, int, int, int, int]:
    """Fingerprints of the task and of labels, entities, relations, events; `ABSENT` where a level is not annotated.

    Neither the order in which a level is written nor scores nor extra whitespace in the text make a difference:
    offsets are counted on the text key.

    >>> from pointline.sample import Entity
    >>> one = Sample("1", "a b", labels=["x", "y"], entities=[Entity("T", "b", 2, 3)])
    >>> two = Sample("2", "a  b", labels=["y", "x"], entities=[Entity("T", "b", 3, 4)])
    >>> annotation_key(one) == annotation_key(two)
    True
    """
    place = _Places(sample.text)
    task = sample.meta.get("task")
    levels = (
        sample.labels,
        None if sample.entities is None else [place.span(e) for e in sample.entities],
        None
        if sample.relations is None
        else [(r.type, place.span(r.head), place.span(r.tail)) for r in sample.relations],
        None
        if sample.events is None
        else [
            (e.type, e.trigger and place.span(e.trigger), sorted((a.role, place.span(a)) for a in e.arguments))
            for e in sample.events
        ],
    )
    prints = (ABSENT if level is None else fingerprint(b"\n".join(sorted(map(encode, level)))) for level in levels)
    return (ABSENT if task is None else fingerprint(encode(task)), *prints)  # type: ignore[return-value]


class _Places:
    """Offsets of a text moved onto its key, where all whitespace is one space."""

    def __init__(self, text: str) -> None:
        self.moved = None if text == text_key(text) else list(_moved(text))

    def span(self, span: AnySpan) -> tuple[str, str, list[int]]:
        """(type, text, borders) of a span; no borders where it has no offsets."""
        borders: list[int] = []
        if span.fragments is not None:
            borders = [border for fragment in span.fragments for border in fragment]
        elif span.start is not None and span.end is not None:
            borders = [span.start, span.end]
        if self.moved is not None:
            borders = [self.moved[min(max(border, 0), len(self.moved) - 1)] for border in borders]
        return (span.type or "", text_key(span.text), borders)


def _moved(text: str) -> Iterator[int]:
    """For every border 0..len(text): how many characters of the key lie before it."""
    count, gap = 0, False
    for char in text:
        yield count + gap
        if char.isspace():
            gap = count > 0
        else:
            count, gap = count + gap + 1, False
    yield count
