"""Annotations inside the text: {{type:x}}, [type : x], <e1>x</e1>, x/type, $T$ holes, SNIPS chunks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.fields import kind_of, labels_of, listed, pick
from pointline.corpora.files import lines
from pointline.corpora.grouping import Group
from pointline.corpora.json_files import Found, records
from pointline.corpora.reading import ReaderSettings
from pointline.corpora.shapes.marked_pairs import paired
from pointline.sample import Entity, Sample

_OPENING = {"braces": "{{", "brackets": "["}
_CLOSING = {"braces": "}}", "brackets": "]"}


class Marks(ReaderSettings, frozen=True, kw_only=True):
    """Which marks stand in the text, and what goes with it."""

    style: Literal["braces", "brackets", "pairs", "slash", "holes", "chunks"] = "braces"
    """`braces`: {{type:x}}, may nest; `brackets`: [type : x]; `pairs`: <e1>x</e1> and <e2>y</e2> of a relation;
    `slash`: words as x/type; `holes`: lines in threes, text with $T$, term, polarity; `chunks`: JSON lists of
    {text, entity}."""
    layout: Literal["line", "block", "table"] = "line"
    """Where a record stands: a line; a block of lines (numbered text, relation, comment, as in SemEval 2010); a row of
    tabbed columns."""
    text_column: int = 0
    """Column of the text, where records are tabbed lines."""
    label_column: int | None = None
    """Column of the text label, or of the relation in the style `pairs`."""
    id_column: int | None = None
    """Column of the id, where records are tabbed lines."""
    outside: str = "o"
    """In the style `slash`, the type of words that are none."""
    negative: tuple[str, ...] = ()
    """Relation types that mean there is none: the text stays, annotated and empty."""
    group: bool = False
    """Whether records of one text become one sample (always in the style `holes`)."""
    records: str = "*"
    """In the style `chunks`, the path of the records; the key they stand under is the text label."""
    polarities: dict[str, str] = msgspec.field(default_factory=dict)
    """In the style `holes`, the names of the polarities."""


def read(paths: Iterable[Path], settings: Marks, report: Report) -> Iterator[Sample]:
    """Read marked texts; the text is what stands without the marks.

    Raises InputFault with file and line where a record cannot be read.
    """
    reading = {"chunks": _chunks, "holes": _holes, "pairs": paired}.get(settings.style, _marked)
    for path in paths:
        samples = reading(path, settings, report)
        if settings.group or settings.style == "holes":
            group = Group()
            for sample in samples:
                group.add(sample)
            report.at(path)
            samples = iter(group)
            if settings.style == "holes":
                samples = map(_derived, samples)
        yield from samples


def _marked(path: Path, settings: Marks, report: Report) -> Iterator[Sample]:
    for number, line in lines(path, report, settings.encoding):
        cells = line.split("\t") if settings.layout == "table" else [line]
        if not line.strip():
            continue
        report.path, report.line = path, number
        if settings.style == "slash":
            sample = _slashed(line, settings, report)
        else:
            text = _cell(cells, settings.text_column, report).strip()
            sample = nested_marks(text, _OPENING[settings.style], _CLOSING[settings.style], report)
        if settings.label_column is not None:
            sample.labels = [_cell(cells, settings.label_column, report)]
        if settings.id_column is not None:
            sample.id = _cell(cells, settings.id_column, report)
        yield sample


def _cell(cells: list[str], column: int, report: Report) -> str:
    if not -len(cells) <= column < len(cells):
        raise report.fault(f"there is no column {column} among {len(cells)}", fix="set layout=table and the columns")
    return cells[column]


def nested_marks(marked: str, opening: str, closing: str, report: Report) -> Sample:
    """The text without marks and its entities; a mark without its partner stays in the text, counted.

    >>> sample = nested_marks("{{org:the {{place:Rome}} club}} won", "{{", "}}", Report())
    >>> sample.text, [(e.type, e.text) for e in sample.entities]
    ('the Rome club won', [('place', 'Rome'), ('org', 'the Rome club')])
    """
    split = re.split(f"({re.escape(opening)}|{re.escape(closing)})", marked)
    partners = _partners(split, opening, closing)
    text = ""
    spans: list[tuple[int, int, str]] = []
    held: list[tuple[int, str]] = []
    for at, part in enumerate(split):
        if part == closing and at in partners:
            start, kind = held.pop()
            spans.append((start, len(text), kind))
        elif part in (opening, closing):
            if at not in partners:
                report.repair("markup_broken", repr(part))
                text += part
        elif at - 1 in partners and split[at - 1] == opening:
            kind, _, part = part.partition(":")
            held.append((len(text), kind.strip()))
            text += part.lstrip(" ")
        else:
            text += part
    sample = Sample("", text, entities=[])
    for start, end, kind in spans:
        _add(sample, start, end, kind, report)
    return sample


def _partners(split: list[str], opening: str, closing: str) -> set[int]:
    """The places of the marks that have a partner and a type."""
    held: list[int] = []
    found: set[int] = set()
    for at, part in enumerate(split):
        if part == opening and at + 1 < len(split) and ":" in split[at + 1]:
            held.append(at)
        elif part == closing and held:
            found |= {held.pop(), at}
    return found


def _add(sample: Sample, start: int, end: int, kind: str, report: Report) -> None:
    wording = sample.text[start:end]
    left, right = len(wording) - len(wording.lstrip()), len(wording) - len(wording.rstrip())
    if left == len(wording):
        report.repair("span_dropped", f"{kind} without a character")
        return
    if left or right:
        report.repair("spaces_trimmed", repr(wording))
    start, end = start + left, end - right
    sample.entities = sample.entities or []
    sample.entities.append(Entity(kind, sample.text[start:end], start, end))


def _slashed(line: str, settings: Marks, report: Report) -> Sample:
    """Words as wording/type; the text joins them by nothing."""
    sample, spans, text = Sample("", "", entities=[]), [], ""
    for word in line.split():
        wording, slash, kind = word.rpartition("/")
        if not slash or not wording:
            report.repair("markup_broken", repr(word))
            wording, kind = word, settings.outside
        if kind != settings.outside:
            spans.append((len(text), len(text) + len(wording), kind))
        text += wording
    sample.text = text
    for start, end, kind in spans:
        _add(sample, start, end, kind, report)
    return sample


def _holes(path: Path, settings: Marks, report: Report) -> Iterator[Sample]:
    numbered = lines(path, report, settings.encoding)
    for number, line in numbered:
        if not line.strip():
            continue
        term = next(numbered, (0, None))[1]
        polarity = next(numbered, (0, None))[1]
        report.path, report.line = path, number
        if term is None or polarity is None or "$T$" not in line:
            raise report.fault("is no record of text with $T$, term, polarity", fix="lines come in threes")
        term, polarity = term.strip(), polarity.strip()
        line = line.strip()
        start = line.index("$T$")
        text = line.replace("$T$", term, 1)
        name = settings.polarities.get(polarity, polarity)
        yield Sample("", text, entities=[Entity(name, term, start, start + len(term))])


def _derived(sample: Sample) -> Sample:
    kinds = list(dict.fromkeys(entity.type for entity in sample.entities or ()))
    if kinds:
        sample.labels = kinds if len(kinds) == 1 else ["mixed"]
        sample.meta["label_derived"] = True
    return sample


def _chunks(path: Path, settings: Marks, report: Report) -> Iterator[Sample]:
    for found in records(path, report, settings.records, settings.encoding):
        yield _chunked(found, report)


def _chunked(found: Found, report: Report) -> Sample:
    chunks: Any = pick(found.record, "data") if isinstance(found.record, dict) else found.record
    text, spans = "", []
    for chunk in listed(chunks, "data", report):
        wording = pick(chunk, "text")
        if not isinstance(wording, str):
            raise report.fault(f"a chunk's text is {kind_of(wording)}, not a string", field="data", fix="mend it")
        kind = pick(chunk, "entity")
        if isinstance(kind, str):
            spans.append((len(text), len(text) + len(wording), kind))
        text += wording
    edge = len(text) - len(text.lstrip())
    sample = Sample("", text.strip(), labels=labels_of(found, "*", None), entities=[])
    if len(sample.text) < len(text):
        report.notice("text_trimmed")
    for start, end, kind in spans:
        _add(sample, max(start - edge, 0), min(end - edge, len(sample.text)), kind, report)
    return sample
