"""When two texts are one text, and when two annotations are one annotation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import xxhash

from pointline.sample import AnySpan, Event, Relation, Sample

ABSENT = 0
encode = msgspec.json.Encoder().encode


def text_key(text: str) -> str:
    """What makes a text itself: all but the amount and kind of whitespace.

    >>> text_key(" play\\u3000some  jazz\\n")
    'play some jazz'
    """
    return " ".join(text.split())


def text_keys(texts: Iterable[str]) -> list[str]:
    """`text_key` of many texts, without the cost of a call for each."""
    return [" ".join(text.split()) for text in texts]


def published_key(text: str) -> str:
    """What IEPile's published sizes took for one text: the text as it stands, without its outer whitespace.

    PHEE's 2,897 training texts hold two that differ by inner whitespace only; a collapsed key would count 2,896.

    >>> published_key(" in  it "), published_key("in it")
    ('in  it', 'in it')
    """
    return text.strip()


def published_keys(texts: Iterable[str]) -> list[str]:
    """`published_key` of many texts."""
    return list(map(str.strip, texts))


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
    task, labels, entities = sample.meta.get("task"), sample.labels, sample.entities
    relations, events = sample.relations, sample.events
    return (
        ABSENT if task is None else fingerprint(encode(task)),
        ABSENT if labels is None else fingerprint(encode(sorted(set(labels)))),
        ABSENT if entities is None else fingerprint(encode(sorted(map(place.span, entities)))),
        ABSENT if relations is None else fingerprint(encode(sorted(map(place.relation, relations)))),
        ABSENT if events is None else fingerprint(encode(sorted(map(place.event, events)))),
    )


class _Places:
    """Spans with their offsets moved onto the text key, as values that can be sorted and compared."""

    def __init__(self, text: str) -> None:
        self._moved = None if text == text_key(text) else list(_moved(text))

    def span(self, span: AnySpan) -> tuple[str, str, list[int]]:
        """(type, text, borders); no borders where a span has no offsets."""
        borders: list[int] = []
        if span.fragments is not None:
            borders = [border for fragment in span.fragments for border in fragment]
        elif span.start is not None and span.end is not None:
            borders = [span.start, span.end]
        if self._moved is None:
            return (span.type or "", span.text, borders)
        last = len(self._moved) - 1
        return (span.type or "", text_key(span.text), [self._moved[min(max(at, 0), last)] for at in borders])

    def relation(self, relation: Relation) -> tuple[Any, ...]:
        return (relation.type, self.span(relation.head), self.span(relation.tail))

    def event(self, event: Event) -> tuple[Any, ...]:
        trigger = [] if event.trigger is None else [self.span(event.trigger)]
        return (event.type, trigger, sorted((argument.role, self.span(argument)) for argument in event.arguments))


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
