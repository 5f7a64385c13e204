"""The labels of a task: what one instruction may ask for, named once, in the schema's order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Literal, TypeAlias, get_args

import msgspec

from pointline.errors import Refusal
from pointline.formats.words import TASK_LEVEL
from pointline.sample import Sample
from pointline.schema import Described, Level, RelationType, Schema, name_of

Task: TypeAlias = Literal["ner", "re", "ee", "eet", "eea", "spo", "kg"]

TASKS: tuple[Task, ...] = get_args(Task)
LEVEL_OF: dict[Task, Level] = {task: TASK_LEVEL[task] for task in TASKS}

_GROUP = re.compile(r"[:/.\-]*([^:/.\-]+)[:/.\-]+[^:/.\-]")


class Label(msgspec.Struct, frozen=True):
    """One thing that may be asked: `key` is unique in its task, `frame` says what it stands with.

    Frames are strings such as `role:buyer`, `head:person`, `tail:place`, `prefix:finance`.
    """

    key: str
    name: str
    description: str | None = None
    frame: tuple[str, ...] = ()


def labels_of(schema: Schema, task: Task) -> tuple[Label, ...]:
    """The labels of `task` in `schema`, in the schema's order, each once.

    Raises Refusal where the schema does not ask for the task's level.

    >>> [label.key for label in labels_of(Schema().entities(["person", "place"]), "ner")]
    ['person', 'place']
    >>> schema = Schema().relations([RelationType("author", "book", "person")])
    >>> labels_of(schema, "spo")[0].key
    'book_author_person'
    """
    level = level_of(task)
    if schema.names(level) is None:
        raise Refusal(f"the schema asks for no {level}, which task {task!r} needs; add them to the schema")
    make = {"ner": _entity_labels, "re": _relation_labels, "spo": _triple_labels, "kg": _subject_labels}
    found: dict[str, Label] = {}
    for label in make.get(task, _event_labels)(schema):
        found.setdefault(label.key, label)
    return tuple(found.values())


def level_of(task: str) -> Level:
    """The level that a task extracts; raises Refusal for a task that is none of `TASKS`."""
    for known, level in LEVEL_OF.items():
        if task == known:
            return level
    raise Refusal(f"no task {task!r}; known: {', '.join(TASKS)}")


def keys_in(sample: Sample, task: Task) -> list[str]:
    """The keys of the labels that the annotations of a sample show, each once, in written order.

    >>> from pointline.sample import Entity
    >>> keys_in(Sample("1", "ab", entities=[Entity("X", "a", 0, 1), Entity("X", "b", 1, 2)]), "ner")
    ['X']
    """
    if task == "ner":
        return list(dict.fromkeys([entity.type for entity in sample.entities or ()]))
    if task == "re":
        return list(dict.fromkeys([relation.type for relation in sample.relations or ()]))
    if task == "spo":
        return list(dict.fromkeys([triple_key(r.head.type, r.type, r.tail.type) for r in sample.relations or ()]))
    if task == "kg":
        return list(dict.fromkeys([relation.head.type or "" for relation in sample.relations or ()]))
    return list(dict.fromkeys([event.type for event in sample.events or ()]))


def triple_key(head: str | None, kind: str, tail: str | None) -> str:
    """How a relation with its argument types is named; never taken apart again, so names may hold `_`."""
    return f"{head or ''}_{kind}_{tail or ''}"


def _entity_labels(schema: Schema) -> Iterator[Label]:
    for entry in schema.entity_types or ():
        yield Label(entry, entry) if isinstance(entry, str) else Label(entry.name, entry.name, entry.description)


def _relation_labels(schema: Schema) -> Iterator[Label]:
    by_type: dict[str, list[RelationType]] = {}
    for relation in schema.relation_list():
        by_type.setdefault(relation.type, []).append(relation)
    for kind, relations in by_type.items():
        frame = dict.fromkeys(part for relation in relations for part in _ends(relation))
        description = next((r.description for r in relations if r.description), None)
        yield Label(kind, kind, description, (*_prefix(kind), *frame))


def _triple_labels(schema: Schema) -> Iterator[Label]:
    for relation in schema.relation_list():
        key = triple_key(relation.head, relation.type, relation.tail)
        yield Label(key, relation.type, relation.description, (*_prefix(relation.type), *_ends(relation)))


def _subject_labels(schema: Schema) -> Iterator[Label]:
    by_head: dict[str, list[RelationType]] = {}
    for relation in schema.relation_list():
        by_head.setdefault(relation.head or "", []).append(relation)
    for head, relations in by_head.items():
        yield Label(head, head, None, tuple(dict.fromkeys(f"role:{relation.type}" for relation in relations)))


def _event_labels(schema: Schema) -> Iterator[Label]:
    for event in schema.event_list():
        roles = [f"role:{role.name if isinstance(role, Described) else role}" for role in event.roles]
        yield Label(event.type, event.type, event.description, (*_prefix(event.type), *dict.fromkeys(roles)))


def _ends(relation: RelationType) -> list[str]:
    ends = (("head", relation.head), ("tail", relation.tail))
    return [f"{end}:{kind}" for end, kind in ends if kind]


def _prefix(name: str) -> tuple[str, ...]:
    """The group before the first mark of a name: `Justice` of `Justice:Sue`, `people` of `/people/person`."""
    group = _GROUP.match(name)
    return (f"prefix:{group[1]}",) if group else ()


def narrowed(schema: Schema, task: Task, keys: Collection[str]) -> Schema:
    """The schema that asks for some labels of a task only.

    >>> narrowed(Schema().entities(["person", "place"]).label("topic", ["a"]), "ner", {"place"}).names("entities")
    ('place',)
    """
    level = level_of(task)
    if level == "entities":
        return Schema(entity_types=tuple(e for e in schema.entity_types or () if name_of(e) in keys))
    if level == "events":
        return Schema(event_types=tuple(e for e in schema.event_list() if e.type in keys))
    kept = [r for r in schema.relation_list() if _relation_key(r, task) in keys]
    return Schema(relation_types=tuple(kept))


def _relation_key(relation: RelationType, task: Task) -> str:
    if task == "spo":
        return triple_key(relation.head, relation.type, relation.tail)
    return relation.type if task == "re" else relation.head or ""
