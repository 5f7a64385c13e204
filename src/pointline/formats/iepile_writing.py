"""What the IEPile format writes: the entries of a schema, the instruction, the answer, the label of a test row."""

from __future__ import annotations

import json
from typing import Any, TypeAlias, TypeVar

from pointline.formats.iepile_words import INSTRUCTIONS
from pointline.formats.problems import ROLE_OUTSIDE_SCHEMA, CannotHold
from pointline.formats.words import TASK_LEVEL
from pointline.sample import AnySpan, Event, Relation, Sample
from pointline.schema import Schema

Entry: TypeAlias = str | dict[str, Any]
Held = TypeVar("Held", Relation, Event)
_encode = json.JSONEncoder(ensure_ascii=False).encode
NAN = "NAN"
"""What stands for a missing argument or trigger."""


def entries(task: str, schema: Schema) -> list[Entry]:
    """What the `schema` field of an instruction lists for a task, in the schema's order.

    >>> entries("NER", Schema().entities(["PER", "LOC"]))
    ['PER', 'LOC']
    """
    if task in ("NER", "RE", "EET"):
        return list(schema.names(TASK_LEVEL[task.lower()]) or ())
    if task == "SPO":
        ends = [(r.head or "", r.type, r.tail or "") for r in schema.relation_list()]
        return [{"subject_type": h, "predicate": p, "object_type": t} for h, p, t in dict.fromkeys(ends)]
    if task == "KG":
        attributes: dict[str, dict[str, None]] = {}
        for relation in schema.relation_list():
            attributes.setdefault(relation.head or "", {})[relation.type] = None
        return [{"entity_type": kind, "attributes": list(names)} for kind, names in attributes.items() if kind]
    rows: list[Entry] = []
    for event in schema.event_list():
        trigger = {"trigger": True} if task == "EE" else {}
        rows.append({"event_type": event.type, **trigger, "arguments": list(event.role_names())})
    return rows


def given(rows: list[Entry], sample: Sample, *, triggers: bool) -> list[Entry]:
    """EEA's entries: the events that the sample has, with their triggers where the answer is trained."""
    asked: list[Entry] = []
    for row in rows:
        events = [e for e in sample.events or () if isinstance(row, dict) and e.type == row["event_type"]]
        if events and isinstance(row, dict):
            said = [NAN if e.trigger is None else e.trigger.text for e in by_place(events, sample.text)]
            trigger = {"trigger": said} if triggers else {}
            asked.append({"event_type": row["event_type"], **trigger, "arguments": row["arguments"]})
    return asked


def instruction(task: str, lang: str, rows: list[Entry], text: str) -> str:
    """The instruction string; Chinese for `zh`, else English.

    >>> instruction("NER", "en", ["PER"], "Bob")[-34:]
    '"schema": ["PER"], "input": "Bob"}'
    """
    words = INSTRUCTIONS[task]["zh" if lang.split("-")[0] == "zh" else "en"]
    return _dumps({"instruction": words, "schema": rows, "input": text})


def answer(task: str, sample: Sample, rows: list[Entry]) -> str:
    """The output string for the entries asked, lists in order of appearance; other types are not answered.

    Raises CannotHold for a role that an event's entry lacks.

    >>> from pointline.sample import Entity
    >>> answer("NER", Sample("1", "Bob", entities=[Entity("PER", "Bob", 0, 3)]), ["LOC", "PER"])
    '{"LOC": [], "PER": ["Bob"]}'
    """
    out: dict[str, Any] = {}
    for row in rows:
        if isinstance(row, str):
            out[row] = []
        elif task == "KG":
            out[row["entity_type"]] = {}
        else:
            out[row["predicate" if task == "SPO" else "event_type"]] = []
    if task == "NER":
        for entity in sample.entities or ():
            if entity.type in out:
                out[entity.type].append(entity.text)
    elif task in ("RE", "SPO"):
        shared = _shared(rows) if task == "SPO" else set()
        for relation in by_place(sample.relations or [], sample.text):
            if relation.type in out:
                out[relation.type].append(_triple(relation, task, relation.type in shared))
    elif task == "KG":
        _fill_graph(out, sample, rows)
    else:
        roles = {row["event_type"]: row["arguments"] for row in rows if isinstance(row, dict)}
        for event in by_place(sample.events or [], sample.text):
            if event.type in out:
                out[event.type].append(_event(event, roles.get(event.type), task, sample.text))
    return _dumps(out)


