"""IEPile's source records: text with lists of entities, relations and events, no offsets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.shapes.iepile import source_sample
from pointline.corpora.writing import WriterSettings, left_out, same_places
from pointline.jsonl import writing
from pointline.sample import Event, Relation, Sample


class Iepile(WriterSettings, frozen=True, kw_only=True):
    """Nothing to choose."""


def write(samples: Iterable[Sample], out: Path, settings: Iepile, report: Report) -> int:
    """Write one record a line, from which IEPile's converter builds instructions; returns how many were written."""
    count = 0
    encode = msgspec.json.Encoder().encode
    with writing(out) as file:
        for sample in samples:
            left_out(sample, ("entities", "relations", "events"), report)
            record: dict[str, Any] = {"id": sample.id, "text": sample.text}
            if sample.entities is not None:
                record["entity"] = [{"entity": e.text, "entity_type": e.type} for e in sample.entities]
            if sample.relations is not None:
                record["relation"] = [_relation(relation) for relation in sample.relations]
            if sample.events is not None:
                record["event"] = [_event(event) for event in sample.events]
            if not same_places(sample, source_sample(record, Report())):
                report.notice("offsets_left_out", sample.id)
            file.write(encode(record) + b"\n")
            count += 1
    return count


def _relation(relation: Relation) -> dict[str, str]:
    record = {"head": relation.head.text, "relation": relation.type, "tail": relation.tail.text}
    record |= {"head_type": relation.head.type} if relation.head.type else {}
    return record | ({"tail_type": relation.tail.type} if relation.tail.type else {})


def _event(event: Event) -> dict[str, Any]:
    arguments = [{"argument": argument.text, "role": argument.role} for argument in event.arguments]
    trigger = "NAN" if event.trigger is None else event.trigger.text
    return {"event_type": event.type, "event_trigger": trigger, "arguments": arguments}
