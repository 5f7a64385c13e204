"""The rule of the format: what the papers' format can hold of the source it can hold of the translation."""

from __future__ import annotations

from pointline.errors import Refusal
from pointline.formats.ask import Ask
from pointline.formats.oiellm import Oiellm
from pointline.sample import Sample
from pointline.schema import Schema


class Form:
    """`decode(encode(s)) == s` in the OIELLM format, over the inventory of the whole file in the target language.

    >>> from pointline.sample import Entity
    >>> form = Form(Schema().entities(["city"]), "zh")
    >>> form.holds(Sample("1", "去上海", entities=[Entity("city", "上海", 1, 3)]))
    True
    """

    def __init__(self, schema: Schema, lang: str) -> None:
        self.ask = Ask(schema, lang=lang)
        self.codec = Oiellm(self.ask)
        self._lang = lang

    def word(self, task: str) -> str:
        """The instruction word of a task in the target language."""
        return self.ask.words.word(task, self._lang)

    def holds(self, sample: Sample) -> bool:
        """Whether the format gives the sample back."""
        try:
            self.codec.encode(sample)
        except Refusal:
            return False
        return True
