"""Tokens with tags to samples: scheme found out, tokens joined, spans of tokens made spans of characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pointline.corpora.conversion import Report
from pointline.corpora.joining import Joiner, Places, starts_in
from pointline.corpora.reading import ReaderSettings
from pointline.corpora.tags import Decoder, Scheme, detect
from pointline.errors import SettingsFault
from pointline.sample import Entity, Sample

LOOK_AHEAD = 5000


class TagSettings(ReaderSettings, frozen=True, kw_only=True):
    """What readers of tagged tokens can be told."""

    scheme: Literal["auto"] | Scheme = "auto"
    """The tag scheme; `auto` looks at the first 5,000 sentences."""
    join: str | None = None
    """What stands between tokens; by default one space, or nothing in ja, zh, th and their like; without a language,
    as the script of the tokens writes."""
    label_separator: str | None = None
    """What parts several text labels in one field (`#` in MixATIS)."""


class Row(NamedTuple):
    """One tagged sentence and where it stands."""

    path: str | Path
    line: int
    tokens: Sequence[str]
    tags: Sequence[str] | None
    label: str | None = None
    id: str = ""
    meta: dict[str, Any] = {}  # noqa: RUF012
    text: str | None = None
    step: int = 1
    """Lines from one token to the next: 1 in columns, 0 where a sentence is a line."""


def samples(rows: Iterable[Row], settings: TagSettings, report: Report) -> Iterator[Sample]:
    """Turn tagged sentences into samples, repairs counted at their file and line.

    >>> row = Row(Path("x"), 1, ["play", "jazz"], ["O", "B-genre"], "PlayMusic")
    >>> sample = next(samples([row], TagSettings(lang="en"), Report()))
    >>> sample.text, sample.labels, sample.entities[0].start
    ('play jazz', ['PlayMusic'], 5)
    """
    rows = iter(rows)
    ahead = list(islice(rows, LOOK_AHEAD)) if settings.scheme == "auto" else []
    scheme = detect(row.tags for row in ahead if row.tags) if settings.scheme == "auto" else settings.scheme
    decode, joiner = Decoder(scheme), Joiner(settings.join, settings.lang, report)
    for row in chain(ahead, rows):
        report.path, report.line = row.path, row.line
        text, starts, join = row.text, None, ""
        if text is not None:
            starts = starts_in(row.tokens, text)
            if starts is None:
                report.repair("text_header_differs", repr(text))
        if text is None or starts is None:
            text, join = joiner(row.tokens)
        entities = None if row.tags is None else _entities(row, decode, (text, starts, join), report)
        label = row.label
        parts = label.split(settings.label_separator) if label and settings.label_separator else [label]
        labels = None if label is None else [part for part in parts if part]
        yield Sample(row.id, text, labels=labels, entities=entities, meta=dict(row.meta))


def _entities(row: Row, decode: Decoder, where: tuple[str, list[int] | None, str], report: Report) -> list[Entity]:
    try:
        spans = decode(row.tags or ())
    except SettingsFault as fault:
        raise report.fault(str(fault)) from None
    for name, token in decode.repairs:
        report.line = row.line + token * row.step
        report.repair(name, repr((row.tags or ())[token]))
    if not spans:
        return []
    text, starts, join = where
    places = Places(row.tokens, join) if starts is None else None
    found = []
    for first, behind, kind in spans:
        if places is not None:
            start, end = places(first, behind)
        elif starts is not None:
            start, end = starts[first], starts[behind - 1] + len(row.tokens[behind - 1])
        found.append(Entity(kind, text[start:end], start, end))
    return found
