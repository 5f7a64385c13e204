"""Texts with subject-relation-object triples and no offsets: the wording is searched in the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

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
from pointline.corpora.placing import Search
from pointline.corpora.reading import RecordSettings
from pointline.sample import Relation, Sample, Span


class Triples(RecordSettings, frozen=True, kw_only=True):
    """Which fields hold the triples and their parts."""

    text: str = "text"
    """Field with the text."""
    triples: str = "triple_list"
    """Field with the list of triples."""
    subject: str | int = 0
    """Field of a triple with the subject; a number is an index into a list."""
    relation: str | int = 1
    """Field with the relation."""
    object: str | int = 2
    """Field with the object: a string, or an object of several slots (`@value` the main one)."""
    subject_type: str = ""
    """Field with the subject's type."""
    object_type: str = ""
    """Field with the object's type (an object of slots, where the object is one)."""
    main: str = "@value"
    """Slot of a complex object that bears the relation's own name; the others are named relation_slot."""
    keep: list[str] | None = None
    """Record fields to keep under meta; by default all that were not read."""


def read(paths: Iterable[Path], settings: Triples, report: Report) -> Iterator[Sample]:
    """Read triples; equal wordings of one text are one mention, its first.

    Raises InputFault with file, line and field where a part is missing.
    """
    used = {path.partition(".")[0] for path in (settings.text, settings.label, settings.triples)}
    used |= {settings.id} if isinstance(settings.id, str) else set(settings.id)
    for path in paths:
        for found in records(path, report, settings.records, settings.encoding):
            text = text_at(found, settings.text, report)
            sample = Sample(id_of(found, settings.id, report), text)
            if settings.label:
                sample.labels = labels_of(found, settings.label, None)
            value = found_at(found, settings.triples)
            if value is not MISSING and value is not None:
                search = Search(text, report)
                items = listed(value, settings.triples, report)
                sample.relations = made = []
                for item in items:
                    made += _relations(item, settings, search, report)
            if settings.keep != []:
                sample.meta.update(rest_of(found, settings.keep, used))
            yield sample


def _relations(item: Any, settings: Triples, search: Search, report: Report) -> list[Relation]:
    subject, relation = pick(item, settings.subject), pick(item, settings.relation)
    target, found = pick(item, settings.object), list[Relation]()
    if not isinstance(subject, str) or not isinstance(relation, str) or not isinstance(target, (str, dict)):
        what = f"subject, relation and object are {', '.join(map(kind_of, (subject, relation, target)))}"
        raise report.fault(what, field=settings.triples, fix="set subject=, relation=, object= to the fields' names")
    head_type = pick(item, settings.subject_type) if settings.subject_type else MISSING
    tail_type = pick(item, settings.object_type) if settings.object_type else MISSING
    slots = target if isinstance(target, dict) else {settings.main: target}
    for slot, wording in slots.items():
        name = relation if slot == settings.main else f"{relation}_{slot}"
        kind = pick(tail_type, slot) if isinstance(tail_type, dict) else tail_type
        if not subject or not isinstance(wording, str) or not wording:
            report.repair("relation_dropped", f"{subject!r} {name} {wording!r}")
            continue
        found.append(Relation(name, _mention(subject, head_type, search), _mention(wording, kind, search)))
    return found


def _mention(wording: str, kind: Any, search: Search) -> Span:
    place = search(wording, again=True)
    return Span(place.text, place.start, place.end, None if kind in (MISSING, None) else name_of(kind))
