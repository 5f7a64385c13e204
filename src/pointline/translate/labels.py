"""Label maps from language to language: by rule, complete or refused, no two names made one."""

from __future__ import annotations

import tomllib
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import msgspec

from pointline.corpora.labelmap import LEVELS, LabelMap
from pointline.errors import InputFault, Refusal
from pointline.sample import Argument, Entity, Sample, Span, spans_of
from pointline.settings import read_toml
from pointline.translate.languages import primary

SHIPPED = ("scnm", "scpos", "tcree")
Row: TypeAlias = str | dict[str, str | list[str]]
Table: TypeAlias = dict[str, dict[str, Row]]


class Chosen(NamedTuple):
    """The map of a run and its name; `kept` where names stay as they are."""

    map: LabelMap
    name: str


class Inventory:
    """Every name that samples bear, by level, with the id of the first sample that bears it."""

    def __init__(self) -> None:
        self.names: dict[str, dict[str, str]] = {level: {} for level in LEVELS}

    def add(self, sample: Sample) -> None:
        """Take the names of one sample."""
        for label in sample.labels or ():
            self.names["labels"].setdefault(label, sample.id)
        for relation in sample.relations or ():
            self.names["relations"].setdefault(relation.type, sample.id)
        for event in sample.events or ():
            self.names["events"].setdefault(event.type, sample.id)
        for _, span in spans_of(sample):
            self._add_span(span, sample.id)

    def _add_span(self, span: Span | Entity | Argument, id: str) -> None:
        if isinstance(span, Argument):
            self.names["roles"].setdefault(span.role, id)
        if span.type is not None:
            self.names["entities"].setdefault(span.type, id)


def choose(told: str | None, inventory: Inventory, source: str, target: str) -> Chosen:
    """The map for an inventory: the one told, else the shipped one that holds every name, else names are kept.

    Raises Refusal where the map told lacks a name or makes two one, InputFault where its file is faulty.

    >>> seen = Inventory()
    >>> seen.add(Sample("1", "良い本", labels=["積極"], entities=[Entity("ポジティブ", "良い", 0, 2)]))
    >>> chosen = choose(None, seen, "ja", "zh")
    >>> chosen.name, chosen.map.labels["積極"], chosen.map.entities["ポジティブ"]
    ('scpos', '积极', '积极')
    """
    if told is not None:
        labels = read(told, source, target)
        complete(labels, inventory, told)
        return Chosen(labels, told)
    for name in SHIPPED if any(inventory.names.values()) else ():
        labels = read(name, source, target)
        if not any(missing(labels, inventory)):
            complete(labels, inventory, name)
            return Chosen(labels, name)
    return Chosen(LabelMap(), "kept")


def read(told: str, source: str, target: str) -> LabelMap:
    """A map that ships, or a TOML file: `old = "new"`, or a row by language, `x = { ja = "..", zh = ".." }`."""
    if told in SHIPPED:
        path: str | Path = f"{told}.toml"
        text = files("pointline.translate").joinpath("maps", path).read_text(encoding="utf-8")
        table: dict[str, Any] = tomllib.loads(text)
    else:
        path = told
        table = read_toml(told)
    try:
        rows = msgspec.convert(table, Table)
        made = {level: _directed(names, source, target) for level, names in rows.items()}
        return msgspec.convert(made, LabelMap)
    except msgspec.ValidationError as error:
        fix = 'write [labels] and [entities] with old = "new", or name = { ja = "..", zh = ".." }'
        raise InputFault(str(error), path=path, fix=fix) from None


def missing(labels: LabelMap, inventory: Inventory) -> list[tuple[str, str, str]]:
    """(level, name, sample) of every name that a map lacks."""
    return [
        (level, name, id)
        for level, names in inventory.names.items()
        for name, id in names.items()
        if name not in getattr(labels, level)
    ]


def complete(labels: LabelMap, inventory: Inventory, told: str) -> None:
    """Raise Refusal where a map lacks a name that is there, or makes two of them one."""
    for level, name, id in missing(labels, inventory):
        raise Refusal(f"{told}: {level}: {name!r} (first in sample {id!r}) has no translation; add it to the map")
    for level, names in inventory.names.items():
        counts = Counter(getattr(labels, level)[name] for name in names)
        for new, count in counts.items():
            if count > 1 or not new:
                old = ", ".join(repr(name) for name in names if getattr(labels, level)[name] == new)
                raise Refusal(
                    f"{told}: {level}: {old} would become {new!r}; rename or merge with `pointline map` before"
                )


def _directed(names: dict[str, Row], source: str, target: str) -> dict[str, str]:
    """Old name to new name, out of rows by language or rows that say so already."""
    out: dict[str, str] = {}
    for old, row in names.items():
        if isinstance(row, str):
            out[old] = row
            continue
        new = _words(row, target)
        for word in _words(row, source) if new else ():
            out[word] = new[0]
    return out


def _words(row: dict[str, str | list[str]], lang: str) -> list[str]:
    said = row.get(lang) or row.get(primary(lang)) or []
    return [said] if isinstance(said, str) else said
