"""Which samples to look at first: what a file, a model's answers and repairs say against an annotation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from pointline.review.item import Item
from pointline.sample import Entity, Sample

Signal: TypeAlias = tuple[str, float]
"""A reason, and how strongly it speaks against the annotation: 0 not at all, 1 for sure."""

SURE = 0.99
WEIGHTS = dict.fromkeys(("label_doubted", "span_doubted", "span_missed", "span_added"), 0.6)
"""A model errs too, and its doubts about one text come from one error; measured, only the order depends on it."""
OFTEN = 12
"""How often something must have been seen before its absence says anything."""
UNSEEN = 0.6
"""How strongly an annotated span that a model passes over speaks: models say no score for what they do not find."""
REASON, REPAIR = 0.5, 0.3
"""How strongly a reason and a repair speak that an item comes with."""


class Suspicion(NamedTuple):
    """A sample's place in the queue (more is sooner), and the reasons, the strongest first."""

    score: float
    reasons: tuple[str, ...]


def suspicions(samples: Sequence[Sample], predictions: Iterable[Sample] = ()) -> list[Suspicion]:
    """How suspicious each sample is, by its file, its own scores and a model's prediction of the same id.

    Reasons: levels_contradict (its label and its types hardly ever stand together), unusual_type (its words have
    another type nearly everywhere else), low_confidence (its own scores), label_doubted, span_doubted, span_missed
    and span_added (a model's answer). The strongest signal of each reason adds -log(1 - strength). A model that was
    fitted on these very samples doubts little: predict each part with a model of the others.

    >>> gold = Sample("1", "play jazz", labels=["Weather"], entities=[])
    >>> answer = Sample("1", "play jazz", labels=["Music"], label_scores={"Music": 0.9, "Weather": 0.1})
    >>> suspicions([gold], [answer])[0].reasons
    ('label_doubted',)
    """
    answers = {answer.id: answer for answer in predictions}
    file = _File(samples)
    return [_joined((*file.signals(one), *_own(one), *_against(one, answers.get(one.id)))) for one in samples]


def ordering(predictions: Iterable[Sample]) -> Callable[[Sequence[Item]], Iterator[Item]]:
    """The order of a review's items: their suspicion, reasons and repairs that they came with included."""

    def order(items: Sequence[Item]) -> Iterator[Item]:
        found = suspicions([item.draft for item in items], predictions)
        for item, (score, reasons) in zip(items, found, strict=True):
            brought = [REASON] * len(item.reasons) + [REPAIR] * len(item.repairs)
            more = sum(-math.log(1 - strength) for strength in brought)
            item.reasons = tuple(dict.fromkeys((*item.reasons, *reasons)))
            item.suspicion = item.suspicion + score + more
            yield item

    return order


def _joined(signals: Iterable[Signal]) -> Suspicion:
    """The strongest signal of each reason counts: those of one reason are no witnesses of their own."""
    strongest: dict[str, float] = {}
    for reason, strength in signals:
        strongest[reason] = max(strongest.get(reason, 0.0), min(strength, SURE))
    score = -sum(math.log(1 - strength) * WEIGHTS.get(reason, 1.0) for reason, strength in strongest.items())
    told = sorted((name for name in strongest if strongest[name] >= 0.5), key=lambda name: (-strongest[name], name))
    return Suspicion(score, tuple(told))


class _File:
    """What stands together in a file, and how often; a sample's own share is taken out before it is judged."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._labels: Counter[str] = Counter()
        self._types: Counter[str] = Counter()
        self._both: Counter[tuple[str, str]] = Counter()
        self._words: dict[str, Counter[str]] = {}
        self._labelled = 0
        for sample in samples:
            for entity in sample.entities or ():
                self._words.setdefault(entity.text.casefold(), Counter())[entity.type] += 1
            if not sample.labels or sample.entities is None:
                continue
            self._labelled += 1
            self._labels.update(set(sample.labels))
            kinds = {entity.type for entity in sample.entities}
            self._types.update(kinds)
            self._both.update((label, kind) for label in set(sample.labels) for kind in kinds)

    def signals(self, sample: Sample) -> Iterator[Signal]:
        """What the rest of the file says against a sample."""
        yield from self._levels(sample)
        for entity in sample.entities or ():
            seen = self._words[entity.text.casefold()]
            others = seen.total() - 1
            if others >= 3:
                best, times = max(seen.items(), key=lambda one: (one[1], one[0]))
                if best != entity.type:
                    yield "unusual_type", max(0.0, times / others - (seen[entity.type] - 1) / others - 0.1)

    def _levels(self, sample: Sample) -> Iterator[Signal]:
        """A type that comes with other labels: seen with this one far more rarely than chance would have it."""
        for kind in sorted({entity.type for entity in sample.entities or ()}):
            for label in sorted(set(sample.labels or ())):
                with_kind, with_label = self._types[kind] - 1, self._labels[label] - 1
                chance = with_kind * with_label / max(1, self._labelled - 1)
                if with_kind < OFTEN or chance < 1:
                    continue
                ratio = (self._both[label, kind] - 1 + 0.5) / (chance + 0.5)
                if ratio < 0.5:
                    yield "levels_contradict", 1 - ratio


def _own(sample: Sample) -> Iterator[Signal]:
    """What a sample that a model wrote says of itself."""
    scores = [entity.score for entity in sample.entities or () if entity.score is not None]
    said = sample.label_scores or {}
    scores += [said[label] for label in sample.labels or () if label in said]
    if scores:
        yield "low_confidence", 1 - min(scores)


def _against(sample: Sample, answer: Sample | None) -> Iterator[Signal]:
    """Where a model's answer differs, by how sure the model is."""
    if answer is None:
        return
    if sample.labels is not None and answer.labels is not None:
        scores = answer.label_scores or dict.fromkeys(answer.labels, UNSEEN)
        wanted = max((scores.get(label, 0.0) for label in answer.labels), default=0.0)
        held = min((scores.get(label, 0.0) for label in sample.labels), default=0.0)
        if set(sample.labels) != set(answer.labels):
            yield "label_doubted", max(0.0, wanted - held)
    if sample.entities is None or answer.entities is None or sample.text != answer.text:
        return
    here, there = {_key(one) for one in sample.entities}, {_key(one) for one in answer.entities}
    extra = [one for one in answer.entities if _key(one) not in here]
    for one in sample.entities:
        if _key(one) not in there and not any(_touch(one, other) for other in extra):
            yield "span_added", UNSEEN
    for one in extra:
        replaced = any(_touch(one, other) for other in sample.entities)
        yield "span_doubted" if replaced else "span_missed", UNSEEN if one.score is None else one.score


def _key(one: Entity) -> tuple[str, int | None, int | None]:
    return (one.type, one.start, one.end)


def _touch(a: Entity, b: Entity) -> bool:
    if a.start is None or a.end is None or b.start is None or b.end is None:
        return a.text == b.text
    return a.start < b.end and b.start < a.end
