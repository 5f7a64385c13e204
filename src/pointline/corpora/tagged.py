"""Tokens with tags to samples: scheme found out, tokens joined, spans of tokens made spans of characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.joining import Joiner, starts_in
from pointline.corpora.reading import ReaderSettings
from pointline.corpora.tags import Decoder, Scheme, TokenSpan, detect
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


class Row(msgspec.Struct, gc=False):
    """One tagged sentence and where it stands."""

    path: str | Path
    line: int
    tokens: Sequence[str]
    tags: Sequence[str] | None
    label: str | None = None
    id: str = ""
    meta: dict[str, Any] = msgspec.field(default_factory=dict)
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
        entities = None
        if row.tags is not None:
            spans = _spans(row, row.tags, decode, report)
            entities = _joined(spans, row.tokens, join) if starts is None else _laid(spans, row.tokens, starts, text)
        labels = None
        if row.label is not None:
            parts = row.label.split(settings.label_separator) if settings.label_separator else [row.label]
            labels = [part for part in parts if part]
        yield Sample(row.id, text, labels=labels, entities=entities, meta=row.meta)


def _spans(row: Row, tags: Sequence[str], decode: Decoder, report: Report) -> list[TokenSpan]:
    try:
        spans = decode(tags)
    except SettingsFault as fault:
        raise report.fault(str(fault)) from None
    for name, token in decode.repairs:
        report.line = row.line + token * row.step
        report.repair(name, repr(tags[token]))
    return spans


def _joined(spans: list[TokenSpan], tokens: Sequence[str], join: str) -> list[Entity]:
    """The entities of rising spans in the text of joined tokens."""
    found = []
    at = token = 0
    for first, behind, kind in spans:
        if first > token:
            at += len(join.join(tokens[token:first])) + len(join)
        wording = join.join(tokens[first:behind])
        end = at + len(wording)
        found.append(Entity(kind, wording, at, end))
        at, token = end + len(join), behind
    return found


def _laid(spans: list[TokenSpan], tokens: Sequence[str], starts: list[int], text: str) -> list[Entity]:
    """The entities of spans in a text that holds each token at its start."""
    ends = ((starts[first], starts[behind - 1] + len(tokens[behind - 1]), kind) for first, behind, kind in spans)
    return [Entity(kind, text[start:end], start, end) for start, end, kind in ends]
