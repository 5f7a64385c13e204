"""The GIELLM format: `{text}<label1><label2>...{IW}` in, `<label>{IW}{points}` out (GIELLM paper, section 3)."""

from __future__ import annotations

from pointline.formats.angle import Angle
from pointline.formats.ask import Ask, lang_of, pair, tasks_of
from pointline.formats.grammar import LIMITS, Grammar, Limits
from pointline.sample import Pair, Sample


class Giellm:
    """The GIELLM format bound to a question; its schema must list the text labels.

    >>> from pointline.schema import Schema
    >>> from pointline.sample import Entity
    >>> codec = Giellm(Ask(Schema().label("topic", ["news", "sport"]).entities(["TIME"])))
    >>> [pair] = codec.encode(Sample("1", "at 10:30", labels=["news"], entities=[Entity("TIME", "10:30", 3, 8)]))
    >>> pair.prompt, pair.completion
    ('at 10:30<news><sport>NER', '<news>NER:TIME;10:30')
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._angle = Angle(ask, ask.words)

    def prompts(self, sample: Sample) -> list[Pair]:
        """The prompt of a sample; raises CannotHold without an inventory of labels."""
        tasks = tasks_of(sample, self._ask, answered=False)
        return [pair(sample, tasks, self._prompt(sample, self._words(sample, tasks)), "")]

    def encode(self, sample: Sample) -> list[Pair]:
        """The pair of a sample; raises CannotHold where it would be read otherwise."""
        tasks = tasks_of(sample, self._ask)
        words = self._words(sample, tasks)
        prompt = self._prompt(sample, words)
        completion, written = self._angle.write(sample, tasks, words)
        self._angle.flat.check(sample, completion, written)
        return [pair(sample, tasks, prompt, completion)]

    def decode(self, raw: str, text: str, id: str = "") -> Sample:
        """What an output says about a text; never raises."""
        return self._angle.flat.read(raw, text, id)

    def grammar(self, sample: Sample, limits: Limits = LIMITS) -> list[Grammar]:
        """What a well-formed output is: `<label>{IW}{points}`; raises CannotHold."""
        tasks = tasks_of(sample, self._ask, answered=False)
        return [self._angle.grammar(sample, tasks, self._words(sample, tasks), limits)]

    def _prompt(self, sample: Sample, words: list[str]) -> str:
        self._angle.require_inventory()
        return sample.text + self._angle.inventory + "".join(words)

    def _words(self, sample: Sample, tasks: tuple[str, ...]) -> list[str]:
        return [self._ask.words.word(task, lang_of(sample, self._ask)) for task in tasks]
