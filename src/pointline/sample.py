"""The record: a text with its text level (labels) and its word level (spans), and what may be asked.

`None` means "this level is not annotated", `[]` means "annotated, and there is none".
Offsets are Unicode code points (Python `str` indices), half-open.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, TypeAlias

import msgspec

Fragments: TypeAlias = list[tuple[int, int]]
AnySpan: TypeAlias = "Span | Entity | Argument"


def _null() -> int | None:
    """A default that is still written out: a span without offsets keeps `start: null`."""
    return None


class Span(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A stretch of text: relation heads and tails, triggers.

    >>> Span("jazz", 5, 9, type="genre").end
    9
    """

    text: str
    start: int | None = msgspec.field(default_factory=_null)
    end: int | None = msgspec.field(default_factory=_null)
    type: str | None = None
    fragments: Fragments | None = None
    score: float | None = None


class Entity(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A typed span: one Point of the papers."""

    type: str
    text: str
    start: int | None = msgspec.field(default_factory=_null)
    end: int | None = msgspec.field(default_factory=_null)
    fragments: Fragments | None = None
    score: float | None = None


class Argument(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A span that fills a role of an event."""

    role: str
    text: str
    start: int | None = msgspec.field(default_factory=_null)
    end: int | None = msgspec.field(default_factory=_null)
    type: str | None = None
    fragments: Fragments | None = None
    score: float | None = None


class Relation(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A typed, directed pair of spans."""

    type: str
    head: Span
    tail: Span
    score: float | None = None


class Event(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """A typed happening: a trigger (or none) and its arguments in order."""

    type: str
    trigger: Span | None = msgspec.field(default_factory=lambda: None)
    arguments: list[Argument] = msgspec.field(default_factory=list)
    score: float | None = None


class Sample(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """One text with both levels; gold data, predictions and translations share this shape.

    >>> s = Sample("demo/test/1", "play jazz", labels=["PlayMusic"], entities=[Entity("genre", "jazz", 5, 9)])
    >>> list(faults(s))
    []
    """

    id: str
    text: str
    lang: str | None = None
    labels: list[str] | None = None
    entities: list[Entity] | None = None
    relations: list[Relation] | None = None
    events: list[Event] | None = None
    source: str | None = None
    split: str | None = None
    meta: dict[str, Any] = msgspec.field(default_factory=dict)
    label_scores: dict[str, float] | None = None
    raw: str | None = None
    problems: list[str] | None = None


class Pair(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What a generative model is trained on: a prompt and the completion wanted."""

    id: str
    task: str
    source: str
    prompt: str
    completion: str


def span_key(span: AnySpan) -> tuple[bool, int, int, str]:
    """Order of spans: by start, end, type; spans without offsets last."""
    kind = span.role if isinstance(span, Argument) else span.type
    return (span.start is None, span.start or 0, span.end or 0, kind or "")


def spans_of(sample: Sample) -> Iterator[tuple[str, AnySpan]]:
    """Every span of a sample with the path of its field, in written order.

    >>> s = Sample("1", "ab", entities=[Entity("X", "a", 0, 1)])
    >>> [path for path, _ in spans_of(s)]
    ['entities[0]']
    """
    for i, entity in enumerate(sample.entities or ()):
        yield f"entities[{i}]", entity
    for i, relation in enumerate(sample.relations or ()):
        yield f"relations[{i}].head", relation.head
        yield f"relations[{i}].tail", relation.tail
    for i, event in enumerate(sample.events or ()):
        if event.trigger is not None:
            yield f"events[{i}].trigger", event.trigger
        for j, argument in enumerate(event.arguments):
            yield f"events[{i}].arguments[{j}]", argument


def faults(sample: Sample) -> Iterator[tuple[str, str]]:
    """Yield (field, what is wrong) for everything in a sample that breaks the record.

    >>> list(faults(Sample("1", "abc", entities=[Entity("X", "b", 0, 1)])))
    [('entities[0]', "text[0:1] is 'a' but the span says 'b'")]
    """
    if not sample.id:
        yield "id", "is empty"
    for path, span in spans_of(sample):
        problem = span_fault(sample.text, span)
        if problem:
            yield path, problem


def blemishes(sample: Sample) -> Iterator[tuple[str, str]]:
    """Yield (field, what is odd) for what the record allows readers to mend: order, repeats.

    >>> list(blemishes(Sample("1", "abc", labels=["x", "x"])))
    [('labels', 'hold a label twice')]
    """
    entities = sample.entities or []
    if any(span_key(a) > span_key(b) for a, b in itertools.pairwise(entities)):
        yield "entities", "are not ordered by start, end, type"
    labels = sample.labels or []
    if len(set(labels)) < len(labels):
        yield "labels", "hold a label twice"


def span_fault(text: str, span: AnySpan) -> str | None:
    """Say what is wrong with one span on its text, or None."""
    if not span.text:
        return "the span's text is empty"
    if (span.start is None) != (span.end is None):
        return "start and end must both be numbers or both be null"
    if span.start is None or span.end is None:
        return None if span.fragments is None else "fragments without start and end"
    if not 0 <= span.start < span.end <= len(text):
        return f"offsets {span.start}:{span.end} do not lie in a text of {len(text)} characters"
    if span.fragments is None:
        found = text[span.start : span.end]
        return None if found == span.text else _differs(f"text[{span.start}:{span.end}]", found, span.text)
    return _fragments_fault(text, span, span.fragments)


def _fragments_fault(text: str, span: AnySpan, fragments: Fragments) -> str | None:
    borders = [border for fragment in fragments for border in fragment]
    rising = all(a < b for a, b in fragments) and all(a <= b for a, b in itertools.pairwise(borders))
    if not borders or not rising or borders[0] != span.start or borders[-1] != span.end:
        return "fragments must rise from start to end without overlap"
    found = " ".join(text[a:b] for a, b in fragments)
    return None if found == span.text else _differs("the joined fragments", found, span.text)


def _differs(where: str, found: str, said: str) -> str:
    return f"{where} is {_short(found)} but the span says {_short(said)}"


def _short(text: str, limit: int = 60) -> str:
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")


class Ids:
    """Hands out default ids: `source/split/` + 12 hex digits of the text's SHA-256, repeats numbered.

    An inserted record changes no other id, unless it repeats a text.

    >>> ids = Ids("snips", "test")
    >>> ids("play jazz"), ids("play jazz")
    ('snips/test/5c75ab22765c', 'snips/test/5c75ab22765c-2')
    """

    def __init__(self, source: str | None, split: str | None) -> None:
        self._prefix = "".join(f"{part}/" for part in (source, split) if part)
        self._seen: dict[str, int] = {}

    def __call__(self, text: str) -> str:
        """The id of the next sample that has this text."""
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        count = self._seen[digest] = self._seen.get(digest, 0) + 1
        return self._prefix + digest if count == 1 else f"{self._prefix}{digest}-{count}"
