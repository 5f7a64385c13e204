"""What a generator is asked of one sample: prompts, the grammar of each answer, and how the answer is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from pointline.errors import Refusal
from pointline.formats.ask import Ask, Codec, tasks_of
from pointline.formats.grammar import Grammar, Limits
from pointline.formats.problems import CannotHold
from pointline.formats.table import codec
from pointline.sample import Sample


class Question(NamedTuple):
    """One prompt: who reads the answer, and what a well-formed answer is (None where a free answer has none).

    tasks: what the codec is bound to; `named` is the task as the format's own pairs name it.
    """

    prompt: str
    codec: Codec
    grammar: Grammar | None
    tasks: tuple[str, ...] = ()
    named: str = ""


class Questions:
    """Puts one question (format and ask) to samples; the readers know which tasks were asked of each.

    limits: of the grammars; None draws none.
    """

    def __init__(self, format: str, ask: Ask, limits: Limits | None, grounded: bool) -> None:
        self.format, self.ask, self._limits, self._grounded = format, ask, limits, grounded
        self._codecs: dict[tuple[str, ...], Codec] = {ask.tasks: codec(format, ask)}

    def __call__(self, sample: Sample) -> Iterator[Question]:
        """The prompts of a sample; raises Refusal with the sample's id."""
        try:
            for tasks in self._tasks(sample):
                bound = self._codec(tasks)
                prompts = bound.prompts(sample)
                for pair, grammar in zip(prompts, self._grammars(bound, sample, len(prompts)), strict=True):
                    yield Question(pair.prompt, bound, grammar, tasks, pair.task)
        except Refusal as refusal:
            raise Refusal(f"{sample.id}: {refusal}") from None

    def _grammars(self, bound: Codec, sample: Sample, count: int) -> Sequence[Grammar | None]:
        """A free answer that has no grammar is answered all the same."""
        if self._limits is None:
            return [None] * count
        try:
            return bound.grammar(sample, self._limits)
        except CannotHold:
            if self._grounded:
                raise
            return [None] * count

    def _tasks(self, sample: Sample) -> list[tuple[str, ...]]:
        if self.format == "plain":
            return [self.ask.tasks]
        named = tasks_of(sample, self.ask, answered=False)
        if self.format == "iepile":
            return [(task,) for task in named] or [self.ask.tasks]
        return [named or ("labels",)]

    def _codec(self, tasks: tuple[str, ...]) -> Codec:
        if tasks not in self._codecs:
            self._codecs[tasks] = codec(self.format, msgspec.structs.replace(self.ask, tasks=tasks))
        return self._codecs[tasks]
