"""Error analysis: missed, spurious, wrong type, wrong boundary, hallucinated; and the samples with the most errors."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from pointline.sample import AnySpan, Sample
from pointline.score.along import Along, Hull
from pointline.score.items import place
from pointline.score.partial import overlaps
from pointline.score.result import Errors, Failure, Mistake

KINDS = ("wrong_type", "wrong_boundary", "wrong_both", "hallucinated", "spurious", "missed")


class Note(NamedTuple):
    """One annotation: its level, its label, its spans (none for a text label, two for a relation)."""

    level: str
    label: str
    spans: tuple[AnySpan, ...]

    def key(self) -> Hashable:
        """The label and the places, surfaces where there are no offsets."""
        return (self.label, *(span.text if span.start is None else place(span) for span in self.spans))

    def hull(self) -> Hull:
        """Where its first span begins and ends, None where that is not known."""
        if not self.spans or self.spans[0].start is None or self.spans[0].end is None:
            return None
        return self.spans[0].start, self.spans[0].end

    def said(self) -> tuple[str, ...]:
        """The label and the surfaces."""
        return (self.label, *(span.text for span in self.spans))


class Mistakes:
    """Sorts the errors of a file by kind and keeps the `worst` samples, those with the most errors first."""

    def __init__(self, worst: int) -> None:
        self._worst = worst
        self._counts: Counter[tuple[str, str]] = Counter()
        self._heap: list[tuple[int, int, Failure]] = []
        self._n = 0

    def add(self, golds: Iterable[Sample], answers: Iterable[Sample]) -> None:
        """Count the errors of a block."""
        for gold, answer in zip(golds, answers, strict=True):
            self._n += 1
            found = mistakes(gold, answer)
            self._counts.update((mistake.level, mistake.kind) for mistake in found)
            entry = (len(found), -self._n, Failure(gold.id, gold.text, found))
            if found and len(self._heap) < self._worst:
                heapq.heappush(self._heap, entry)
            elif found and self._worst and entry[:2] > self._heap[0][:2]:
                heapq.heapreplace(self._heap, entry)

    def result(self) -> Errors:
        """Counts by level and kind, and the worst samples."""
        levels = sorted({level for level, _ in self._counts})
        kinds = {level: {kind: self._counts[level, kind] for kind in KINDS} for level in levels}
        return Errors(kinds, [failure for _, _, failure in sorted(self._heap, key=lambda e: (-e[0], -e[1]))])


def mistakes(gold: Sample, answer: Sample) -> list[Mistake]:
    """Every error of one sample, level by level; a level that gold does not annotate is not looked at.

    Pairs are formed in this order, each annotation once: equal (no error); same place, other label (wrong type); same
    label, places overlap (wrong boundary); places overlap (wrong both). What then remains of the answer is
    hallucinated where its surface is not in the text, else spurious; what remains of gold was missed. Where offsets
    are lacking surfaces are compared.

    >>> from pointline.sample import Entity
    >>> gold = Sample("1", "New York", entities=[Entity("city", "New York", 0, 8)])
    >>> [m.kind for m in mistakes(gold, Sample("1", "New York", entities=[Entity("city", "York", 4, 8)]))]
    ['wrong_boundary']
    """
    out: list[Mistake] = []
    made = _notes(answer)
    for level, reals in _notes(gold).items():
        left, others = _unequal(reals, made.get(level, []))
        for kind, fits in _TESTS:
            pairs = _paired(left, others, fits)
            out += [Mistake(kind, level, real.said(), other.said()) for real, other in pairs if kind]
        for other in others:
            absent = any(span.start is None and span.text not in gold.text for span in other.spans)
            out.append(Mistake("hallucinated" if absent else "spurious", level, predicted=other.said()))
        out += [Mistake("missed", level, gold=real.said()) for real in left]
    return out


def _paired(left: list[Note], others: list[Note], fits: Callable[[Note, Note], bool]) -> list[tuple[Note, Note]]:
    """Take out of both lists the pairs that fit, first come first served."""
    along, taken, pairs, lone = Along([other.hull() for other in others]), set[int](), [], []
    for real in left:
        near = (j for j in along.near(real.hull()) if j not in taken and fits(real, others[j]))
        partner = next(near, None)
        if partner is None:
            lone.append(real)
        else:
            taken.add(partner)
            pairs.append((real, others[partner]))
    left[:] = lone
    others[:] = [other for j, other in enumerate(others) if j not in taken]
    return pairs


def _unequal(reals: list[Note], made: list[Note]) -> tuple[list[Note], list[Note]]:
    """Both sides without what stands on both: same label at the same places."""
    rest = Counter(note.key() for note in made)
    left = []
    for real in reals:
        key = real.key()
        if rest[key]:
            rest[key] -= 1
        else:
            left.append(real)
    others = []
    for other in reversed(made):
        key = other.key()
        if rest[key]:
            rest[key] -= 1
            others.append(other)
    return left, others[::-1]


def _notes(sample: Sample) -> dict[str, list[Note]]:
    notes: dict[str, list[Note]] = {}
    if sample.labels is not None:
        notes["labels"] = [Note("labels", label, ()) for label in sample.labels]
    if sample.entities is not None:
        notes["entities"] = [Note("entities", e.type, (e,)) for e in sample.entities]
    if sample.relations is not None:
        notes["relations"] = [Note("relations", r.type, (r.head, r.tail)) for r in sample.relations]
    if sample.events is not None:
        events = sample.events
        notes["triggers"] = [Note("triggers", e.type, (e.trigger,) if e.trigger else ()) for e in events]
        notes["arguments"] = [Note("arguments", f"{e.type}/{a.role}", (a,)) for e in events for a in e.arguments]
    return notes


def _same_place(a: Note, b: Note) -> bool:
    return len(a.spans) == len(b.spans) and all(_same(x, y) for x, y in zip(a.spans, b.spans, strict=True))


def _touching(a: Note, b: Note) -> bool:
    if not a.spans or len(a.spans) != len(b.spans):
        return False
    return all(_overlap(x, y) for x, y in zip(a.spans, b.spans, strict=True))


def _same(a: AnySpan, b: AnySpan) -> bool:
    if a.start is None or b.start is None:
        return a.text == b.text
    return place(a) == place(b)


def _overlap(a: AnySpan, b: AnySpan) -> bool:
    if a.start is None or b.start is None:
        return a.text in b.text or b.text in a.text
    return overlaps(place(a), place(b))


_TESTS: tuple[tuple[str, Callable[[Note, Note], bool]], ...] = (
    # Only where one side lacks offsets are there still equal ones: nothing is wrong with these.
    ("", lambda a, b: a.label == b.label and _same_place(a, b)),
    ("wrong_type", _same_place),
    ("wrong_boundary", lambda a, b: a.label == b.label and _touching(a, b)),
    ("wrong_both", _touching),
)
