"""How events are written in JSON: a list of arguments with roles, or roles as the event's own keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from pointline.corpora.conversion import Report
from pointline.corpora.fields import MISSING, kind_of, listed, name_of, pick
from pointline.corpora.placing import Search, placed
from pointline.corpora.shapes.span_fields import FIX, SpanFields, place_of, quick_look
from pointline.sample import Argument, Event, Fragments, Span


class EventFields(SpanFields, frozen=True, kw_only=True):
    """Where the events of a record stand. The span fields are those of the arguments."""

    at: str = "events"
    """Path of the events; lists on the way are gone through (`cyberevent.hopper.events`)."""
    type: str = "type"
    """Field of an event with its type."""
    trigger: SpanFields | None = None
    """Where an event's trigger stands; none where events have no trigger."""
    trigger_role: str | None = None
    """The role (or key) under which the trigger stands among the arguments."""
    arguments: str = "arguments"
    """Field of an event with the list of arguments; "" where roles are the event's own keys, each an object with lists
    of pieces under `text` and `start`, and roles inside roles are named outer.inner (PHEE)."""
    role: str | int = "role"
    """Field of an argument with its role."""
    argument_type: str | None = None
    """Field of an argument with the type of its filler."""
    absent_is_none: bool = False
    """Whether a record without the field has no event; by default its events are not annotated."""


class Events:
    """Reads the events of records; what the fields come to is worked out once.

    >>> from pointline.corpora.conversion import Report
    >>> fields = EventFields(surface="w", trigger=SpanFields(surface="w"))
    >>> record = {"events": [{"type": "Win", "w": "won", "start": 3, "arguments": []}]}
    >>> Events(fields, Report())(record, "We won")[0].trigger.end
    6
    """

    def __init__(self, fields: EventFields, report: Report) -> None:
        self.fields, self.report = fields, report
        self.steps = fields.at.split(".")
        self.look = quick_look(fields)
        self.look_trigger = quick_look(fields.trigger) if fields.trigger else self.look

    def __call__(self, record: Any, text: str) -> list[Event] | None:
        """The events of a record; None, or [] by `absent_is_none`, where it has no such field."""
        items = list(_through(record, self.steps))
        if items == [MISSING]:
            return [] if self.fields.absent_is_none else None
        search = Search(text, self.report)
        if self.fields.arguments:
            return [self._listed(item, search) for item in items if item is not None]
        return [_keyed(item, self.fields, search, self.report) for item in items if item is not None]

    def _listed(self, item: Any, search: Search) -> Event:
        fields, report, look, text, made = self.fields, self.report, self.look, search.text, list[Argument]()
        event = Event(_kind(item, fields, report), None, made)
        if fields.trigger is not None:
            place = self.look_trigger(item, text) or place_of(item, fields.trigger, search, report)
            event.trigger = None if place is None else Span(*place)
        arguments = pick(item, fields.arguments)
        for argument in () if arguments is MISSING else listed(arguments, fields.arguments, report):
            role = pick(argument, fields.role)
            if role is MISSING:
                raise report.fault("an argument lacks its role", field=f"{fields.at}.{fields.role}", fix=FIX)
            place = look(argument, text) or place_of(argument, fields, search, report)
            if place is None:
                continue
            if role == fields.trigger_role and event.trigger is None:
                event.trigger = Span(*place)
            else:
                kind = MISSING if fields.argument_type is None else pick(argument, fields.argument_type)
                kind = None if kind is MISSING else name_of(kind)
                made.append(Argument(name_of(role), place[0], place[1], place[2], kind))
        return event


def _through(value: Any, steps: list[str]) -> Iterator[Any]:
    """Everything at a path, gone through lists; MISSING where it ends too early."""
    if isinstance(value, list):
        for item in value:
            yield from _through(item, steps)
    elif not steps:
        yield value
    elif isinstance(value, dict) and steps[0] in value:
        yield from _through(value[steps[0]], steps[1:])
    else:
        yield MISSING


def _kind(item: Any, fields: EventFields, report: Report) -> str:
    kind = pick(item, fields.type)
    if kind is MISSING:
        raise report.fault("an event lacks its type", field=f"{fields.at}.{fields.type}", fix=FIX)
    return name_of(kind)


def _keyed(item: Any, fields: EventFields, search: Search, report: Report) -> Event:
    """An event whose roles are keys, each {text: [[piece, ...], ...], start: [[...], ...], inner role: ...}."""
    event = Event(_kind(item, fields, report))
    for role, value in item.items():
        if role == fields.trigger_role and isinstance(value, dict):
            event.trigger = next(iter(_pieces(value, search, report)), None)
            continue
        for name, held in _roles(role, value):
            for span in _pieces(held, search, report):
                event.arguments.append(Argument(name, span.text, span.start, span.end, None, span.fragments))
    return event


def _roles(name: str, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """A role and the roles inside it, in lists too."""
    if isinstance(value, list):
        for held in value:
            yield from _roles(name, held)
    elif isinstance(value, dict):
        if "text" in value and "start" in value:
            yield name, value
        for inner, held in value.items():
            if inner not in ("text", "start"):
                yield from _roles(f"{name}.{inner}", held)


def _pieces(value: dict[str, Any], search: Search, report: Report) -> Iterator[Span]:
    texts, starts = listed(value.get("text"), "text", report), listed(value.get("start"), "start", report)
    for wordings, places in zip(texts, starts, strict=False):
        found = []
        for wording, start in zip(listed(wordings, "text", report), listed(places, "start", report), strict=False):
            if not isinstance(wording, str) or type(start) is not int:
                raise report.fault(f"a piece is {kind_of(wording)} at {start!r}", field="text", fix=FIX)
            place = placed(search.text, wording, start, None, report)
            if place is not None:
                found.append(Span(*place))
        yield from _joined(found, report)


def _joined(pieces: list[Span], report: Report) -> Iterator[Span]:
    """The pieces of one filler as one span, in fragments where they stand apart."""
    pieces = sorted(pieces, key=lambda piece: (piece.start is None, piece.start or 0))
    if len(pieces) == 1:
        yield pieces[0]
    elif pieces:
        fragments: Fragments = [(piece.start or 0, piece.end or 0) for piece in pieces if piece.start is not None]
        rising = all(a[1] <= b[0] for a, b in pairwise(fragments))
        if len(fragments) < len(pieces) or not rising:
            report.repair("span_not_in_text", repr([piece.text for piece in pieces]))
            yield Span(" ".join(piece.text for piece in pieces))
        else:
            text = " ".join(piece.text for piece in pieces)
            yield Span(text, fragments[0][0], fragments[-1][1], fragments=fragments)
