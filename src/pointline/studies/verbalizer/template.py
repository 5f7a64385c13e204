"""The sentence in which a model is asked for a word, one for each language and kind of question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pointline.errors import SettingsFault
from pointline.sample import Sample
from pointline.settings import read_toml
from pointline.text.scripts import language

TEXT, WORD = "{text}", "{word}"
FALLBACK = "en"


class Template(NamedTuple):
    """A sentence with one place for the text and one for the word, cut at the word."""

    left: str
    right: str

    @classmethod
    def of(cls, sentence: str) -> Template:
        """Cut a sentence; raises SettingsFault where a place is missing or there twice.

        >>> Template.of("{text} The topic is {word}.").filled("Rain.", "[MASK]")
        'Rain. The topic is [MASK].'
        """
        if not all(sentence.count(slot) == 1 for slot in (TEXT, WORD)):
            raise SettingsFault(f"template {sentence!r} must hold {TEXT} and {WORD}, each once")
        return cls(*sentence.split(WORD))

    def filled(self, text: str, word: str) -> str:
        """The sentence about a text."""
        return f"{self.left.replace(TEXT, text)}{word}{self.right.replace(TEXT, text)}"

    def before(self, text: str) -> str:
        """The sentence up to the word; raises SettingsFault where the text comes later."""
        if TEXT not in self.left:
            raise SettingsFault(f"a causal model reads from the left: the template must have {TEXT} before {WORD}")
        return self.left.replace(TEXT, text)

    @property
    def anchor(self) -> str:
        """What stands before the word whatever the text; may be empty."""
        return self.left.partition(TEXT)[2] if TEXT in self.left else self.left


def template_for(told: str, samples: Iterable[Sample]) -> Template:
    """The template of this name in the language of most samples (English where there is none), or the sentence told.

    >>> template_for("topic", [Sample("1", "東京へ行く")]).anchor
    ' この文の話題は'
    """
    if "{" in told:
        return Template.of(told)
    spoken = Counter(language(sample.text, sample.lang) for sample in samples)
    known = built_in()
    best = max(spoken, key=lambda lang: (spoken[lang], str(lang)), default=None)
    kinds = known.get(best or "", known[FALLBACK])
    if told not in kinds:
        raise SettingsFault(
            f"there is no template {told!r}; known: {', '.join(kinds)}, or a sentence with {TEXT}, {WORD}"
        )
    return Template.of(kinds[told])


@cache
def built_in() -> dict[str, dict[str, str]]:
    """The templates by language and kind.

    >>> sorted(built_in())
    ['en', 'ja', 'zh']
    """
    return read_toml(Path(__file__).with_name("templates.toml"))
