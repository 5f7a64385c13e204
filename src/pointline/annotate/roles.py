"""Triples and events as entities named for their roles (`founded@head`), for a model that knows entities alone.

Nothing is lost where a text holds at most one relation and one event, as in TCREE: which spans belong together is
then never in question.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from pointline.annotate.rules import ENDS
from pointline.errors import Refusal
from pointline.sample import AnySpan, Argument, Entity, Event, Relation, Sample, Span, span_key

MARK = "@"
TRIGGER = "trigger"


def as_entities(samples: Iterable[Sample]) -> list[Sample]:
    """Samples with their relations and events as entities; those of one text become one sample, the first's id.

    Entities that a sample has besides are left out, spans without offsets too. Raises Refusal where a text has two
    relations or two events, or a role's name is taken (`trigger`, and for events `head` and `tail`).

    >>> founded = Relation("founded", Span("Ana", 0, 3), Span("Orva", 12, 16))
    >>> [sample] = as_entities([Sample("1", "Ana founded Orva", relations=[founded])])
    >>> [(entity.type, entity.text) for entity in sample.entities]
    [('founded@head', 'Ana'), ('founded@tail', 'Orva')]
    """
    joined: dict[str, Sample] = {}
    for sample in samples:
        first = joined.setdefault(sample.text, replace(sample, entities=None, relations=None, events=None))
        for level in ("relations", "events"):
            held, more = getattr(first, level), getattr(sample, level)
            if more is None:
                continue
            both = [*(held or ()), *more]
            if any(one != both[0] for one in both):
                raise Refusal(f"sample {sample.id!r}: its text has two {level}; which spans belong together is lost")
            setattr(first, level, both[:1])
    return [_flat(sample) for sample in joined.values()]


def _flat(sample: Sample) -> Sample:
    entities: list[Entity] | None = None if sample.relations is None and sample.events is None else []
    for kind, role, span in _roles(sample):
        if span.start is not None and entities is not None:
            entities.append(Entity(f"{kind}{MARK}{role}", span.text, span.start, span.end))
    if entities:
        entities.sort(key=span_key)
    return replace(sample, entities=entities, relations=None, events=None)


def _roles(sample: Sample) -> Iterator[tuple[str, str, AnySpan]]:
    for relation in sample.relations or ():
        yield relation.type, "head", relation.head
        yield relation.type, "tail", relation.tail
    for event in sample.events or ():
        if event.trigger is not None:
            yield event.type, TRIGGER, event.trigger
        for argument in event.arguments:
            if argument.role in (*ENDS, TRIGGER) or MARK in argument.role:
                raise Refusal(f"sample {sample.id!r}: rename the role {argument.role!r} (`pointline map`)")
            yield event.type, argument.role, argument


def named(types: Sequence[str] | None) -> bool:
    """Whether a model's entity types are roles."""
    return bool(types) and all(MARK in name for name in types or ())


def from_entities(answer: Sample, task: str | None = None) -> Sample:
    """An answer whose entities are roles, with its relation and its event; of several the likeliest.

    task: `re` or `ee` asks for one of the two; the other level stays null. Roles that make nothing whole are left out
    and told as the problem `role_left_out`.

    >>> answer = Sample("1", "Ana founded Orva", entities=[Entity("f@head", "Ana", 0, 3), Entity("f@tail", "Orva", 12, 16)])
    >>> [(one.head.text, one.type, one.tail.text) for one in from_entities(answer).relations]
    [('Ana', 'f', 'Orva')]
    """  # noqa: E501 - an example is one line
    groups: dict[str, dict[str, Entity]] = {}
    for entity in answer.entities or ():
        kind, _, role = entity.type.rpartition(MARK)
        held = groups.setdefault(kind, {})
        if role not in held or (entity.score or 0) > (held[role].score or 0):
            held[role] = entity
    relations, events = _relations(groups), _events(groups)
    used = sum(2 for _ in relations[:1]) + sum(len(one.arguments) + (one.trigger is not None) for one in events[:1])
    problems = list(answer.problems or ())
    asked = {"re": (True, False), "ee": (False, True)}.get(task or "", (True, True))
    if asked == (True, True) and used < len(answer.entities or ()):
        problems.append("role_left_out")
    return replace(
        answer,
        entities=None,
        relations=relations[:1] if asked[0] else None,
        events=events[:1] if asked[1] else None,
        problems=problems or None,
    )


def _relations(groups: dict[str, dict[str, Entity]]) -> list[Relation]:
    found = []
    for kind, roles in sorted(groups.items()):
        if all(end in roles for end in ENDS):
            head, tail = (Span(e.text, e.start, e.end, score=e.score) for e in (roles[end] for end in ENDS))
            found.append(Relation(kind, head, tail, _joined([head, tail])))
    return sorted(found, key=lambda one: -(one.score or 0))


def _events(groups: dict[str, dict[str, Entity]]) -> list[Event]:
    """Events, those with a trigger first."""
    found = []
    for kind, roles in sorted(groups.items()):
        parts = {role: entity for role, entity in roles.items() if role not in ENDS}
        if not parts:
            continue
        said = parts.pop(TRIGGER, None)
        trigger = None if said is None else Span(said.text, said.start, said.end, score=said.score)
        filled = sorted(parts.items(), key=lambda item: (span_key(item[1]), item[0]))
        arguments = [Argument(role, e.text, e.start, e.end, score=e.score) for role, e in filled]
        spans: list[AnySpan] = [*([trigger] if trigger else []), *arguments]
        found.append(Event(kind, trigger, arguments, _joined(spans)))
    return sorted(found, key=lambda one: (one.trigger is None, -(one.score or 0)))


def _joined(spans: Sequence[AnySpan]) -> float | None:
    scores = [span.score for span in spans if span.score is not None]
    return round(math.prod(scores) ** (1 / len(scores)), 4) if scores and len(scores) == len(spans) else None
