"""How far a model's answer may be trusted: the chance that all of it is right, and what speaks against it."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import NamedTuple

import msgspec

from pointline.annotate.doubts import Evidence
from pointline.errors import SettingsFault
from pointline.sample import Sample, spans_of

EVEN = 0.5
"""The chance of an answer of which the model gives no score, and the factor of one that differs from a rule."""
LEVELS = ("labels", "entities", "relations", "events")


class Weighing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When an answer is in doubt; raises SettingsFault where a share is none."""

    sure: float = 0.9
    """The chance from which an answer needs no look."""
    contradiction: float = 4.0
    """Nats by which an answer's types must speak for another text label (see `doubts.Evidence`)."""
    rare: int = 3
    """Samples that another label must have before types may speak for it."""
    check: float = 0.02
    """Share of the sure ones that is looked at all the same, so that their precision can be estimated."""
    seed: int = 0
    """Draws the share that is checked, and the random order."""

    def __post_init__(self) -> None:
        if not (0 <= self.sure <= 1 and 0 <= self.check <= 1):
            raise SettingsFault("sure and check are shares: from 0 to 1")


class Weighed(NamedTuple):
    """The chance that an answer is right as a whole, and the doubts about it, gravest first."""

    chance: float
    doubts: dict[str, str]


def kinds(sample: Sample) -> list[str]:
    """The types at the word level, each once, in order."""
    points = [*(sample.entities or ()), *(sample.relations or ()), *(sample.events or ())]
    return list(dict.fromkeys(point.type for point in points))


def weigh(answer: Sample, draft: Sample, evidence: Evidence, chosen: Weighing) -> Weighed:
    """Weigh a model's answer; `draft` is the sample as it came, `evidence` must have counted the answer.

    Doubts: the answer's own problems; `contradicts_points` (its types hardly go with the text label); `label_differs`
    (the text came with another label than the model gives it); `differs_from_draft` (the word level came otherwise, as
    a rule or an earlier model had it); `no_scores`; `low_confidence`.

    >>> evidence = Evidence()
    >>> given = Sample("1", "hm", labels=["Law"])
    >>> answer = Sample("1", "hm", labels=["Art"], label_scores={"Art": 0.9, "Law": 0.1})
    >>> weigh(answer, given, evidence, Weighing())
    Weighed(chance=0.1, doubts={'label_differs': "came as 'Law', the model says 'Art' (0.90)"})
    """
    doubts = dict.fromkeys(answer.problems or (), "the model's answer is not in order")
    scores = _scores(answer)
    chance = 0.0 if doubts else math.prod(scores) if scores else EVEN
    labels = draft.labels if draft.labels is not None else answer.labels
    if labels:
        nats, other = evidence.against(labels[0], kinds(answer), chosen.rare)
        if nats >= chosen.contradiction:
            doubts["contradicts_points"] = f"what stands in it speaks for {other!r} by {nats:.1f} nats"
            chance *= math.exp(-nats)
    if draft.labels and answer.labels is not None and set(draft.labels) != set(answer.labels):
        said = answer.label_scores or {}
        best = max((said.get(label, EVEN) for label in answer.labels), default=EVEN)
        told = ", ".join(map(repr, answer.labels)) or "none"
        doubts["label_differs"] = f"came as {', '.join(map(repr, draft.labels))}, the model says {told} ({best:.2f})"
        rest = math.prod(_scores(msgspec.structs.replace(answer, label_scores=None)))
        chance = min(chance, max(0.0, round(1 - best, 4)) * rest)
    different = [level for level in LEVELS[1:] if _differs(answer, draft, level)]
    if different:
        doubts["differs_from_draft"] = ", ".join(different)
        chance *= EVEN
    if not scores:
        doubts["no_scores"] = "the model says nothing of its doubt"
    if not doubts and chance < chosen.sure:
        doubts["low_confidence"] = f"{chance:.2f}"
    return Weighed(round(chance, 4), doubts)


def _scores(answer: Sample) -> list[float]:
    said = answer.label_scores or {}
    found = [said[label] for label in answer.labels or () if label in said]
    found += [point.score for point in (*(answer.relations or ()), *(answer.events or ())) if point.score is not None]
    return found + [span.score for _, span in spans_of(answer) if span.score is not None]


def _differs(answer: Sample, draft: Sample, level: str) -> bool:
    given, said = points(draft, level), points(answer, level)
    return given is not None and said is not None and sorted(given, key=repr) != sorted(said, key=repr)


def points(sample: Sample, level: str) -> list[Hashable] | None:
    """What a sample says at a level, as plain values; offsets count where both ends have them. None: not annotated."""
    if getattr(sample, level) is None:
        return None
    if level == "labels":
        return list(sample.labels or ())
    if level == "entities":
        return [(e.type, e.text, e.start) for e in sample.entities or ()]
    if level == "relations":
        return [(r.type, r.head.text, r.head.start, r.tail.text, r.tail.start) for r in sample.relations or ()]
    found: list[Hashable] = []
    for event in sample.events or ():
        found.append((event.type, event.trigger and event.trigger.text))
        found += [(event.type, argument.role, argument.text) for argument in event.arguments]
    return found
