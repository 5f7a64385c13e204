"""Outputs of one text, whatever batches and tasks they answer, to one prediction."""

from __future__ import annotations

import msgspec

from pointline.formats.answers import join
from pointline.formats.ask import Ask
from pointline.formats.iepile import Iepile
from pointline.instruct.batches import Batching
from pointline.instruct.joining import BATCHES, Joining
from pointline.instruct.labels import LEVEL_OF, TASKS, Task
from pointline.sample import Sample

USUAL: tuple[Task, ...] = ("ner", "re", "ee", "kg")
"""What is tried where no task is told; the others name their labels as one of these does."""


class Answering:
    """Reads the outputs of one text against a question, each as an answer to the task whose labels it names.

    `batching` None means that the prompts were training ones, which ask for some labels only: nothing is missing then.

    >>> from pointline.schema import Schema
    >>> read = Answering(Ask(Schema().entities(["PER", "LOC"]).events({"Sing": ["who"]})), Batching())
    >>> said = read("1", "Bob sang", ['{"Sing": []}', '{"LOC": [], "PER": ["Bob"]}'])
    >>> [entity.text for entity in said.entities], said.events, said.problems
    (['Bob'], [], None)
    """

    def __init__(self, ask: Ask, batching: Batching | None) -> None:
        levels = [level for level in ask.levels() if level != "labels"]
        schema = msgspec.structs.replace(ask.schema, label_types=None)
        told = [task for task in TASKS if task in ask.tasks] or USUAL
        self._codec = Iepile(ask)
        self._levels = levels
        self._tasks = {task: Joining(schema, task, batching) for task in told if LEVEL_OF[task] in levels}

    def __call__(self, id: str, text: str, raws: list[str]) -> Sample:
        """The prediction of all levels asked; never raises."""
        by_task: dict[Task, list[str]] = {}
        for raw in raws:
            named = {task: count for task, reads in self._tasks.items() if (count := reads.answers(raw))}
            if len({LEVEL_OF[task] for task in named}) > 1:
                return join([self._codec.decode(one, text, id) for one in raws])
            best = max(named, key=lambda task: named[task]) if named else next(iter(self._tasks))
            by_task.setdefault(best, []).append(raw)
        parts = [self._tasks[task](id, text, said) for task, said in by_task.items()]
        whole = join(parts)
        whole.raw = "\n".join(raws)
        report = {p: labels for part in parts for p, labels in part.meta.get(BATCHES, {}).items()}
        if report:
            whole.meta[BATCHES] = report
        for level in self._levels:
            if getattr(whole, level) is None:
                setattr(whole, level, [])
        return whole
