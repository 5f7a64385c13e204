"""Label Studio exports: tasks with results (spans, relations, choices), and the JSON_MIN form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from pointline.corpora.conversion import Report
from pointline.corpora.fields import MISSING, kind_of, name_of, pick
from pointline.corpora.json_files import records
from pointline.corpora.placing import Place, placed
from pointline.corpora.reading import ReaderSettings
from pointline.corpora.writers.labelstudio import HELD
from pointline.sample import Entity, Relation, Sample, Span


class LabelStudio(ReaderSettings, frozen=True, kw_only=True):
    """Which of a task's data and annotations count."""

    text: str = "text"
    """Key of the task's data that holds the text."""
    annotation: Literal["first", "last", "all"] = "first"
    """Which annotation of a task counts, among those that are not cancelled; ground truth goes first; `all` makes a
    sample of each."""


def read(paths: Iterable[Path], settings: LabelStudio, report: Report) -> Iterator[Sample]:
    """Read Label Studio JSON or JSON_MIN; a task without annotation is a text without annotation.

    Raises InputFault with file, line and field where a task holds no such text.
    """
    for path in paths:
        for found in records(path, report, "", settings.encoding):
            task = found.record
            if not isinstance(task, dict):
                raise report.fault(f"a task is {kind_of(task)}, not an object", fix="export as JSON or JSON_MIN")
            full = isinstance(task.get("data"), dict)
            text = pick(task["data"] if full else task, settings.text)
            if not isinstance(text, str):
                known = ", ".join(task["data"] if full else task)
                raise report.fault(
                    "the task holds no such text", field=settings.text, fix=f"set text= to one of: {known}"
                )
            named = task if "id" in task or not full else task["data"]
            name = name_of(named["id"]) if isinstance(named.get("id"), (str, int)) else ""
            if not full:
                yield _minimal(Sample(name, text), task, settings, report)
                continue
            meta = {key: value for key, value in task["data"].items() if key not in (settings.text, "id")}
            annotated = meta.pop("annotated", None)
            for results in _results(task, settings) or [None]:
                sample = _full(Sample(name, text, meta=dict(meta)), results, report)
                for level in annotated if isinstance(annotated, list) else ():
                    if level in HELD and getattr(sample, level) is None:
                        setattr(sample, level, [])
                yield sample


def _results(task: dict[str, Any], settings: LabelStudio) -> list[Any]:
    """The result lists of the annotations that count."""
    found = task.get("annotations", task.get("completions")) or []
    alive = [a for a in found if isinstance(a, dict) and not a.get("was_cancelled")]
    alive.sort(key=lambda annotation: not annotation.get("ground_truth"))
    lists = [annotation.get("result") or [] for annotation in alive]
    if settings.annotation == "all":
        return lists
    return lists[:1] if settings.annotation == "first" else lists[-1:]


def _full(sample: Sample, results: list[Any] | None, report: Report) -> Sample:
    if results is None:
        return sample
    spans: dict[str, Span] = {}
    for result in results:
        value = result.get("value") or {}
        kind = result.get("type")
        if kind == "choices":
            sample.labels = [*(sample.labels or ()), *map(name_of, value.get("choices", ()))]
        elif kind in ("labels", "hypertextlabels", "paragraphlabels"):
            place = _place(sample.text, value, report)
            names = value.get("labels") or value.get(str(kind)) or []
            sample.entities = sample.entities or []
            if place is not None:
                sample.entities += [Entity(name_of(name), *place) for name in names]
                spans[str(result.get("id"))] = Span(*place, name_of(names[0]) if names else None)
        elif kind != "relation":
            report.notice("value_left_out", f"{kind} of {result.get('from_name')}")
            sample.meta.setdefault("results", []).append(result)
    for result in results:
        if result.get("type") == "relation":
            sample.relations = [*(sample.relations or ()), *_relations(result, spans, report)]
    return sample


def _relations(result: dict[str, Any], spans: dict[str, Span], report: Report) -> Iterator[Relation]:
    head, tail = spans.get(str(result.get("from_id"))), spans.get(str(result.get("to_id")))
    if head is None or tail is None:
        report.repair("relation_dropped", f"{result.get('from_id')} to {result.get('to_id')}")
        return
    if result.get("direction") == "left":
        head, tail = tail, head
    for name in result.get("labels") or ["relation"]:
        yield Relation(name_of(name), head, tail)


def _place(text: str, value: dict[str, Any], report: Report) -> Place | None:
    """Offsets count code points or, from a browser, UTF-16 units: the wording tells which."""
    start, end, surface = value.get("start"), value.get("end"), value.get("text")
    try:
        first, behind = int(start), int(end)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise report.fault(f"offsets {start!r}, {end!r} are no whole numbers", field="value.start") from None
    if isinstance(surface, str) and not text.isascii():
        units = text.encode("utf-16-le")
        if len(units) > 2 * len(text) and units[2 * first : 2 * behind].decode("utf-16-le", "replace") == surface:
            place = len(units[: 2 * first].decode("utf-16-le", "replace"))
            if place != first:
                report.notice("utf16_offsets")
            return Place(surface, place, place + len(surface))
    return placed(text, surface if isinstance(surface, str) else None, first, behind, report)


def _minimal(sample: Sample, task: dict[str, Any], settings: LabelStudio, report: Report) -> Sample:
    """JSON_MIN: every control is a key; a list of objects with offsets is spans, choices are labels."""
    service = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", settings.text}
    for key, value in task.items():
        items = value if isinstance(value, list) else [value]
        if key in service:
            continue
        if items and all(isinstance(item, dict) and "start" in item and "labels" in item for item in items):
            for item in items:
                place = _place(sample.text, item, report)
                if place is not None:
                    more = [Entity(name_of(name), *place) for name in item["labels"]]
                    sample.entities = [*(sample.entities or ()), *more]
        elif isinstance(value, dict) and isinstance(value.get("choices"), list):
            sample.labels = [*(sample.labels or ()), *map(name_of, value["choices"])]
        elif isinstance(value, str) and key in ("sentiment", "label", "choice", "choices", "class"):
            sample.labels = [*(sample.labels or ()), value]
        elif value is not MISSING:
            sample.meta[key] = value
    return sample
