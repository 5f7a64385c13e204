"""Label Studio tasks with annotations: spans, relations, choices; offsets in UTF-16 units, as the browser counts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pointline.corpora.conversion import Report
from pointline.corpora.writing import WriterSettings, ends_only, left_out, whole, write_array
from pointline.sample import AnySpan, Sample


class LabelStudio(WriterSettings, frozen=True, kw_only=True):
    """Names of the controls in the project's labelling configuration."""

    labels: str = "label"
    """The Labels control."""
    choices: str = "class"
    """The Choices control."""
    text: str = "text"
    """The Text object, and the key of the data."""


HELD = ("labels", "entities", "relations")
"""The levels of a task; `annotated` in its data names those that are annotated, perhaps empty."""


def write(samples: Iterable[Sample], out: Path, settings: LabelStudio, report: Report) -> int:
    """Write one JSON array of tasks; returns how many samples were written."""
    return write_array(out, (_task(sample, settings, report) for sample in samples))


def _task(sample: Sample, settings: LabelStudio, report: Report) -> dict[str, Any]:
    left_out(sample, HELD, report)
    task: dict[str, Any] = {"data": {settings.text: sample.text, "id": sample.id}}
    held = [level for level in HELD if getattr(sample, level) is not None]
    if held:
        task["data"]["annotated"] = held
        ends_only(sample, report)
        task["annotations"] = [{"result": _results(sample, settings, report)}]
    return task


def _results(sample: Sample, settings: LabelStudio, report: Report) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    known: dict[tuple[Any, ...], str] = {}
    units = [0]
    if not sample.text.isascii():
        for character in sample.text:
            units.append(units[-1] + (2 if ord(character) > 0xFFFF else 1))

    def region(span: AnySpan, kind: str, fresh: bool = False) -> str | None:
        if not whole(span, report):
            return None
        start, end = span.start or 0, span.end or 0
        key = (start, end, kind)
        if fresh or key not in known:
            name = known[key] = f"s{len(results)}"
            place = {"start": units[start], "end": units[end]} if len(units) > 1 else {"start": start, "end": end}
            results.append(
                {
                    "id": name,
                    "type": "labels",
                    "from_name": settings.labels,
                    "to_name": settings.text,
                    "value": {**place, "text": span.text, "labels": [kind]},
                }
            )
        return known[key]

    if sample.labels is not None:
        choice = {"id": "c", "type": "choices", "from_name": settings.choices, "to_name": settings.text}
        results.append({**choice, "value": {"choices": sample.labels}})
    for entity in sample.entities or ():
        region(entity, entity.type, fresh=True)
    for relation in sample.relations or ():
        head = region(relation.head, relation.head.type or "entity")
        tail = region(relation.tail, relation.tail.type or "entity")
        if head is not None and tail is not None:
            joined = {"type": "relation", "from_id": head, "to_id": tail, "direction": "right"}
            results.append({**joined, "labels": [relation.type]})
    return results
