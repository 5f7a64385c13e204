"""The SLG format (the T5 baseline): GIELLM's layout, where the first token of every output is forced to be `<`."""

from __future__ import annotations

from pointline.formats.ask import Ask
from pointline.formats.giellm import Giellm
from pointline.formats.grammar import LIMITS, Grammar, Limits
from pointline.formats.problems import NO_TEXT_LABEL, CannotHold
from pointline.sample import Pair, Sample

FORCED = "<"
"""What a generator must begin every output with."""


class Slg:
    """The SLG format bound to a question.

    >>> from pointline.schema import Schema
    >>> codec = Slg(Ask(Schema().label("topic", ["news", "sport"])))
    >>> [pair] = codec.encode(Sample("1", "a goal", labels=["sport"]))
    >>> pair.prompt, pair.completion, codec.decode("sport>", "a goal").labels
    ('a goal<news><sport>', '<sport>', ['sport'])
    """

    def __init__(self, ask: Ask) -> None:
        self._layout = Giellm(ask)

    def prompts(self, sample: Sample) -> list[Pair]:
        """The prompt of a sample; raises CannotHold without an inventory of labels."""
        return self._layout.prompts(sample)

    def encode(self, sample: Sample) -> list[Pair]:
        """The pair of a sample; raises CannotHold where it would be read otherwise or has no label to begin with."""
        pairs = self._layout.encode(sample)
        if not pairs[0].completion.startswith(FORCED):
            raise CannotHold(NO_TEXT_LABEL, f"an output must begin with {FORCED!r}, so the sample needs a label")
        return pairs

    def decode(self, raw: str, text: str, id: str = "") -> Sample:
        """What an output says about a text, the forced token put back where it is missing; never raises."""
        sample = self._layout.decode(raw if raw.startswith(FORCED) else FORCED + raw, text, id)
        sample.raw = raw
        return sample

    def grammar(self, sample: Sample, limits: Limits = LIMITS) -> list[Grammar]:
        """What a well-formed output is; it begins with the forced token. Raises CannotHold."""
        return self._layout.grammar(sample, limits)
