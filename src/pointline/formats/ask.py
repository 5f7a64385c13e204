"""What is asked of a text: the schema, the tasks, the instruction words; and what a codec is."""

from __future__ import annotations

from typing import Protocol

import msgspec

from pointline.formats.grammar import LIMITS, Grammar, Limits
from pointline.formats.problems import (
    NOT_ANNOTATED,
    NOTHING_ASKED,
    TWO_TASKS_ONE_LEVEL,
    UNKNOWN_TASK,
    CannotHold,
)
from pointline.formats.words import LEVEL_TASK, TASK_LEVEL, WORDS, Words, language
from pointline.sample import Pair, Sample
from pointline.schema import LEVELS, Level, Schema


class Ask(msgspec.Struct, frozen=True):
    """A question put to texts.

    `tasks` empty means: the sample's `meta.task`, else one task for each annotated word level.
    `lang` overrides the sample's for the instruction word. `example` is the one in context (`usa`).
    """

    schema: Schema
    tasks: tuple[str, ...] = ()
    words: Words = WORDS
    lang: str | None = None
    example: Sample | None = None

    def levels(self) -> tuple[Level, ...]:
        """The levels an answer has, in the record's order: those of the schema, narrowed by the tasks named.

        >>> Ask(Schema().label("topic", ["a"]).entities(["X"]).relations(["r"]), tasks=("re",)).levels()
        ('labels', 'relations')
        """
        asked = [level for level in LEVELS if self.schema.names(level) is not None]
        if not self.tasks:
            return tuple(asked)
        wanted = {"labels", *(TASK_LEVEL[task] for task in self.tasks)}
        return tuple(level for level in asked if level in wanted)


class Codec(Protocol):
    """A format bound to a question: writes samples as pairs and reads outputs back."""

    def __init__(self, ask: Ask) -> None: ...

    def prompts(self, sample: Sample) -> list[Pair]:
        """What a model is given for a sample, completions empty; raises CannotHold."""

    def encode(self, sample: Sample) -> list[Pair]:
        """The pairs of a sample; raises CannotHold where `decode` would not give it back."""

    def decode(self, raw: str, text: str, id: str = "") -> Sample:
        """What an output says about a text; never raises, `problems` says what was wrong with it."""

    def grammar(self, sample: Sample, limits: Limits = LIMITS) -> list[Grammar]:
        """What a well-formed output is, one for each of the sample's prompts; raises CannotHold."""


def parse_tasks(names: str | None) -> tuple[str, ...]:
    """Task names from the command line, a comma between several; raises CannotHold for an unknown one.

    >>> parse_tasks("NER,re")
    ('ner', 're')
    """
    tasks = tuple(name.strip().lower() for name in (names or "").split(",") if name.strip())
    for task in tasks:
        if task not in TASK_LEVEL:
            raise CannotHold(UNKNOWN_TASK, f"{task!r}; known: {', '.join(TASK_LEVEL)}")
    return tasks


def tasks_of(sample: Sample, ask: Ask, *, answered: bool = True) -> tuple[str, ...]:
    """The word-level tasks asked of one sample, in the order ner, re, ee; () where only the text level is asked.

    Not `answered` = the annotation is not needed (a prompt for a bare text: every level of the schema).
    Raises CannotHold for an unknown task, two tasks of one level, a level without annotation, or nothing to ask.
    """
    told = sample.meta.get("task") if not ask.tasks else None
    tasks = ask.tasks or (parse_tasks(told) if isinstance(told, str) else ())
    asked = ask.levels()
    if tasks:
        chosen = [task for task in tasks if task != "labels"]
        for task in chosen:
            level = TASK_LEVEL[task]
            if level not in asked:
                raise CannotHold(NOTHING_ASKED, f"task {task}, but the schema has no {level}")
            if answered and getattr(sample, level) is None:
                raise CannotHold(NOT_ANNOTATED, f"task {task}, but {level} are not annotated")
    else:
        bare = not answered and all(getattr(sample, level) is None for level in asked)
        chosen = [LEVEL_TASK[lv] for lv in LEVEL_TASK if lv in asked and (bare or getattr(sample, lv) is not None)]
    levels = [TASK_LEVEL[task] for task in chosen]
    if len(set(levels)) < len(levels):
        raise CannotHold(TWO_TASKS_ONE_LEVEL, ", ".join(chosen))
    if not chosen and ("labels" not in asked or (answered and sample.labels is None)):
        raise CannotHold(NOTHING_ASKED, "the sample has no annotation that the schema asks for")
    return tuple(sorted(chosen, key=lambda task: LEVELS.index(TASK_LEVEL[task])))


def lang_of(sample: Sample, ask: Ask) -> str:
    """The language of the instruction word: told, else the sample's, else by the script of its text."""
    return ask.lang or sample.lang or language(sample.text)


def pair(sample: Sample, tasks: tuple[str, ...], prompt: str, completion: str) -> Pair:
    """A row of training data; a text-level pair's task is `labels`."""
    return Pair(sample.id, ",".join(tasks) or "labels", sample.source or "", prompt, completion)
