"""The USA format (the sentiment baseline): the text twice around the labels, types listed, one example in context.

`<text><label1><label2><text>POS:{type};:{type};` in, `<label>POS:{type};{word}...` out.
"""

from __future__ import annotations

import msgspec

from pointline.formats.angle import Angle
from pointline.formats.ask import Ask, pair, tasks_of
from pointline.formats.grammar import LIMITS, Grammar, Limits
from pointline.formats.problems import LEVEL_NOT_HELD, CannotHold
from pointline.formats.words import TASK_LEVEL, Words
from pointline.sample import Pair, Sample

WORD = "POS"
POS = Words({"ner": {"en": WORD}, "re": {"en": WORD}, "ee": {"en": WORD}})


class Usa:
    """The USA format bound to a question; `ask.example` is shown before every text, where there is one.

    >>> from pointline.schema import Schema
    >>> from pointline.sample import Entity
    >>> codec = Usa(Ask(Schema().label("polarity", ["good", "bad"]).entities(["good", "bad"])))
    >>> [pair] = codec.encode(Sample("1", "a joy", labels=["good"], entities=[Entity("good", "joy", 2, 5)]))
    >>> pair.prompt, pair.completion
    ('<a joy><good><bad><a joy>POS:good;:bad;', '<good>POS:good;joy')
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._angle = Angle(ask, POS)
        self._types = "".join(f":{kind};" for kind in ask.schema.names("entities") or ())
        self._shown = ""
        if ask.example is not None:
            alone = Usa(msgspec.structs.replace(ask, example=None))
            [shown] = alone.encode(ask.example)
            self._shown = f"{shown.prompt}\n{shown.completion}\n"

    def prompts(self, sample: Sample) -> list[Pair]:
        """The prompt of a sample; raises CannotHold without an inventory of labels or for other levels."""
        tasks = self._held(tasks_of(sample, self._ask, answered=False))
        return [pair(sample, tasks, self._prompt(sample, tasks), "")]

    def encode(self, sample: Sample) -> list[Pair]:
        """The pair of a sample; raises CannotHold where it would be read otherwise."""
        tasks = self._held(tasks_of(sample, self._ask))
        prompt = self._prompt(sample, tasks)
        completion, written = self._angle.write(sample, tasks, [WORD] * len(tasks))
        self._angle.flat.check(sample, completion, written)
        return [pair(sample, tasks, prompt, completion)]

    def decode(self, raw: str, text: str, id: str = "") -> Sample:
        """What an output says about a text; never raises."""
        return self._angle.flat.read(raw, text, id)

    def grammar(self, sample: Sample, limits: Limits = LIMITS) -> list[Grammar]:
        """What a well-formed output is: `<label>POS:{type};{word}...`; raises CannotHold."""
        tasks = self._held(tasks_of(sample, self._ask, answered=False))
        return [self._angle.grammar(sample, tasks, [WORD] * len(tasks), limits)]

    def _held(self, tasks: tuple[str, ...]) -> tuple[str, ...]:
        for task in tasks:
            if TASK_LEVEL[task] != "entities":
                raise CannotHold(LEVEL_NOT_HELD, f"this format holds labels and entities, not {TASK_LEVEL[task]}")
        return tasks

    def _prompt(self, sample: Sample, tasks: tuple[str, ...]) -> str:
        self._angle.require_inventory()
        asked = WORD + self._types if tasks else ""
        return f"{self._shown}<{sample.text}>{self._angle.inventory}<{sample.text}>{asked}"
