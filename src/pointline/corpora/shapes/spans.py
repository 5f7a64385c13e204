"""JSON with character offsets: lists of spans, spans nested by type and wording, events with roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.fields import (
    MISSING,
    found_at,
    id_of,
    kind_of,
    labels_of,
    listed,
    name_of,
    pick,
    rest_of,
    text_at,
)
from pointline.corpora.json_files import records
from pointline.corpora.placing import Place, Search, placed
from pointline.corpora.reading import ReaderSettings
from pointline.sample import Argument, Entity, Event, Sample, Span

_FIX = "set the reader's field names (entities, type, start, end or span, surface)"


class SpanFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where one span's wording and offsets stand; a number is an index into a list."""

    start: str | int = "start"
    """Field with the first character; where it is missing, the wording is searched."""
    end: str | int = "end"
    """Field with the end; where it is missing, the wording's length tells."""
    span: str | int | None = None
    """Field with both offsets as [start, end]."""
    surface: str | int | None = None
    """Field with the wording; offsets that do not fit it are mended."""
    inclusive: bool = False
    """Whether the end is the last character's own offset."""


class EventFields(SpanFields, frozen=True, kw_only=True):
    """Where the events of a record stand. The span fields are those of the arguments."""

    at: str = "events"
    """Field with the list of events."""
    type: str = "type"
    """Field of an event with its type."""
    trigger: SpanFields | None = None
    """Where an event's trigger stands; none where events have no trigger."""
    trigger_role: str | None = None
    """The role under which the trigger stands among the arguments."""
    arguments: str = "arguments"
    """Field of an event with the list of arguments."""
    role: str | int = "role"
    """Field of an argument with its role."""


class Spans(ReaderSettings, frozen=True, kw_only=True):
    """Field names of a JSON source, and what its offsets mean."""

    records: str = ""
    """Dotted path of the records in a document (`sentences`); `*` stands for any key."""
    text: str = "text"
    """Field with the text."""
    id: str | list[str] = ""
    """Field with the id, or several, joined by `/`; `^name` looks in the document around the record."""
    label: str = ""
    """Field with the text label or labels; `*` is the key the record was found under."""
    label_separator: str | None = None
    """What parts several text labels in one string."""
    entities: str = "entities"
    """Field with the entities; "" where there are none."""
    shape: Literal["list", "nested"] = "list"
    """`list`: one item an entity; `nested`: {type: {wording: [[start, end], ...]}}."""
    type: str | int = "type"
    """Field of an entity with its type."""
    start: str | int = "start"
    """Field with the first character (an index, where an entity is a list)."""
    end: str | int = "end"
    """Field with the end; where it is missing, the wording's length tells."""
    span: str | int | None = None
    """Field with both offsets as [start, end]."""
    surface: str | int | None = None
    """Field with the wording; offsets that do not fit it are mended, missing ones searched."""
    inclusive: bool = False
    """Whether the end is the last character's own offset."""
    derive: str | None = None
    """Field of an entity whose values give the text label: one value that, several `mixed`, none no label."""
    keep: list[str] | None = None
    """Record fields to keep under meta; by default all that were not read."""
    events: EventFields | None = None
    """Where events stand; none where there are none."""


def read(paths: Iterable[Path], settings: Spans, report: Report) -> Iterator[Sample]:
    """Read JSON lines, arrays or documents with character spans.

    Raises InputFault with file, line and field where a field is missing or of another kind.
    """
    entity_fields = _entity_fields(settings)
    used = {settings.id} if isinstance(settings.id, str) else set(settings.id)
    used |= {settings.text, settings.label, settings.entities, settings.events.at if settings.events else ""}
    used = {path.partition(".")[0] for path in used}
    for path in paths:
        for found in records(path, report, settings.records, settings.encoding):
            text = text_at(found, settings.text, report)
            sample = Sample(id_of(found, settings.id, report), text)
            search = Search(text, report)
            if settings.label:
                sample.labels = labels_of(found, settings.label, settings.label_separator)
            if settings.entities:
                _entities(sample, found_at(found, settings.entities), (settings, entity_fields, search), report)
            if settings.events is not None:
                sample.events = _events(found_at(found, settings.events.at), settings.events, search, report)
            sample.meta.update(rest_of(found, settings.keep, used))
            yield sample


def _entity_fields(settings: Spans) -> SpanFields:
    if settings.shape == "nested":
        return SpanFields(surface=1, start=2, end=3, inclusive=settings.inclusive)
    return SpanFields(
        start=settings.start,
        end=settings.end,
        span=settings.span,
        surface=settings.surface,
        inclusive=settings.inclusive,
    )


