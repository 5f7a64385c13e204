"""doccano exports: text with labels, spans as lists or objects, relations by id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pointline.corpora.conversion import Report
from pointline.corpora.fields import MISSING, found_at, kind_of, name_of, rest_of
from pointline.corpora.json_files import Found, records
from pointline.corpora.placing import placed
from pointline.corpora.reading import ReaderSettings
from pointline.sample import Entity, Relation, Sample, Span

_PATIENCE = 10_000
_FIX = "a doccano line is {text, label} or {text, entities, relations, cats}"


class Doccano(ReaderSettings, frozen=True, kw_only=True):
    """Field names, where a project has its own."""

    text: tuple[str, ...] = ("text", "data")
    """Fields that may hold the text; the first one present counts."""
    label: tuple[str, ...] = ("label", "labels", "cats", "entities")
    """Fields that may hold labels (strings) or spans (lists, objects)."""
    id: str = "id"
    """Field with the id, where there is one."""


def read(paths: Iterable[Path], settings: Doccano, report: Report) -> Iterator[Sample]:
    """Read doccano JSON lines; a line without a text is counted and left out.

    Raises InputFault with file, line and field.
    """
    used = {*settings.text, *settings.label, settings.id, "relations", "meta"}
    for path in paths:
        known = {"labels": "labels", "cats": "labels", "entities": "entities"}
        waiting: list[tuple[Sample, list[str]]] = []
        for found in records(path, report, "", settings.encoding):
            text = next((v for name in settings.text if (v := found_at(found, name)) is not MISSING), MISSING)
            if not isinstance(text, str):
                report.repair("record_skipped", f"the text is {kind_of(text)}")
                continue
            name = found_at(found, settings.id)
            sample = Sample("" if name in (MISSING, None) else name_of(name), text)
            sample.meta.update(rest_of(found, None, used))
            if isinstance(meta := found_at(found, "meta"), dict):
                sample.meta.update(meta)
            waiting.append((sample, _levels(sample, found, (settings, known), report)))
            if all(field in known for field in waiting[-1][1]) or len(waiting) >= _PATIENCE:
                yield from _settled(waiting, known)
                waiting = []
        yield from _settled(waiting, known)


def _settled(waiting: list[tuple[Sample, list[str]]], known: dict[str, str]) -> Iterator[Sample]:
    """The samples whose empty field is a level without labels or without spans, as other lines of the file show."""
    for sample, fields in waiting:
        for field in fields:
            if known.get(field) == "labels" and sample.labels is None:
                sample.labels = []
            elif known.get(field) == "entities" and sample.entities is None:
                sample.entities = []
        yield sample


def _levels(sample: Sample, found: Found, how: tuple[Doccano, dict[str, str]], report: Report) -> list[str]:
    """Fill in what the record annotates; returns the fields that are there and empty."""
    settings, known = how
    by_id: dict[Any, Span] = {}
    empty = []
    for name in settings.label:
        value = found_at(found, name)
        if value is MISSING or value is None:
            continue
        if value == []:
            empty.append(name)
        for item in value if isinstance(value, list) else [value]:
            known[name] = "labels" if isinstance(item, (str, int)) else "entities"
            if isinstance(item, (str, int)):
                sample.labels = [*(sample.labels or ()), name_of(item)]
            else:
                _span(sample, item, (name, by_id), report)
    relations = found_at(found, "relations")
    if isinstance(relations, list):
        sample.relations = []
        for relation in relations:
            ends = (
                [by_id.get(_key(relation.get(side))) for side in ("from_id", "to_id")]
                if isinstance(relation, dict)
                else []
            )
            if len(ends) != 2 or ends[0] is None or ends[1] is None:
                report.repair("relation_dropped", repr(relation))
            else:
                sample.relations.append(Relation(name_of(relation.get("type", "relation")), ends[0], ends[1]))
    return empty


def _span(sample: Sample, item: Any, where: tuple[str, dict[Any, Span]], report: Report) -> None:
    field, by_id = where
    if isinstance(item, dict):
        start, end, kind = item.get("start_offset"), item.get("end_offset"), item.get("label")
    else:
        start, end, kind = item if isinstance(item, list) and len(item) == 3 else (None, None, None)
    if type(start) is not int or type(end) is not int or kind is None:
        raise report.fault(f"{item!r} is no span", field=field, fix=_FIX)
    sample.entities = sample.entities or []
    surface = item.get("text") if isinstance(item, dict) else None
    place = placed(sample.text, surface, start, end, report)
    if place is None:
        return
    sample.entities.append(Entity(name_of(kind), *place))
    if isinstance(item, dict) and "id" in item:
        by_id[_key(item["id"])] = Span(*place, name_of(kind))


def _key(value: Any) -> Any:
    """An id as it is, or as text where it is an array or an object."""
    return repr(value) if isinstance(value, (list, dict)) else value
