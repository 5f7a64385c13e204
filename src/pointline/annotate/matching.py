"""A rule on a sentence: where its trigger and its arguments stand."""

from __future__ import annotations

import re
from typing import NamedTuple

from pointline.annotate.rules import Compiled, Role
from pointline.sample import Argument, Event, Relation, Span
from pointline.text.segment import Place


class Found(NamedTuple):
    """What a rule found in a sentence: offsets (code points, half-open) by role; the trigger where it has one."""

    by: Compiled
    trigger: Place | None
    places: dict[str, Place]


def applies(one: Compiled, lang: str | None, label: str | None) -> bool:
    """Whether a rule is meant for texts of this language and label."""
    rule = one.rule
    return (rule.lang is None or rule.lang == lang) and (not rule.labels or label in rule.labels)


def find(one: Compiled, text: str) -> Found | None:
    """What the rule finds in a sentence, or None: its first pattern that is found, else its free arguments."""
    if one.unless and one.unless.search(text):
        return None
    first = one.trigger.search(text) if one.trigger else None
    if one.trigger and first is None:
        return None
    for pattern in one.patterns:
        match = pattern.search(text)
        if match is not None:
            groups = {role: match.span(role) for role in pattern.groupindex if match[role]}
            trigger = groups.pop("trigger", first.span() if first else None)
            if len(groups) or not one.kinds:
                return Found(one, trigger, groups)
    if one.trigger and one.roles:
        for met in one.trigger.finditer(text):
            places = _around(one.roles, text, met.span())
            if places is not None:
                return Found(one, met.span(), places)
    return None


def _around(roles: tuple[tuple[str, Role, re.Pattern[str]], ...], text: str, trigger: Place) -> dict[str, Place] | None:
    """The nearest filler of each role, in the roles' order, none over another; None where one is missing."""
    taken = [trigger]
    places: dict[str, Place] = {}
    for name, role, expression in roles:
        free = [
            place
            for place in (match.span() for match in expression.finditer(text))
            if place[0] < place[1] and all(place[1] <= start or end <= place[0] for start, end in taken)
        ]
        near = [place for place in free if role.where != ("before" if place[0] >= trigger[1] else "after")]
        if near:
            places[name] = min(near, key=lambda place: (_distance(place, trigger), place))
            taken.append(places[name])
        elif not role.optional:
            return None
    return places


def _distance(a: Place, b: Place) -> int:
    return max(b[0] - a[1], a[0] - b[1])


def relation(found: Found, text: str) -> Relation:
    """The triple that was found; its ends' types are the kinds of the rule."""
    head, tail = (
        Span(text[a:b], a, b, found.by.kinds[role]) for role in ("head", "tail") for a, b in [found.places[role]]
    )
    return Relation(found.by.rule.type, head, tail)


def event(found: Found, text: str) -> Event:
    """The event that was found, arguments in the order of the text."""
    trigger = None if found.trigger is None else Span(text[slice(*found.trigger)], *found.trigger)
    filled = sorted(found.places.items(), key=lambda item: (item[1], item[0]))
    return Event(found.by.rule.type, trigger, [Argument(role, text[a:b], a, b) for role, (a, b) in filled])
