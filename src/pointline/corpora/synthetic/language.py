"""One language's templates and word lists, as its TOML file holds them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

LANGUAGES = ("en", "ja", "zh")
TASKS = ("ner", "scpos-rw", "re", "ee")

WordLists = dict[str, list[str]]


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Templates that share a text label.

    Attributes:
        label: The text level of every sentence.
        text: Templates for all splits.
        late: Templates for dev and test only.
        each: Words that `@` in a template may stand for, one drawn a sentence.
        relations: `head-key type tail-key`, each held where both keys stand in the sentence.
    """

    label: str
    text: tuple[str, ...]
    late: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of task: `frames` are put around a template at `{}`."""

    frames: tuple[str, ...]
    groups: tuple[Group, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The text labels, in the file's order."""
        return tuple(dict.fromkeys(group.label for group in self.groups))


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that one language's sentences are made of.

    Attributes:
        slots: Word lists by section; names are unique over all sections.
        late: Values that only dev and test see, by section.
        junk: Rows of low quality, planted in train.
        capitalise: Whether a sentence starts with a capital (ASCII letters only).
    """

    lang: str
    slots: dict[str, WordLists]
    late: dict[str, WordLists]
    tasks: dict[str, Task]
    junk: tuple[str, ...] = ()
    capitalise: bool = False

    def words(self, *, late: bool) -> WordLists:
        """All word lists of one kind, sections joined."""
        sections = (self.late if late else self.slots).values()
        return {name: values for section in sections for name, values in section.items()}


@cache
def load(lang: str) -> Language:
    """The language's file, read once.

    >>> load("ja").tasks["re"].labels
    ('business', 'technology', 'sport', 'culture')
    """
    data = Path(__file__).with_name(f"{lang}.toml").read_bytes()
    return msgspec.toml.decode(data, type=Language)
