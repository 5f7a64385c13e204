"""The IEPile format: an instruction with schema and text as a JSON string in, a JSON string out (IEPile paper, B.2).

Tasks: NER; RE, SPO, KG; EE, EET, EEA. The text level is not part of this format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeAlias, TypeVar

import msgspec

from pointline.formats.ask import Ask, lang_of, tasks_of
from pointline.formats.ground import Ground
from pointline.formats.iepile_words import INSTRUCTIONS
from pointline.formats.law import require
from pointline.formats.loose_json import Pairs, loads
from pointline.formats.problems import (
    DUPLICATE_KEY,
    EMPTY_OUTPUT,
    NO_HEAD_TYPE,
    NOTHING_ASKED,
    ROLE_OUTSIDE_SCHEMA,
    TYPE_NORMALISED,
    TYPE_OUTSIDE_SCHEMA,
    UNKNOWN_ROLE,
    UNKNOWN_TYPE,
    WRONG_SHAPE,
    CannotHold,
    Notes,
)
from pointline.formats.words import TASK_LEVEL
from pointline.sample import AnySpan, Event, Pair, Relation, Sample
from pointline.schema import Level, Schema
from pointline.text.normalize import fold_name

Entry: TypeAlias = str | dict[str, Any]
Held = TypeVar("Held", Relation, Event)
NAN = "NAN"
"""What stands for a missing argument or trigger."""
EMPTY_WORDS = frozenset(["", "nan", "none", "null", "n/a"])


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
            said = [NAN if e.trigger is None else e.trigger.text for e in _by_place(events, sample.text)]
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
        for relation in _by_place(sample.relations or [], sample.text):
            if relation.type in out:
                out[relation.type].append(_triple(relation, task, relation.type in shared))
    elif task == "KG":
        _fill_graph(out, sample, rows)
    else:
        roles = {row["event_type"]: row["arguments"] for row in rows if isinstance(row, dict)}
        for event in _by_place(sample.events or [], sample.text):
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


def _place(span: AnySpan | None, text: str) -> int:
    """Where a span stands, for sorting; -1 where there is none."""
    if span is None:
        return -1
    return text.find(span.text) if span.start is None else span.start


def _by_place(items: list[Held], text: str) -> list[Held]:
    """Relations by their heads, events by their triggers, in order of appearance (entities already are)."""
    return sorted(items, key=lambda item: _place(item.head if isinstance(item, Relation) else item.trigger, text))


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


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
    tails = sorted(sample.relations or (), key=lambda r: _place(r.tail, sample.text))
    for relation in _by_place(tails, sample.text):
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
    for argument in sorted(event.arguments, key=lambda a: _place(a, text)):
        if argument.role not in roles:
            raise CannotHold(ROLE_OUTSIDE_SCHEMA, f"role {argument.role!r} of event {event.type!r}")
        fillers.setdefault(argument.role, []).append(argument.text)
    said = {r: fillers[r][0] if len(fillers[r]) == 1 else fillers[r] for r in fillers}
    return {"trigger": trigger, "arguments": {r: said.get(r, NAN) for r in roles} if said else {}}


class Iepile:
    """The IEPile format bound to a question; a sample with several word levels gives a pair for each.

    >>> from pointline.sample import Entity
    >>> codec = Iepile(Ask(Schema().entities(["PER", "LOC"])))
    >>> [pair] = codec.encode(Sample("1", "Bob", lang="en", entities=[Entity("PER", "Bob", 0, 3)]))
    >>> pair.task, pair.completion
    ('NER', '{"PER": ["Bob"], "LOC": []}')
    >>> codec.decode(pair.completion, "Bob").entities[0].end
    3
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._levels = tuple(level for level in ask.levels() if level != "labels")
        self._asked = msgspec.structs.replace(ask, schema=msgspec.structs.replace(ask.schema, label_types=None))
        self._rows = {task: entries(task, ask.schema) for task in INSTRUCTIONS}
        self._names: dict[Level, _Names] = {level: _Names(ask.schema, level) for level in self._levels}
        names = [name for known in self._names.values() for name in known.all | known.heads]
        self._distinct = len(names) == len(set(names))

    def prompts(self, sample: Sample) -> list[Pair]:
        """One instruction for each task; raises CannotHold where there is nothing to ask."""
        return [self._pair(sample, task, triggers=False) for task in self._tasks(sample, answered=False)]

    def encode(self, sample: Sample) -> list[Pair]:
        """One pair for each task; raises CannotHold where it would be read otherwise."""
        pairs = []
        for task in self._tasks(sample, answered=True):
            self._check(sample, task)
            row = self._pair(sample, task, triggers=True)
            row.completion = answer(task, sample, self._entries(sample, task, triggers=True))
            self._require(sample, task, row.completion)
            pairs.append(row)
        return pairs

    def decode(self, raw: str, text: str, id: str = "") -> Sample:
        """What an output says about a text; never raises."""
        notes = Notes()
        ground = Ground(text, self._ask.schema, notes)
        answered = Answered(self._names, ground, notes)
        if raw.strip():
            answered.read(loads(raw, notes))
        else:
            notes.add(EMPTY_OUTPUT)
        sample = Sample(id, text, raw=raw)
        for level in self._levels:
            setattr(sample, level, answered.found(level))
        if ground.said:
            sample.meta["said"] = ground.said
        sample.problems = notes.found()
        return sample

    def _tasks(self, sample: Sample, *, answered: bool) -> list[str]:
        named = {"ner": "NER", "re": "RE", "ee": "EE"}
        tasks = tasks_of(sample, self._asked, answered=answered)
        if not tasks:
            raise CannotHold(NOTHING_ASKED, "this format has no text level; ask for a word level")
        return [named.get(task, "NER" if task.startswith("scpos") else task.upper()) for task in tasks]

    def _entries(self, sample: Sample, task: str, *, triggers: bool) -> list[Entry]:
        rows = self._rows[task]
        rows = given(rows, sample, triggers=triggers) if task == "EEA" else rows
        if not rows:
            raise CannotHold(NOTHING_ASKED, f"{task} has no entry to ask for")
        return rows

    def _pair(self, sample: Sample, task: str, *, triggers: bool) -> Pair:
        rows = self._entries(sample, task, triggers=triggers)
        prompt = instruction(task, lang_of(sample, self._ask), rows, sample.text)
        return Pair(sample.id, task, sample.source or "", prompt, "")

    def _check(self, sample: Sample, task: str) -> None:
        level = TASK_LEVEL[task.lower()]
        known = self._names[level]
        for kind in [item.type for item in getattr(sample, level)]:
            if kind not in known.all:
                raise CannotHold(TYPE_OUTSIDE_SCHEMA, f"{level} type {kind!r}")
        if task == "KG" and any(r.head.type not in known.heads for r in sample.relations or ()):
            raise CannotHold(NO_HEAD_TYPE, "KG groups relations by the type of their head")

    def _require(self, sample: Sample, task: str, completion: str) -> None:
        """Hold the completion to the law; where every span stands in the text nothing can be read otherwise."""
        gold = sample
        if task == "EET":
            gold = msgspec.structs.replace(sample, events=[Event(e.type, e.trigger) for e in sample.events or ()])
        level = TASK_LEVEL[task.lower()]
        if self._distinct and all(said and said in sample.text and said != NAN for said in _surfaces(gold, level)):
            return
        require(gold, self.decode(completion, sample.text), (level,))


