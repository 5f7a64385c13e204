"""doccano JSON lines, in the form of the project that can hold what is annotated."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.writing import WriterSettings, ends_only, left_out, whole
from pointline.jsonl import writing
from pointline.sample import AnySpan, Sample


class Doccano(WriterSettings, frozen=True, kw_only=True):
    """Which kind of project the lines are for."""

    project: Literal["auto", "classification", "sequence", "relation", "intent"] = "auto"
    """`classification` holds labels, `sequence` spans, `intent` both, `relation` spans, relations and labels; `auto`
    takes for each sample the smallest that holds it."""


def write(samples: Iterable[Sample], out: Path, settings: Doccano, report: Report) -> int:
    """Write doccano lines; returns how many samples were written."""
    count = 0
    encode = msgspec.json.Encoder().encode
    with writing(out) as file:
        for sample in samples:
            file.write(encode(_line(sample, settings, report)) + b"\n")
            count += 1
    return count


def _line(sample: Sample, settings: Doccano, report: Report) -> dict[str, Any]:
    kind = settings.project
    if kind == "auto":
        both = sample.labels is not None and sample.entities is not None
        kind = "relation" if sample.relations is not None else "intent" if both else "sequence"
        if kind == "sequence" and sample.entities is None:
            kind = "classification"
    held = {"classification": ("labels",), "sequence": ("entities",)}.get(kind, ("labels", "entities"))
    left_out(sample, (*held, "relations") if kind == "relation" else held, report)
    line: dict[str, Any] = {"id": sample.id, "text": sample.text}
    spans = [[e.start, e.end, e.type] for e in sample.entities or () if whole(e, report)]
    if kind == "classification":
        line |= {} if sample.labels is None else {"labels": sample.labels}
    elif kind == "sequence":
        line |= {} if sample.entities is None else {"label": spans}
    elif kind == "intent":
        line |= {"entities": spans} | ({} if sample.labels is None else {"cats": sample.labels})
    else:
        line |= _related(sample, report) | ({} if sample.labels is None else {"cats": sample.labels})
    return line


def _related(sample: Sample, report: Report) -> dict[str, Any]:
    """Entities with ids, and relations between them; ends that are no entity become one."""
    ends_only(sample, report)
    entities: list[dict[str, Any]] = []
    known: dict[tuple[Any, ...], int] = {}

    def number(span: AnySpan, kind: str) -> int | None:
        if not whole(span, report):
            return None
        key = (span.start, span.end, kind)
        if key not in known:
            known[key] = len(entities)
            entities.append({"id": len(entities), "label": kind, "start_offset": span.start, "end_offset": span.end})
        return known[key]

    for entity in sample.entities or ():
        number(entity, entity.type)
    relations: list[dict[str, Any]] = []
    for relation in sample.relations or ():
        head = number(relation.head, relation.head.type or "entity")
        tail = number(relation.tail, relation.tail.type or "entity")
        if head is not None and tail is not None:
            relations.append({"id": len(relations), "from_id": head, "to_id": tail, "type": relation.type})
    return {"entities": entities, "relations": relations}
