"""Whose annotation is put behind a text: its own, a prediction, another sample's, or one drawn at random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pointline.errors import Refusal
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span
from pointline.studies.mre.arms import Given
from pointline.train.draws import keyed, number


def informants(
    samples: Sequence[Sample], given: Given, seed: int, predicted: Mapping[str, Sample] | None = None
) -> dict[str, Sample]:
    """By the id of each sample, the sample whose other level stands behind its text.

    Raises Refusal where a prediction is missing.

    >>> samples = [Sample(str(i), "a", labels=[str(i)]) for i in range(3)]
    >>> others = informants(samples, "shuffled", seed=0)
    >>> any(others[s.id].labels == s.labels for s in samples), sorted(o.id for o in others.values())
    (False, ['0', '1', '2'])
    """
    if given == "gold":
        return {sample.id: sample for sample in samples}
    if given == "predicted":
        missing = next((sample.id for sample in samples if sample.id not in (predicted or {})), None)
        if missing is not None:
            raise Refusal(f"there is no prediction for sample {missing!r}")
        return {sample.id: (predicted or {})[sample.id] for sample in samples}
    ring = sorted(samples, key=lambda sample: (number(seed, "ring", sample.id), sample.id))
    behind = {sample.id: ring[at - 1] for at, sample in enumerate(ring)}
    if given == "shuffled":
        return behind
    pool = _Pool(samples)
    return {id: pool.redrawn(other, keyed(seed, "random", id)) for id, other in behind.items()}


class _Pool:
    """Everything that the samples annotate, to draw from: names and wordings each by themselves."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.labels = sorted({label for sample in samples for label in sample.labels or ()})
        self.types = sorted({e.type for sample in samples for e in sample.entities or ()})
        self.relations = sorted({r.type for sample in samples for r in sample.relations or ()})
        self.events = sorted({e.type for sample in samples for e in sample.events or ()})
        self.roles = sorted({a.role for sample in samples for e in sample.events or () for a in e.arguments})
        spans = (span.text for sample in samples for span in _spans(sample))
        self.wordings = sorted(set(spans))

    def redrawn(self, like: Sample, draws: object) -> Sample:
        """As many annotations as `like` has, each name and wording drawn alone."""
        chance = iter(draws)  # type: ignore[call-overload]

        def one(held: list[str]) -> str:
            return held[int(next(chance) * len(held))]

        def span() -> Span:
            return Span(one(self.wordings))

        def event() -> Event:
            made = Event(one(self.events))
            made.arguments = [Argument(one(self.roles), one(self.wordings))] if self.roles else []
            return made

        return msgspec.structs.replace(
            like,
            labels=None if like.labels is None else [one(self.labels) for _ in like.labels],
            entities=None
            if like.entities is None
            else [Entity(one(self.types), one(self.wordings)) for _ in like.entities],
            relations=None
            if like.relations is None
            else [Relation(one(self.relations), span(), span()) for _ in like.relations],
            events=None if like.events is None else [event() for _ in like.events],
        )


def _spans(sample: Sample) -> list[Span | Entity | Argument]:
    found: list[Span | Entity | Argument] = list(sample.entities or ())
    for relation in sample.relations or ():
        found += [relation.head, relation.tail]
    for event in sample.events or ():
        found += event.arguments
    return found
