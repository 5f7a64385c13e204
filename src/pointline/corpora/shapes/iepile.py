"""IEPile and InstructUIE files: source records, training rows (output) and test rows (label)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.fields import kind_of, name_of
from pointline.corpora.grouping import Group
from pointline.corpora.json_files import records
from pointline.corpora.placing import Place, Search, placed
from pointline.corpora.reading import ReaderSettings
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span

Level = Literal["entities", "relations", "events"]
_TASKS: dict[str, Level] = {
    "NER": "entities",
    "RE": "relations",
    "SPO": "relations",
    "KG": "relations",
    "EE": "events",
    "EET": "events",
    "EEA": "events",
}
_SHORT: dict[Level, str] = {"entities": "ner", "relations": "re", "events": "ee"}
_ABSENT = ("NAN", "", None)


class Iepile(ReaderSettings, frozen=True, kw_only=True):
    """What the rows are, where they do not say."""

    task: Literal["", "NER", "RE", "SPO", "KG", "EE", "EET", "EEA"] = ""
    """The task of rows that bear none (IEPile's test rows); by default it is seen from their labels or instruction."""
    group: bool = True
    """Whether rows of one text, which split its schema, become one sample."""


def read(paths: Iterable[Path], settings: Iepile, report: Report) -> Iterator[Sample]:
    """Read instruction rows or the records they are built from.

    Raises InputFault with file, line and field where a row is neither.
    """
    for path in paths:
        group = Group()
        for found in records(path, report, "", settings.encoding):
            record = found.record
            if not isinstance(record, dict):
                raise report.fault(f"a row is {kind_of(record)}, not an object", fix="is it the right file?")
            sample = _sample(record, settings, report)
            if settings.group:
                group.add(sample)
            else:
                yield sample
        report.at(path)
        if group.gathered:
            report.notice("texts_gathered", "group=false keeps every row", group.gathered)
        yield from group


def _sample(record: dict[str, Any], settings: Iepile, report: Report) -> Sample:
    if "instruction" not in record:
        return source_sample(record, report)
    instruction = _json(record["instruction"], "instruction", report)
    text = instruction.get("input") if isinstance(instruction, dict) else None
    if not isinstance(text, str):
        raise report.fault("holds no text (`input`)", field="instruction", fix="is it an IEPile file?")
    sample = Sample(name_of(record.get("id", "")), text)
    if isinstance(source := record.get("source"), str):
        sample.meta["rows_of"] = source
    if "label" in record:
        label = _json(record["label"], "label", report)
        level = _level(record, settings, label, instruction)
        _fill(sample, level, label if isinstance(label, list) else [], report)
    else:
        output = _json(record.get("output", "{}"), "output", report)
        level = _level(record, settings, output, instruction)
        _fill(sample, level, list(_listed(output, level)), report)
    return sample


def _json(value: Any, field: str, report: Report) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise report.fault(f"is no JSON string ({error})", field=field, fix="is it an IEPile file?") from None


def _level(record: dict[str, Any], settings: Iepile, label: Any, instruction: dict[str, Any]) -> Level:
    """The level a row annotates: from its task, its labels, its schema, or the words of its instruction."""
    task = settings.task or str(record.get("task", "")).upper()
    if task in _TASKS:
        return _TASKS[task]
    first = label[0] if isinstance(label, list) and label and isinstance(label[0], dict) else {}
    for key, level in (("entity", "entities"), ("relation", "relations"), ("event_type", "events")):
        if key in first:
            return level  # type: ignore[return-value]
    words = str(instruction.get("instruction", "")).lower()
    if "event" in words or "事件" in words:
        return "events"
    return (
        "relations" if any(word in words for word in ("relation", "关系", "三元组", "知识", "triple")) else "entities"
    )


def _listed(output: Any, level: Level) -> Iterator[dict[str, Any]]:
    """The items of a training row's output, in the form of a test row's label."""
    for kind, found in output.items() if isinstance(output, dict) else ():
        if isinstance(found, dict):
            for subject, slots in found.items():
                for name, values in slots.items() if isinstance(slots, dict) else ():
                    for value in values if isinstance(values, list) else [values]:
                        yield {"head": subject, "head_type": kind, "relation": name, "tail": value}
            continue
        for item in found if isinstance(found, list) else [found]:
            if level == "entities":
                yield {"entity": item, "entity_type": kind}
            elif level == "relations" and isinstance(item, dict):
                head, tail = item.get("head", item.get("subject")), item.get("tail", item.get("object"))
                yield {"head": head, "relation": kind, "tail": tail}
            elif level == "events":
                yield _event_item(kind, item)


def _event_item(kind: str, item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        return {"event_type": kind, "event_trigger": item, "arguments": []}
    slots = item.get("arguments") or {}
    pairs = [
        (role, value) for role, values in slots.items() for value in (values if isinstance(values, list) else [values])
    ]
    arguments = [{"role": role, "argument": value} for role, value in pairs if value not in _ABSENT]
    return {"event_type": kind, "event_trigger": item.get("trigger"), "arguments": arguments}


def source_sample(record: dict[str, Any], report: Report) -> Sample:
    """IEPile's own records ({text, entity, relation, event}) and InstructUIE's ({sentence, entities, relations})."""
    text = record.get("text", record.get("sentence"))
    if not isinstance(text, str):
        raise report.fault("holds neither an instruction nor a text", field="text", fix="is it an IEPile file?")
    sample = Sample(name_of(record.get("id", "")), text)
    for level, keys in (
        ("entities", ("entity", "entities")),
        ("relations", ("relation", "relations")),
        ("events", ("event", "events")),
    ):
        value = next((record[key] for key in keys if isinstance(record.get(key), list)), None)
        if value is not None:
            _fill(sample, level, value, report)  # type: ignore[arg-type]
    return sample


def _fill(sample: Sample, level: Level, items: list[Any], report: Report) -> None:
    search = Search(sample.text, report)
    items = [item for item in items if isinstance(item, dict)]
    sample.meta["task"] = _SHORT[level]
    if level == "entities":
        sample.entities = [entity for item in items if (entity := _entity(item, search, report))]
    elif level == "relations":
        sample.relations = [relation for item in items if (relation := _relation(item, search, report))]
    else:
        sample.events = [_event(item, search) for item in items]


def _entity(item: dict[str, Any], search: Search, report: Report) -> Entity | None:
    wording, kind = item.get("entity", item.get("name")), item.get("entity_type", item.get("type"))
    if not isinstance(wording, str) or not wording or kind is None:
        report.repair("span_dropped", repr(item))
        return None
    if isinstance(pos := item.get("pos"), list) and len(pos) == 2:
        place = placed(search.text, wording, pos[0], pos[1], report)
        return None if place is None else Entity(name_of(kind), *place)
    return Entity(name_of(kind), *search(wording))


def _relation(item: dict[str, Any], search: Search, report: Report) -> Relation | None:
    ends = []
    for side in ("head", "tail"):
        end = item.get(side)
        kind = item.get(f"{side}_type")
        if isinstance(end, dict):
            kind = end.get("type", kind)
            end = end.get("name")
        if not isinstance(end, str) or not end:
            report.repair("relation_dropped", repr(item))
            return None
        ends.append(Span(*search(end, again=True), None if kind is None else name_of(kind)))
    return Relation(name_of(item.get("relation", item.get("type", "relation"))), ends[0], ends[1])


def _event(item: dict[str, Any], search: Search) -> Event:
    trigger = item.get("event_trigger", item.get("trigger"))
    event = Event(name_of(item.get("event_type", item.get("type", "event"))))
    if isinstance(trigger, str) and trigger not in _ABSENT:
        event.trigger = Span(*search(trigger, again=True))
    for argument in item.get("arguments") or ():
        wording = argument.get("argument", argument.get("name"))
        if isinstance(wording, str) and wording not in _ABSENT:
            place: Place = search(wording, again=True)
            event.arguments.append(Argument(name_of(argument.get("role", "")), *place))
    return event
