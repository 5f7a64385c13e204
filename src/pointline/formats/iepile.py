"""The IEPile format: an instruction with schema and text as a JSON string in, a JSON string out (IEPile paper, B.2).

Tasks: NER; RE, SPO, KG; EE, EET, EEA. The text level is not part of this format. This file is the codec, encode and
decode together; the strings it writes stand in `iepile_writing`, the reading of an output's keys in `iepile_reading`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from pointline.formats.ask import Ask, lang_of, tasks_of
from pointline.formats.grammar import LIMITS, Grammar, Limits
from pointline.formats.ground import Ground
from pointline.formats.iepile_grammar import json_grammar
from pointline.formats.iepile_reading import Answered, Names
from pointline.formats.iepile_words import INSTRUCTIONS
from pointline.formats.iepile_writing import NAN, Entry, answer, entries, given, instruction
from pointline.formats.law import require
from pointline.formats.loose_json import loads
from pointline.formats.problems import (
    EMPTY_OUTPUT,
    NO_HEAD_TYPE,
    NOTHING_ASKED,
    TYPE_OUTSIDE_SCHEMA,
    CannotHold,
    Notes,
)
from pointline.formats.words import TASK_LEVEL
from pointline.sample import Event, Pair, Sample
from pointline.schema import Level


class Iepile:
    """The IEPile format bound to a question; a sample with several word levels gives a pair for each.

    >>> from pointline.sample import Entity
    >>> from pointline.schema import Schema
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
        self._names: dict[Level, Names] = {level: Names(ask.schema, level) for level in self._levels}
        names = [name for known in self._names.values() for name in known.all | known.heads]
        self.distinct = len(names) == len(set(names))
        """Whether no name can be taken for another; then a sample whose spans stand in its text is held."""

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

    def grammar(self, sample: Sample, limits: Limits = LIMITS) -> list[Grammar]:
        """What a well-formed output is, one for each task; raises CannotHold."""
        tasks = self._tasks(sample, answered=False)
        return [json_grammar(task, self._entries(sample, task, triggers=False), sample.text, limits) for task in tasks]

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
        if self.distinct and all(said and said in sample.text and said != NAN for said in _surfaces(gold, level)):
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
