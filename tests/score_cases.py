"""Short ways to write samples for the scoring tests."""

from __future__ import annotations

from pointline.sample import Argument, Entity, Event, Relation, Sample, Span
from pointline.score import Figure, Score, Settings, score

QUICK = Settings(resamples=20)


def entity(kind: str, start: int, end: int, text: str = "abcdefghijklmnopqrstuvwxyz") -> Entity:
    return Entity(kind, text[start:end], start, end)


def words(*pairs: tuple[str, str]) -> list[Entity]:
    """Entities without offsets."""
    return [Entity(kind, text) for kind, text in pairs]


def relation(kind: str, head: str, tail: str, types: tuple[str | None, str | None] = (None, None)) -> Relation:
    return Relation(kind, Span(head, type=types[0]), Span(tail, type=types[1]))


def event(kind: str, trigger: str | None, *arguments: tuple[str, str]) -> Event:
    return Event(kind, Span(trigger) if trigger else None, [Argument(role, text) for role, text in arguments])


def counts(figure: Figure) -> tuple[float | None, float | None, float | None]:
    return figure.gold, figure.predicted, figure.hits


def scored(gold: list[Sample], answers: list[Sample], protocol: str, settings: Settings = QUICK) -> Score:
    return score(gold, answers, protocol, settings=settings)