def _entities(sample: Sample, value: Any, how: tuple[Spans, SpanFields, Search], report: Report) -> None:
    """Fill in entities, what else their items say, and the label derived from them."""
    settings, fields, search = how
    if value is MISSING or value is None:
        return
    nested = settings.shape == "nested"
    type_path = 0 if nested else settings.type
    known = {type_path, fields.start, fields.end, fields.span, fields.surface}
    sample.entities = []
    derived: dict[str, None] = {}
    extras: list[dict[str, Any]] = []
    for item in _unnested(value, report) if nested else listed(value, settings.entities, report):
        kind = pick(item, type_path)
        if kind is MISSING:
            raise report.fault("an entity lacks its type", field=f"{settings.entities}.{type_path}", fix=_FIX)
        place = place_of(item, fields, search, report)
        if settings.derive is not None and (told := pick(item, settings.derive)) not in (MISSING, None):
            derived[name_of(told)] = None
        if place is None:
            continue
        sample.entities.append(Entity(name_of(kind), *place))
        if isinstance(item, dict) and not item.keys() <= known:
            more = {key: told for key, told in item.items() if key not in known}
            extras.append({"start": place.start, "end": place.end, **more})
    if extras:
        sample.meta["entities"] = extras
    if derived:
        sample.labels = ["mixed"] if len(derived) > 1 else list(derived)
        sample.meta["label_derived"] = True


def _unnested(value: Any, report: Report) -> Iterator[list[Any]]:
    """{type: {wording: [[start, end], ...]}} as items [type, wording, start, end]."""
    if not isinstance(value, dict):
        raise report.fault(f"nested entities are {kind_of(value)}, not an object", fix="set shape=list")
    for kind, surfaces in value.items():
        if not isinstance(surfaces, dict):
            raise report.fault(f"{kind!r} holds {kind_of(surfaces)}, not wordings with offsets", fix="set shape=list")
        for surface, places in surfaces.items():
            for place in listed(places, kind, report):
                yield [kind, surface, *listed(place, kind, report)]


def place_of(item: Any, fields: SpanFields, search: Search, report: Report) -> Place | None:
    """Where one span stands: checked at its offsets, or searched where it has none."""
    surface = None if fields.surface is None else pick(item, fields.surface)
    if surface is MISSING:
        surface = None
    if surface is not None and not isinstance(surface, str):
        raise report.fault(f"is {kind_of(surface)}, not a string", field=str(fields.surface), fix=_FIX)
    if fields.span is None:
        start, end = pick(item, fields.start), pick(item, fields.end)
    else:
        pair = pick(item, fields.span)
        start, end = pair if isinstance(pair, list) and len(pair) == 2 else (MISSING, MISSING)
    if start is MISSING or start is None:
        if not surface:
            raise report.fault(
                "a span has neither offsets nor wording", field=str(fields.span or fields.start), fix=_FIX
            )
        return search(surface)
    if end is MISSING:
        end = None
    if type(start) is not int or not (end is None or type(end) is int) or (end is None and surface is None):
        raise report.fault(
            f"offsets {start!r}, {end!r} are no whole numbers", field=str(fields.span or fields.start), fix=_FIX
        )
    return placed(search.text, surface, start, end + 1 if fields.inclusive and end is not None else end, report)


def _events(value: Any, fields: EventFields, search: Search, report: Report) -> list[Event] | None:
    if value is MISSING or value is None:
        return None
    events = []
    for item in listed(value, fields.at, report):
        kind = pick(item, fields.type)
        if kind is MISSING:
            raise report.fault("an event lacks its type", field=f"{fields.at}.{fields.type}", fix=_FIX)
        event = Event(name_of(kind))
        if fields.trigger is not None and (place := place_of(item, fields.trigger, search, report)) is not None:
            event.trigger = Span(*place)
        arguments = pick(item, fields.arguments)
        for argument in [] if arguments is MISSING else listed(arguments, fields.arguments, report):
            role = pick(argument, fields.role)
            if role is MISSING:
                raise report.fault("an argument lacks its role", field=f"{fields.at}.{fields.role}", fix=_FIX)
            place = place_of(argument, fields, search, report)
            if place is None:
                continue
            if role == fields.trigger_role and event.trigger is None:
                event.trigger = Span(*place)
            else:
                event.arguments.append(Argument(name_of(role), *place))
        events.append(event)
    return events
