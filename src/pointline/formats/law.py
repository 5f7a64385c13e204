"""The law of every format: reading what was written gives the sample back, or writing refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from pointline.formats.problems import AMBIGUOUS, SPAN_DIFFERS, SPAN_NORMALISED, CannotHold
from pointline.sample import Event, Sample
from pointline.schema import Level


def same(gold: Sample, read: Sample, levels: tuple[Level, ...]) -> bool:
    """True where both say the same on `levels`: labels, multisets of entities, triples and events.

    Offsets are not compared, strings carry none; a level without annotation counts as empty.
    """
    return all(_content(gold, level) == _content(read, level) for level in levels)


def require(gold: Sample, read: Sample, levels: tuple[Level, ...]) -> None:
    """Raise CannotHold where reading does not give the sample back."""
    for level in levels:
        if _content(gold, level) != _content(read, level):
            if SPAN_NORMALISED in (read.problems or ()):
                raise CannotHold(SPAN_DIFFERS, f"{gold.id!r} has a span that its text has in another form only")
            raise CannotHold(AMBIGUOUS, f"{level} of {gold.id!r} would be read otherwise")


def _content(sample: Sample, level: Level) -> object:
    if level == "labels":
        return sample.labels or []
    if level == "entities":
        return Counter((e.type, e.text) for e in sample.entities or ())
    if level == "relations":
        return Counter((r.head.text, r.type, r.tail.text) for r in sample.relations or ())
    return Counter(event_key(e) for e in sample.events or ())


def event_key(event: Event) -> Hashable:
    """An event without offsets: type, trigger, fillers in any order."""
    trigger = None if event.trigger is None else event.trigger.text
    return event.type, trigger, tuple(sorted((a.role, a.text) for a in event.arguments))