def _surfaces(sample: Sample, level: Level) -> Iterator[str]:
    for entity in (sample.entities or ()) if level == "entities" else ():
        yield entity.text
    for relation in (sample.relations or ()) if level == "relations" else ():
        yield relation.head.text
        yield relation.tail.text
    for event in (sample.events or ()) if level == "events" else ():
        if event.trigger is not None:
            yield event.trigger.text
        yield from (argument.text for argument in event.arguments)


class _Names:
    """The keys that an output may have for one level, as they are and folded."""

    def __init__(self, schema: Schema, level: Level) -> None:
        self.all = frozenset(schema.names(level) or ())
        relations = schema.relation_list() if level == "relations" else ()
        self.heads = frozenset(r.head for r in relations if r.head)
        roles = [name for event in schema.event_list() for name in event.role_names()] if level == "events" else []
        self.roles = frozenset(roles)
        self.open = level in schema.open
        self._folds = {fold_name(name): name for name in sorted({*self.all, *self.heads}, reverse=True)}
        self._role_folds = {fold_name(name): name for name in sorted(self.roles, reverse=True)}

    def key(self, said: str) -> str | None:
        """The name that a key means, or None."""
        return said if said in self.all or said in self.heads else self._folds.get(fold_name(said))

    def role(self, said: str) -> str | None:
        """The role that a key means, or None."""
        return said if said in self.roles else self._role_folds.get(fold_name(said))


