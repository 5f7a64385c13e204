"""JSON with character offsets: lists of spans, spans nested by type and wording, events with roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

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
from pointline.corpora.grouping import Group
from pointline.corpora.json_files import Found, records
from pointline.corpora.placing import Search, placed, stands
from pointline.corpora.reading import RecordSettings
from pointline.corpora.shapes.event_fields import EventFields, Events
from pointline.corpora.shapes.span_fields import FIX, SpanFields, place_of, quick_look
from pointline.sample import Entity, Sample


class Spans(RecordSettings, frozen=True, kw_only=True):
    """Field names of a JSON source, and what its offsets mean."""

    text: str = "text"
    """Field with the text."""
    label_separator: str | None = None
    """What parts several text labels in one string."""
    entities: str = "entities"
    """Field with the entities; "" where there are none."""
    shape: Literal["list", "nested"] = "list"
    """`list`: one item an entity; `nested`: {type: {wording: [[start, end], ...]}}."""
    type: str | int = "type"
    """Field of an entity with its type; `^name` takes it from the record."""
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
    group: bool = False
    """Whether records of one text become one sample; all of a file are then held in memory."""
    events: EventFields | None = None
    """Where events stand; none where there are none."""


def read(paths: Iterable[Path], settings: Spans, report: Report) -> Iterator[Sample]:
    """Read JSON lines, arrays or documents with character spans.

    Raises InputFault with file, line and field where a field is missing or of another kind.
    """
    make = _Maker(settings, report)
    for path in paths:
        samples = map(make, records(path, report, settings.records, settings.encoding))
        if not settings.group:
            yield from samples
            continue
        group = Group()
        for sample in samples:
            group.add(sample)
        report.at(path)
        yield from group


class _Maker:
    """Makes a sample of each record; what the settings come to is worked out once."""

    def __init__(self, settings: Spans, report: Report) -> None:
        self.settings, self.report = settings, report
        shared = ("start", "end", "span", "surface", "inclusive")
        self.fields = SpanFields(**{name: getattr(settings, name) for name in shared})
        self.look = quick_look(self.fields)
        self.above = str(settings.type) if str(settings.type).startswith("^") else ""
        self.known = {settings.type, settings.start, settings.end, settings.span, settings.surface}
        self.events = None if settings.events is None else Events(settings.events, report)
        used = {settings.id} if isinstance(settings.id, str) else set(settings.id)
        used |= {settings.text, settings.label, settings.entities, settings.events.at if settings.events else ""}
        self.used = {path.partition(".")[0] for path in used}

    def __call__(self, found: Found) -> Sample:
        settings, report = self.settings, self.report
        text = text_at(found, settings.text, report)
        sample = Sample(id_of(found, settings.id, report) if settings.id else "", text)
        if settings.label:
            sample.labels = labels_of(found, settings.label, settings.label_separator)
        if settings.entities:
            value = found_at(found, settings.entities)
            if value is not MISSING and value is not None:
                if settings.shape == "nested":
                    sample.entities = _nested(value, settings, text, report)
                elif (plain := self._plain(value, text)) is not None:
                    sample.entities = plain
                else:
                    self._list(sample, value, found)
        if self.events is not None:
            sample.events = self.events(found.record, text)
        if settings.keep != [] and (rest := rest_of(found, settings.keep, self.used)):
            sample.meta.update(rest)
        return sample

    def _plain(self, value: Any, text: str) -> list[Entity] | None:
        """The entities of items that say a type and a place that stands, and no more; None where one is not so."""
        kind_at, look, known, entities = self.settings.type, self.look, self.known, list[Entity]()
        if type(value) is not list or self.above or self.settings.derive is not None:
            return None
        for item in value:
            place = look(item, text)
            if place is None or (type(item) is dict and not item.keys() <= known):
                return None
            try:
                kind = item[kind_at]
            except (LookupError, TypeError):
                return None
            if type(kind) is not str:
                return None
            entities.append(Entity(kind, *place))
        return entities

    def _list(self, sample: Sample, value: Any, found: Found) -> None:
        """Fill in entities, what else their items say, and the label derived from them."""
        settings, report, known, entities = self.settings, self.report, self.known, list[Entity]()
        search = Search(sample.text, report)
        common = found_at(found, self.above) if self.above else None
        derived: dict[str, None] = {}
        extras: list[dict[str, Any]] = []
        for item in listed(value, settings.entities, report):
            kind = pick(item, settings.type) if common is None else common
            if kind is MISSING:
                raise report.fault("an entity lacks its type", field=f"{settings.entities}.{settings.type}", fix=FIX)
            place = place_of(item, self.fields, search, report)
            if settings.derive is not None and (told := pick(item, settings.derive)) not in (MISSING, None):
                derived[name_of(told)] = None
            if place is None:
                continue
            entities.append(Entity(name_of(kind), *place))
            if type(item) is dict and not item.keys() <= known:
                more = {key: told for key, told in item.items() if key not in known}
                extras.append({"start": place.start, "end": place.end, **more})
        sample.entities = entities
        if extras:
            sample.meta["entities"] = extras
        if derived:
            sample.labels = ["mixed"] if len(derived) > 1 else list(derived)
            sample.meta["label_derived"] = True


def _nested(value: Any, settings: Spans, text: str, report: Report) -> list[Entity]:
    """The entities of {type: {wording: [[start, end], ...]}}."""
    if settings.derive is not None:
        fix = "leave it out"
        raise report.fault("nested entities have no field to derive a label from", field="derive", fix=fix)
    if not isinstance(value, dict):
        raise report.fault(f"nested entities are {kind_of(value)}, not an object", fix="set shape=list")
    found: list[Entity] = []
    more = 1 if settings.inclusive else 0
    for kind, surfaces in value.items():
        if not isinstance(surfaces, dict):
            raise report.fault(f"{kind!r} holds {kind_of(surfaces)}, not wordings with offsets", fix="set shape=list")
        for surface, pairs in surfaces.items():
            for pair in pairs if type(pairs) is list else listed(pairs, kind, report):
                if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not int or type(pair[1]) is not int:
                    raise report.fault(f"{pair!r} are no two offsets", field=kind, fix="set shape=list")
                start, end = pair[0], pair[1] + more
                if stands(text, surface, start, end):
                    found.append(Entity(kind, surface, start, end))
                elif (place := placed(text, surface, start, end, report)) is not None:
                    found.append(Entity(kind, *place))
    return found
