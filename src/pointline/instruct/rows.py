"""The IEPile rows of a samples file: each sample is asked the tasks that it names or bears."""

from __future__ import annotations

from typing import Any

import msgspec

from pointline import jsonl
from pointline.errors import Refusal
from pointline.formats.ask import Ask, parse_tasks, tasks_of
from pointline.formats.problems import NOTHING_ASKED, TYPE_OUTSIDE_SCHEMA, CannotHold
from pointline.instruct.batches import Batching
from pointline.instruct.dictionary_files import read_dictionary, report_unknown
from pointline.instruct.evidence import gather
from pointline.instruct.hard_negatives import HardNegatives, Sources, mine
from pointline.instruct.labels import LEVEL_OF, TASKS, Task, labels_of
from pointline.instruct.pairs import Building, Instructions, Tally
from pointline.sample import Sample
from pointline.schema import Schema

AUTO = "auto"
NO_NEGATIVES = "none"


class Batched(msgspec.Struct, frozen=True):
    """What is asked of a file. `negatives`: a dictionary's path, `auto` (mined from the samples too), `none`, or None.

    None mines the schema alone, so that an inserted sample changes no other one's instructions.
    """

    task: str | None
    negatives: str | None
    batching: Batching
    building: Building


class BatchedRows:
    """The rows of each sample for the tasks that it names or bears; what a format cannot hold is counted."""

    def __init__(self, data: str, schema: Schema, asked: Batched) -> None:
        self._data, self._schema, self._told = data, schema, asked
        self._ask = Ask(msgspec.structs.replace(schema, label_types=None), parse_tasks(asked.task))
        self._train = asked.batching.mode == "train"
        self._makers: dict[Task, Instructions] = {}
        self.samples = 0
        self._labelled = 0
        self._tally = Tally()
        for task in parse_tasks(asked.task):
            self._maker(task_named(task))

    def __call__(self, sample: Sample) -> list[str]:
        """The rows of one sample, task after task."""
        self.samples += 1
        self._labelled += bool(self._schema.label_types and sample.labels)
        try:
            named = [task_named(task) for task in tasks_of(sample, self._ask, answered=self._train)]
            tasks = [task for task in named if self._schema.names(LEVEL_OF[task])]
            if not tasks:
                raise CannotHold(NOTHING_ASKED, "the schema has no name of a level that the sample bears")
            makers = [self._maker(task) for task in tasks]
        except CannotHold as refusal:
            self._tally.refuse(refusal, sample)
            return []
        try:
            return [line for make in makers for line in make.lines(sample)]
        except Refusal as refusal:
            self._tally.refuse(CannotHold(TYPE_OUTSIDE_SCHEMA, str(refusal)), sample)
        return []

    def counts(self) -> dict[str, Any]:
        """Samples and rows; what was refused, by reason, with the first of each; text labels left out."""
        for make in self._makers.values():
            self._tally.add(make.tally)
        refused = dict(sorted(self._tally.refused.items()))
        found = {"samples": self.samples - sum(refused.values()), "rows": self._tally.instructions}
        left_out = {"left_out": {"labels": self._labelled}} if self._labelled else {}
        return {**found, **({"refused": refused} if refused else {}), **left_out, "first": self._tally.first}

    def _maker(self, task: Task) -> Instructions:
        make = self._makers.get(task)
        if make is None:
            negatives = _negatives(self._told.negatives, self._data, self._schema, task) if self._train else None
            make = self._makers[task] = Instructions(
                self._schema,
                task,
                negatives=negatives,
                batching=self._told.batching,
                building=self._told.building,
            )
        return make


def _negatives(told: str | None, data: str, schema: Schema, task: Task) -> HardNegatives | None:
    if told == NO_NEGATIVES:
        return None
    labels = labels_of(schema, task)
    if told is None:
        return mine(labels)
    if told == AUTO:
        if data == "-":
            raise Refusal("stdin can be read only once: give --hard-negatives a dictionary, or a file of samples")
        return mine(labels, Sources(evidence=gather(jsonl.read(data), labels, task)))
    found = read_dictionary(told, task=task)
    report_unknown(found, [label.key for label in labels])
    return found


def task_named(name: str) -> Task:
    """The task of a name in any case; the parts of speech of SCPOS are entities. Raises Refusal for an unknown one."""
    lowered = "ner" if name.startswith("scpos") else name.strip().lower()
    for task in TASKS:
        if task == lowered:
            return task
    raise Refusal(f"no task {name!r}; known: {', '.join(TASKS)}")