class Answered:
    """Collects what the keys of an output say, whatever task's shape their values have."""

    def __init__(self, names: dict[Level, _Names], ground: Ground, notes: Notes) -> None:
        self._names, self._ground, self._notes = names, ground, notes
        self._entities: list[tuple[str, str]] = []
        self._found: dict[Level, list[Any]] = {"relations": [], "events": []}

    def found(self, level: Level) -> list[Any]:
        """What was read for one level."""
        return self._ground.entities(self._entities, by_type=True) if level == "entities" else self._found[level]

    def read(self, value: Any) -> None:
        """Take an output's value: an object, or a list of them."""
        if isinstance(value, Pairs):
            if len({key for key, _ in value}) < len(value):
                self._notes.add(DUPLICATE_KEY)
            for key, said in value:
                self._key(key, said)
        elif isinstance(value, list):
            self._wrong()
            for part in value:
                if isinstance(part, Pairs):
                    self.read(part)
        elif value is not None:
            self._wrong()

    def _key(self, key: str, value: Any) -> None:
        level = self._level(key, value)
        if level is None:
            self._notes.add(UNKNOWN_TYPE)
            return
        names = self._names[level]
        name = names.key(key)
        if name is None:
            if not names.open:
                self._notes.add(UNKNOWN_TYPE)
            name = key
        elif name != key:
            self._notes.add(TYPE_NORMALISED)
        if level == "entities":
            self._entities += [(name, said) for said in self._strings(value)]
        elif level == "relations":
            self._relations(name, value)
        else:
            self._events(name, value)

    def _level(self, key: str, value: Any) -> Level | None:
        """Whose key it is: the one level that knows it, else the one whose shape the value has."""
        knowing = [level for level, names in self._names.items() if names.key(key) is not None]
        if len(knowing) == 1:
            return knowing[0]
        shape = _shape(value)
        fitting = [level for level in knowing or self._names if level == shape]
        if fitting:
            return fitting[0]
        return next(iter(knowing), None) or (next(iter(self._names)) if len(self._names) == 1 and value else None)

    def _relations(self, name: str, value: Any) -> None:
        if isinstance(value, Pairs) and not {"head", "tail", "subject", "object"} & {key for key, _ in value}:
            for subject, attributes in value:
                self._graph(name, subject, attributes)
            return
        for item in self._rows(value):
            fields = {key: said for key, said in item if isinstance(said, str)}
            head, tail = fields.get("head", fields.get("subject")), fields.get("tail", fields.get("object"))
            if not head or not tail:
                self._wrong()
                continue
            types = (fields.get("subject_type") or None, fields.get("object_type") or None)
            told = types if "subject_type" in fields or "object_type" in fields else None
            self._found["relations"].append(self._ground.relation(head, name, tail, told))

    def _graph(self, kind: str, head: str, attributes: Any) -> None:
        if not isinstance(attributes, Pairs) or not head:
            self._wrong()
            return
        for said, value in attributes:
            attribute = self._names["relations"].key(said)
            if attribute is None:
                self._notes.add(UNKNOWN_TYPE)
            for tail in self._strings([value] if isinstance(value, str) else value):
                name = attribute or said
                relation = self._ground.relation(head, name, tail)
                relation.head.type = kind
                self._found["relations"].append(relation)

    def _events(self, name: str, value: Any) -> None:
        rows = value if isinstance(value, list) and not isinstance(value, Pairs) else [value]
        if rows is not value:
            self._wrong()
        for row in rows:
            if isinstance(row, str):
                trigger = self._filler(row)
                self._found["events"].append(self._ground.event(name, trigger, []))
            elif isinstance(row, Pairs):
                self._event(name, row)
            else:
                self._wrong()

    def _event(self, name: str, row: Pairs) -> None:
        fields = dict(row)
        said = fields.get("arguments", None if "trigger" in fields else row)
        trigger = fields.get("trigger")
        arguments: list[tuple[str, str]] = []
        for key, value in said if isinstance(said, Pairs) else ():
            role = self._names["events"].role(key)
            if role is None:
                self._notes.add(UNKNOWN_ROLE)
            for filler in self._strings([value] if isinstance(value, str) else value):
                if (kept := self._filler(filler)) is not None:
                    arguments.append((role or key, kept))
        if said is not None and not isinstance(said, Pairs) and said not in ([], NAN):
            self._wrong()
        said_trigger = self._filler(trigger) if isinstance(trigger, str) else None
        self._found["events"].append(self._ground.event(name, said_trigger, arguments))

    def _filler(self, said: str) -> str | None:
        """A filler or a trigger; None for what stands for none."""
        if said == NAN:
            return None
        if said.casefold() in EMPTY_WORDS and said not in self._ground.text:
            self._wrong()
            return None
        return said or None

    def _strings(self, value: Any) -> list[str]:
        """A list of strings, whatever was made of it; what cannot be one is noted."""
        if isinstance(value, list) and not isinstance(value, Pairs) and all(isinstance(v, str) and v for v in value):
            return value
        if value is None or value == []:
            return []
        self._wrong()
        found: list[str] = []
        for part in value if isinstance(value, list) and not isinstance(value, Pairs) else [value]:
            if isinstance(part, Pairs):
                found += [said for _, said in part if isinstance(said, str) and said][:1]
            elif isinstance(part, str | int | float) and not isinstance(part, bool) and str(part):
                found.append(str(part))
        return found

    def _rows(self, value: Any) -> list[Pairs]:
        rows = [value] if isinstance(value, Pairs) else value if isinstance(value, list) else []
        good = [row for row in rows if isinstance(row, Pairs)]
        if isinstance(value, Pairs) or len(good) < len(rows) or (value is not None and not isinstance(value, list)):
            self._wrong()
        return good

    def _wrong(self) -> None:
        self._notes.add(WRONG_SHAPE)


def _shape(value: Any) -> Level | None:
    if isinstance(value, Pairs):
        return "relations"
    first = value[0] if isinstance(value, list) and value else None
    if isinstance(first, str):
        return "entities"
    if isinstance(first, Pairs):
        keys = {key for key, _ in first}
        return "events" if keys & {"trigger", "arguments"} else "relations"
    return None
