"""Answers to the batches of one text joined to one prediction; what is missing or contradicts itself is said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

from pointline.formats.ask import Ask
from pointline.formats.iepile import Iepile
from pointline.formats.loose_json import Pairs, loads
from pointline.formats.problems import Notes
from pointline.instruct.batches import Batch, Batcher, Batching
from pointline.instruct.labels import LEVEL_OF, Task, labels_of, narrowed, triple_key
from pointline.sample import Entity, Event, Relation, Sample, span_key
from pointline.schema import Schema
from pointline.text.normalize import fold_name

Item: TypeAlias = Entity | Relation | Event

BATCH_MISSING = "batch_missing"
LABEL_MISSING = "label_not_answered"
LABEL_NOT_ASKED = "label_not_asked"
CONTRADICTION = "batches_contradict"
BATCHES = "batches"
"""Where `meta` names the labels of these problems."""
REMEMBERED = 1024


class Joining:
    """Joins the outputs of a text's batches. The batches asked are those of test mode with the same settings.

    With `batching` None (or eea, whose events come with the text) an output counts as asked for what it answers; a
    text with one output was asked everything at once. `problems` gets `batch_missing`, `label_not_answered`,
    `label_not_asked` or `batches_contradict`, and `meta.batches` names the labels. Of two answers to one label the
    first counts, and one that was asked for before one that was not.

    >>> join = Joining(Schema().entities(["PER", "LOC", "ORG"]), "ner", Batching(split_num=2))
    >>> said = join("1", "Bob in Rome", ['{"PER": ["Bob"], "LOC": ["Rome"]}'])
    >>> [entity.text for entity in said.entities], said.problems, said.meta["batches"]
    (['Bob', 'Rome'], ['batch_missing'], {'batch_missing': ['ORG']})
    """

    def __init__(self, schema: Schema, task: Task, batching: Batching | None = None) -> None:
        self._schema, self._task, self._level = schema, task, LEVEL_OF[task]
        self._labels = [label for label in labels_of(schema, task) if label.key]
        self._keys = [label.key for label in self._labels]
        self._by_name: dict[str, list[int]] = {}
        self._by_fold: dict[str, list[int]] = {}
        for i, label in enumerate(self._labels):
            self._by_name.setdefault(label.name, []).append(i)
            self._by_fold.setdefault(fold_name(label.name), []).append(i)
        self._namesakes = {self._keys[i] for same in self._by_name.values() if len(same) > 1 for i in same}
        self._asked: list[Batch] = []
        if batching is not None and task != "eea":
            told = msgspec.structs.replace(batching, mode="test")
            self._asked = Batcher(len(self._keys), (), task, told)("", ())
        self._codecs: dict[Batch, Iepile] = {}

    def __call__(self, id: str, text: str, raws: Sequence[str]) -> Sample:
        """The prediction for one text from the outputs to its batches, in any order; never raises."""
        notes = Notes()
        report: dict[str, list[str]] = {}
        found: dict[str, list[Item]] = {}
        unasked: dict[str, list[Item]] = {}
        strange: list[Item] = []
        said: list[Any] = []
        for raw, answered, batch in self._assigned(raws):
            part = self._codec(tuple(sorted({*batch, *answered}))).decode(raw, text, id)
            notes.add(*(part.problems or ()))
            said += part.meta.get("said", ())
            by_label, others = self._by_label(part)
            strange += others
            for i in sorted({*batch, *answered}):
                key = self._keys[i]
                if i not in batch:
                    _say(report, LABEL_NOT_ASKED, key)
                    unasked.setdefault(key, by_label.get(key, []))
                elif i in answered or key in by_label:
                    self._take(key, by_label.get(key, []), found, report)
        found = {**unasked, **found}
        self._missing(found, raws, report)
        for problem in report:
            notes.add(problem)
        items: list[Any] = [item for label in self._keys for item in found.get(label, ())] + strange
        whole = Sample(id, text, raw="\n".join(raws), problems=notes.found())
        setattr(whole, self._level, sorted(items, key=span_key) if self._level == "entities" else items)
        if said:
            whole.meta["said"] = said
        if report:
            whole.meta[BATCHES] = report
        return whole

    def answers(self, raw: str) -> int:
        """How many labels of the task an output names."""
        return len(self._answered(raw))

    def _assigned(self, raws: Sequence[str]) -> list[tuple[str, set[int], Batch]]:
        """Each output, the labels it names and the batch it answers.

        That is the batch it shares most labels with, by place where it shares none. Labels of one name (spo: one
        predicate between several types) are answered under one key, so all of them count.
        """
        found = []
        for place, raw in enumerate(raws):
            answered = self._answered(raw)
            batch = tuple(sorted(answered))
            if len(raws) == 1 and answered and self._asked:
                batch = tuple(range(len(self._keys)))
            elif self._asked:
                by_place = self._asked[min(place, len(self._asked) - 1)]
                batch = max([by_place, *self._asked], key=lambda b: len(answered.intersection(b)))
            namesakes = {other for i in batch for other in self._by_name[self._labels[i].name]}
            found.append((raw, answered, tuple(sorted(namesakes))))
        return found

    def _answered(self, raw: str) -> set[int]:
        value = loads(raw, Notes()) if raw.strip() else None
        names = [name for name, _ in value] if isinstance(value, Pairs) else []
        return {i for name in names for i in self._by_name.get(name) or self._by_fold.get(fold_name(name)) or ()}

    def _by_label(self, part: Sample) -> tuple[dict[str, list[Item]], list[Item]]:
        """(what an output says, by the label's key; what no label of the schema names)."""
        known = set(self._keys)
        by_label: dict[str, list[Item]] = {}
        strange: list[Item] = []
        for item in getattr(part, self._level) or ():
            key = self._key(item)
            (by_label.setdefault(key, []) if key in known else strange).append(item)
        return by_label, strange

    def _take(self, key: str, items: list[Item], found: dict[str, list[Item]], report: dict[str, list[str]]) -> None:
        """Put an answer under its label, the first answer first; another one after it contradicts."""
        if key not in found or (key in self._namesakes and not found[key]):
            found[key] = items
        elif found[key] != items and (items or key not in self._namesakes):
            _say(report, CONTRADICTION, key)

    def _missing(self, found: dict[str, list[Item]], raws: Sequence[str], report: dict[str, list[str]]) -> None:
        """Report batches that nothing answers and labels that their batch's answer leaves out."""
        answered = {self._keys[i] for raw in raws for i in self._answered(raw)}
        for batch in self._asked:
            lacking = [self._keys[i] for i in batch if self._keys[i] not in answered]
            for key in lacking:
                _say(report, BATCH_MISSING if len(lacking) == len(batch) else LABEL_MISSING, key)

    def _codec(self, batch: Batch) -> Iepile:
        codec = self._codecs.get(batch)
        if codec is None:
            schema = narrowed(self._schema, self._task, {self._keys[i] for i in batch})
            if len(self._codecs) >= REMEMBERED:
                self._codecs.clear()
            codec = self._codecs[batch] = Iepile(Ask(schema, (self._task,)))
        return codec

    def _key(self, item: Item) -> str:
        if not isinstance(item, Relation) or self._task == "re":
            return item.type
        if self._task == "kg":
            return item.head.type or ""
        return triple_key(item.head.type, item.type, item.tail.type)


def _say(report: dict[str, list[str]], problem: str, key: str) -> None:
    said = report.setdefault(problem, [])
    if key not in said:
        said.append(key)