def label(task: str, sample: Sample) -> str:
    """The `label` field of a test row: the sample's annotation as IEPile's files write it."""
    rows: list[dict[str, Any]] = []
    if task == "NER":
        rows = [{"entity": e.text, "entity_type": e.type} for e in sample.entities or ()]
    elif task == "SPO":
        for r in sample.relations or ():
            head = {"head": r.head.text, "head_type": r.head.type or "", "relation": r.type}
            rows.append({**head, "tail": r.tail.text, "tail_type": r.tail.type or ""})
    elif task in ("RE", "KG"):
        rows = [{"head": r.head.text, "relation": r.type, "tail": r.tail.text} for r in sample.relations or ()]
    else:
        for e in sample.events or ():
            fillers = [{"argument": a.text, "role": a.role} for a in e.arguments]
            trigger = "" if e.trigger is None else e.trigger.text
            rows.append({"event_trigger": trigger, "event_type": e.type, "arguments": fillers})
    return _dumps(rows)


def place(span: AnySpan | None, text: str) -> int:
    """Where a span stands in a text, for sorting; -1 where there is none."""
    if span is None:
        return -1
    start = span.start
    return text.find(span.text) if start is None else start


def by_place(items: list[Held], text: str) -> list[Held]:
    """Relations by their heads, events by their triggers, in order of appearance (entities already are)."""
    if len(items) < 2:
        return items
    return sorted(items, key=lambda item: place(item.head if isinstance(item, Relation) else item.trigger, text))


def _dumps(value: Any) -> str:
    return _encode(value)


def _shared(rows: list[Entry]) -> set[str]:
    """The predicates that several entries have, with other types: their items must say which."""
    predicates = [row["predicate"] for row in rows if isinstance(row, dict)]
    return {predicate for predicate in predicates if predicates.count(predicate) > 1}


def _triple(relation: Relation, task: str, typed: bool) -> dict[str, str]:
    if task == "RE":
        return {"head": relation.head.text, "tail": relation.tail.text}
    item = {"subject": relation.head.text, "object": relation.tail.text}
    if typed:
        item |= {"subject_type": relation.head.type or "", "object_type": relation.tail.type or ""}
    return item


def _fill_graph(out: dict[str, Any], sample: Sample, rows: list[Entry]) -> None:
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    tails = sorted(sample.relations or (), key=lambda r: place(r.tail, sample.text))
    for relation in by_place(tails, sample.text):
        if relation.head.type in out:
            head = found.setdefault((relation.head.type or "", relation.head.text), {})
            head.setdefault(relation.type, []).append(relation.tail.text)
    order = {row["entity_type"]: row["attributes"] for row in rows if isinstance(row, dict)}
    for (kind, name), values in found.items():
        named = {a: values[a] for a in order[kind] if a in values}
        if named:
            out[kind][name] = {a: tails[0] if len(tails) == 1 else tails for a, tails in named.items()}


def _event(event: Event, roles: list[str] | None, task: str, text: str) -> Any:
    trigger = NAN if event.trigger is None else event.trigger.text
    if roles is None or task == "EET":
        return trigger
    fillers: dict[str, list[str]] = {}
    arguments = event.arguments
    for argument in sorted(arguments, key=lambda a: place(a, text)) if len(arguments) > 1 else arguments:
        if argument.role not in roles:
            raise CannotHold(ROLE_OUTSIDE_SCHEMA, f"role {argument.role!r} of event {event.type!r}")
        fillers.setdefault(argument.role, []).append(argument.text)
    if not fillers:
        return {"trigger": trigger, "arguments": {}}
    said: dict[str, str | list[str]] = dict.fromkeys(roles, NAN)
    for role, texts in fillers.items():
        said[role] = texts[0] if len(texts) == 1 else texts
    return {"trigger": trigger, "arguments": said}
