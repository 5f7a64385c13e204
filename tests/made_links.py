"""Made-up reports of who works where and who bought what: enough to see relations and events learned."""

from __future__ import annotations

import random

from made_samples import NAMES, PLACES

from pointline.sample import Argument, Entity, Event, Relation, Sample, Span

FIRMS = ["acme", "blue works", "corvo", "delta mills", "ekko", "fir and sons"]


def related(count: int, seed: int = 0, entities: bool = True) -> list[Sample]:
    """Two people and one or two relations a text: who is named first works for what is named first, or founded it."""
    draw = random.Random(seed)
    samples = []
    for i in range(count):
        people, firms = draw.sample(NAMES, 2), draw.sample(FIRMS, 2)
        verbs = draw.choices(["works for", "founded", "met"], k=2)
        text = f"{people[0]} {verbs[0]} {firms[0]} and {people[1]} {verbs[1]} {firms[1]}"
        who = [_span(text, name, "name") for name in people]
        where = [_span(text, name, "firm") for name in firms]
        kinds = {"works for": "work", "founded": "found"}
        relations = [
            Relation(kinds[v], head, tail) for v, head, tail in zip(verbs, who, where, strict=True) if v in kinds
        ]
        found = [Entity(s.type or "", s.text, s.start, s.end) for s in (*who, *where)]
        found.sort(key=lambda one: one.start or 0)
        held = found if entities else None
        samples.append(Sample(f"related/{seed}/{i}", text, "en", entities=held, relations=relations))
    return samples


def eventful(count: int, seed: int = 0, triggers: bool = True) -> list[Sample]:
    """One or two purchases or trips a text; without `triggers`, one a text."""
    draw = random.Random(seed)
    samples = []
    for i in range(count):
        pool, clauses, planned = draw.sample(FIRMS, 4), [], []
        for place in range(draw.choice([1, 2]) if triggers else 1):
            name = draw.choice(NAMES[4 * place : 4 * place + 4])
            if draw.random() < 0.5:
                clauses.append(f"{name} bought {pool[place]}")
                planned.append(("Buy", "bought", [("buyer", name), ("thing", pool[place])]))
            else:
                town = PLACES[4 * place + draw.randrange(4)]
                clauses.append(f"{name} left for {town}")
                planned.append(("Travel", "left", [("traveller", name), ("goal", town)]))
        text = " while ".join(clauses)
        events, done = [], 0
        for (kind, word, roles), clause in zip(planned, clauses, strict=True):
            start = text.index(clause, done)
            done = start + len(clause)
            spans = [(role, _span(text, value, None, start)) for role, value in roles]
            arguments = [Argument(role, s.text, s.start, s.end) for role, s in spans]
            events.append(Event(kind, _span(text, word, None, start) if triggers else None, arguments))
        samples.append(Sample(f"eventful/{seed}/{i}", text, "en", events=events))
    return samples


def _span(text: str, value: str, kind: str | None, after: int = 0) -> Span:
    start = text.index(value, after)
    return Span(value, start, start + len(value), type=kind)
