"""A string format's prompt read back: which text it holds, and which levels it asks for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec

from pointline.errors import Refusal
from pointline.formats import FORMATS, Ask, CannotHold, Codec, codec
from pointline.formats.words import LEVEL_TASK, TABLE, TASK_LEVEL
from pointline.sample import Sample
from pointline.schema import LEVELS, Schema

LANGUAGES = ("en", "ja", "zh")
NAMES = tuple(name for name in FORMATS if name != "iepile")
"""The formats whose prompts are the text with something fixed around it."""
TEXT = "\ue000"  # stands for the text while a prompt's fixed parts are found; private use, in no instruction word


class Form(msgspec.Struct, frozen=True):
    """One shape of prompt: its fixed parts, what it asks for, and the codec that writes the answer.

    lacking: what it asks for beyond what the model knows.
    """

    parts: tuple[str, ...]
    schema: Schema
    codec: Codec
    lacking: tuple[str, ...] = ()

    def text(self, prompt: str) -> str | None:
        """The text in a prompt of this shape; None where it has another."""
        fixed, times = sum(map(len, self.parts)), len(self.parts) - 1
        length, rest = divmod(len(prompt) - fixed, times)
        if length < 0 or rest:
            return None
        start = len(self.parts[0])
        text = prompt[start : start + length]
        return text if text.join(self.parts) == prompt else None


class Prompts:
    """The prompts of one format that a schema can be asked with.

    >>> prompts = Prompts("oiellm", Schema().label("topic", ["news"]).entities(["TIME"]))
    >>> form, text = prompts.read("at 10:30/NER")
    >>> text, form.schema.names("labels"), form.schema.names("entities")
    ('at 10:30', ('news',), ('TIME',))
    >>> prompts.read("at 10:30")[0].schema.names("entities") is None
    True
    >>> prompts.read("at 10:30/relation extraction")
    Traceback (most recent call last):
        ...
    pointline.errors.Refusal: this asks for relations; the model knows labels, entities
    """

    def __init__(self, name: str, schema: Schema) -> None:
        found: dict[tuple[str, ...], Form] = {}
        self._levels = [level for level in LEVELS if schema.names(level) is not None]
        for form in _forms(name, schema):
            found.setdefault(form.parts, form)
        self._name = name
        self._example = "{text}".join(next(iter(found), ()))
        for form in _forms(name, _widened(schema)) if found else ():
            lacking = tuple(level for level in LEVELS[1:] if form.schema.names(level) and level not in self._levels)
            found.setdefault(form.parts, msgspec.structs.replace(form, lacking=lacking))
        self._forms = sorted(found.values(), key=lambda form: -sum(map(len, form.parts)))

    def __bool__(self) -> bool:
        return bool(self._forms)

    def read(self, prompt: str) -> tuple[Form, str]:
        """The shape of a prompt, the longest that fits, and the text in it.

        Raises Refusal where none fits, or it asks for what the model does not know.
        """
        for form in self._forms:
            text = form.text(prompt)
            if text is None:
                continue
            if form.lacking:
                asked = " and ".join(form.lacking)
                raise Refusal(f"this asks for {asked}; the model knows {', '.join(self._levels)}")
            if not any(form.parts):
                _no_short_name(prompt)
            return form, text
        raise Refusal(f"this is no prompt of the format {self._name}; one looks like {self._example}")


def _no_short_name(prompt: str) -> None:
    """A task in short (`.../RE`) is no instruction word, and hardly the end of a text."""
    short = prompt.rpartition("/")[2]
    if "/" in prompt and short.isupper() and short.lower() in TABLE:
        raise Refusal(f"`{short}` is no instruction word; {short.lower()} is asked by /{TABLE[short.lower()]['en']}")


def _widened(schema: Schema) -> Schema:
    """The schema with a name at each word level that it has not, to know prompts that ask for it."""
    for level in LEVEL_TASK:
        if schema.names(level) is None:
            schema = getattr(schema, level)(["-"])
    return schema


def _forms(name: str, schema: Schema) -> Iterator[Form]:
    """Every choice of tasks, most levels first, in every language of the instruction words."""
    choices: list[tuple[str | None, ...]] = []
    for level in LEVEL_TASK:
        known = [task for task in TABLE if TASK_LEVEL[task] == level] if schema.names(level) is not None else []
        choices.append((*known, None))
    for chosen in itertools.product(*choices):
        tasks = tuple(task for task in chosen if task is not None)
        narrow = schema.only({"labels", *(TASK_LEVEL[task] for task in tasks)})
        usual = all(LEVEL_TASK[TASK_LEVEL[task]] == task for task in tasks)
        for lang in LANGUAGES:
            try:
                bound = codec(name, Ask(narrow, () if usual else tasks, lang=lang))
                [pair] = bound.prompts(Sample("form", TEXT))
            except CannotHold:
                continue
            yield Form(tuple(pair.prompt.split(TEXT)), narrow, bound)
