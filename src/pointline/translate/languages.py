"""A pair of languages as data: names, scripts, what the prompt says about the pair, one example, a glossary."""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files
from typing import Any

import msgspec

from pointline.text.locate import cuts_word
from pointline.translate.finding import find


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One language: `text` is the example of every language, marked; `label` and `types` name what it shows."""

    name: str
    scripts: tuple[str, ...] = ()
    text: str | None = None
    label: str | None = None
    types: tuple[str, ...] = ()


class Languages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All languages by subtag, and constraints by `any`, `any-zh` or `ja-zh`."""

    languages: dict[str, Language]
    constraints: dict[str, tuple[str, ...]]


class Pair(msgspec.Struct, frozen=True):
    """What prompts and rules need of a source and a target language."""

    source: str
    target: str
    source_name: str
    target_name: str
    source_scripts: frozenset[str]
    target_scripts: frozenset[str]
    constraints: tuple[str, ...]
    example: tuple[str, str] | None = None
    glossary: tuple[tuple[str, str], ...] = ()

    def back(self) -> Pair:
        """The pair the other way round, without what was said for this way alone."""
        glossary = {target: source for source, target in reversed(self.glossary)}
        return pair(self.target, self.source, glossary)

    def terms(self, text: str) -> list[tuple[str, str]]:
        """The glossary's words that stand in a text as whole words, and how they are translated."""
        return [(word, new) for word, new in self.glossary if _stands(text, word)]

    def glossary_lines(self, text: str) -> list[str]:
        """What the prompt says of them."""
        return [f"Translate “{word}” as “{new}”." for word, new in self.terms(text)]


@functools.cache
def known() -> Languages:
    """The languages that ship."""
    table: dict[str, Any] = tomllib.loads(
        files("pointline.translate").joinpath("languages.toml").read_text(encoding="utf-8")
    )
    return msgspec.convert(table, Languages)


def pair(
    source: str, target: str, glossary: dict[str, str] | None = None, constraints: tuple[str, ...] | None = None
) -> Pair:
    """The pair for two language codes (`ja`, `zh-Hans`); an unknown code is its own name and has no scripts.

    >>> made = pair("ja", "zh", {"東京": "东京"})
    >>> made.target_name, len(made.constraints), made.back().glossary
    ('Chinese', 4, (('东京', '東京'),))
    """
    ends = [primary(code) for code in (source, target)]
    table = known()
    a, b = (table.languages.get(code) or Language(told) for code, told in zip(ends, (source, target), strict=True))
    if constraints is None:
        said = table.constraints
        keys = ("any", f"any-{ends[1]}", f"{ends[0]}-{ends[1]}")
        constraints = tuple(line for key in keys for line in said.get(key, ()))
    example = (a.text, b.text) if a.text and b.text and a.text != b.text else None
    return Pair(
        source, target, a.name, b.name, frozenset(a.scripts), frozenset(b.scripts), constraints, example,
        tuple((glossary or {}).items()),
    )  # fmt: skip


def _stands(text: str, word: str) -> bool:
    return any(not cuts_word(text, *place) for place in find(text, word, 1.0).places)


def primary(code: str) -> str:
    """A language code's first part.

    >>> primary("zh_Hant-TW")
    'zh'
    """
    return code.replace("_", "-").split("-")[0].lower()
