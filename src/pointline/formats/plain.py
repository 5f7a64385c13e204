"""The plain format (the ablation of MMM, Figure 7): no instruction word, bare output.

What is asked is the output; what the sample holds beyond it is put behind the text. With `--task labels` the points
help to find the label, with `--task ner` the label helps to find the points; without a task both are asked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec

from pointline.formats.ask import Ask, pair, tasks_of
from pointline.formats.cut import BROKEN
from pointline.formats.flat import Flat, Split
from pointline.formats.grammar import LIMITS, Grammar, Limits
from pointline.formats.law import require
from pointline.formats.points import Points
from pointline.formats.problems import COMMA_IN_LABEL, LEVEL_NOT_ASKED, TWO_WORD_LEVELS, CannotHold
from pointline.formats.words import LEVEL_TASK, TASK_LEVEL
from pointline.sample import Pair, Sample
from pointline.schema import Level, Schema

MOST = 24
"""No more places are tried for the border between labels and points."""


class Plain:
    """The plain format bound to a question.

    >>> from pointline.sample import Entity
    >>> s = Sample("1", "a joy", labels=["good"], entities=[Entity("P", "joy", 2, 5)])
    >>> schema = Schema().label("polarity", ["good", "bad"]).entities(["P"])
    >>> [(p.prompt, p.completion) for task in ((), ("labels",), ("ner",)) for p in Plain(Ask(schema, task)).encode(s)]
    [('a joy', 'good:P;joy'), ('a joy:P;joy', 'good'), ('a joygood', ':P;joy')]
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = msgspec.structs.replace(ask, schema=_narrowed(ask))
        self._full = ask.schema
        self._flat = Flat(self._ask, self._splits)
        self._forced = len(self._flat.points) < 2

    def prompts(self, sample: Sample) -> list[Pair]:
        """The prompt of a sample."""
        tasks = self._one(tasks_of(sample, self._ask, answered=False))
        return [pair(sample, tasks, sample.text + self._beyond(sample), "")]

    def encode(self, sample: Sample) -> list[Pair]:
        """The pair of a sample; raises CannotHold where it would be read otherwise or two word levels are asked."""
        tasks = self._one(tasks_of(sample, self._ask))
        labels = self._flat.label_list(sample)
        for label in labels:
            if "," in label:
                raise CannotHold(COMMA_IN_LABEL, repr(label))
        written = self._flat.write(sample, tasks, [""] * len(tasks), "{}")
        completion = ",".join(labels) + written.string
        if self._forced:
            self._flat.check(sample, completion, written)
        else:
            require(sample, self._flat.read(completion, sample.text), written.levels)
        return [pair(sample, tasks, sample.text + self._beyond(sample), completion)]

    def decode(self, raw: str, text: str, id: str = "") -> Sample:
        """What an output says about a text; never raises."""
        return self._flat.read(raw, text, id)

    def grammar(self, sample: Sample, limits: Limits = LIMITS) -> list[Grammar]:
        """What a well-formed output is: labels and points without a word between; raises CannotHold."""
        tasks = self._one(tasks_of(sample, self._ask, answered=False))
        banned = ",;" if tasks else ","
        head = self._flat.labels_node(limits, banned, between=",") if "labels" in self._flat.levels else None
        return [self._flat.grammar(sample, head, [("", TASK_LEVEL[task]) for task in tasks], limits)]

    def _one(self, tasks: tuple[str, ...]) -> tuple[str, ...]:
        if len(tasks) > 1:
            raise CannotHold(TWO_WORD_LEVELS, "this format has no mark between two word levels; name one with --task")
        return tasks

    def _beyond(self, sample: Sample) -> str:
        """The levels of the schema that are not asked, as they would be written."""
        beyond = [level for level in LEVEL_TASK if level not in self._flat.points]
        labels = ",".join(sample.labels or ()) if "labels" not in self._flat.levels else ""
        points = [Points(level, self._full) for level in beyond if self._full.names(level) is not None]
        return labels + "".join(each.write(each.items(sample)) for each in points)

    def _splits(self, raw: str) -> Iterator[Split]:
        """Every border between labels and points, the points read as each word level: no word says which it is."""
        levels = list(self._flat.points)
        if "labels" not in self._flat.levels:
            yield from (Split([], {level: raw}, 0, ()) for level in levels)
            return
        colons = itertools.islice((i for i, char in enumerate(raw) if char in ":："), MOST)
        borders = [*colons, len(raw)] if levels else [len(raw)]
        for border in borders:
            said = raw[:border].split(",") if border else []
            blocks: list[dict[Level, str]] = [{level: raw[border:]} for level in levels]
            yield from (Split(said, block, 0, ()) for block in blocks or [{}])
        if not levels:
            for border in borders[:-1]:
                yield Split(raw[:border].split(","), {}, BROKEN, (LEVEL_NOT_ASKED,))


def _narrowed(ask: Ask) -> Schema:
    """The schema that only holds what the named tasks ask; the whole where none is named."""
    if not ask.tasks:
        return ask.schema
    return ask.schema.only({TASK_LEVEL[task] for task in ask.tasks})
