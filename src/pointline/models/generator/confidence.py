"""Scores of an answer: how likely the model, left free, found the tokens of each label and span."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pointline.models.constrain.replay import Part
from pointline.sample import Sample, Span, spans_of

DIGITS = 4


def score(sample: Sample, parts: Sequence[Part], logps: Sequence[float]) -> None:
    """Write scores into an answer whose output is made of `parts`; `logps` are its tokens' log-probabilities.

    A label's score is the probability of its tokens together; a span's the geometric mean over its tokens (an
    entity's over those of its type too); a relation's over its three parts.
    """
    labels: dict[str, float] = {}
    typed: dict[tuple[str, str], list[float]] = {}
    plain: dict[str, list[float]] = {}
    named: dict[str, list[float]] = {}
    name = None
    for part in parts:
        own = list(logps[part.first : part.last])
        if part.kind == "name":
            name = (part.text, own)
            labels.setdefault(part.text, round(math.exp(sum(own)), DIGITS))
            named.setdefault(part.text, []).append(_mean(own))
        elif part.kind == "span":
            plain.setdefault(part.text, []).append(_mean(own))
            if name is not None:
                typed.setdefault((name[0], part.text), []).append(_mean(name[1] + own))
    if sample.labels is not None:
        sample.label_scores = {label: labels[label] for label in sample.labels if label in labels}
    for entity in sample.entities or ():
        entity.score = _next(typed.get((entity.type, entity.text)))
    for _, span in spans_of(sample):
        if span.score is None:
            span.score = _next(plain.get(span.text))
    for relation in sample.relations or ():
        relation.score = _joined(relation.head, relation.tail, _next(named.get(relation.type)))
    for event in sample.events or ():
        event.score = _next(named.get(event.type))


def _mean(logps: Sequence[float]) -> float:
    return round(math.exp(sum(logps) / len(logps)), DIGITS) if logps else 1.0


def _next(scores: list[float] | None) -> float | None:
    """The next of several scores of one surface; the last is kept for what repeats it."""
    if not scores:
        return None
    return scores.pop(0) if len(scores) > 1 else scores[0]


def _joined(head: Span, tail: Span, name: float | None) -> float | None:
    scores = [score for score in (head.score, tail.score, name) if score is not None]
    if len(scores) < 3:
        return None
    return round(math.prod(scores) ** (1 / 3), DIGITS)
