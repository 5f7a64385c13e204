"""Tables: one row a text with its label, or one row a pair of entities, gathered by text (CSV, TSV, pipes)."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from pointline.corpora.conversion import Report
from pointline.corpora.files import lines
from pointline.corpora.grouping import Group
from pointline.corpora.placing import Place, nearest
from pointline.corpora.reading import ReaderSettings
from pointline.sample import Relation, Sample, Span

Column = int | str
_FIX = "set the columns (text, label, head, tail, relation), 0 the first, or names where the table has a header"


class Rows(ReaderSettings, frozen=True, kw_only=True):
    """Which column is what."""

    separator: str = "\t"
    """What parts columns."""
    quoted: bool = False
    """Whether cells may stand in double quotes, which hold separators and line breaks (CSV)."""
    header: bool = False
    """Whether the first row names the columns."""
    text: Column = 0
    """Column with the text."""
    id: Column | None = None
    """Column with the id."""
    label: Column | None = None
    """Column with the text label."""
    label_separator: str | None = None
    """What parts several text labels in one cell."""
    head: Column | None = None
    """Column with the wording of a relation's head; none where rows are no pairs."""
    tail: Column | None = None
    """Column with the wording of its tail."""
    relation: Column | None = None
    """Column with the relation's type."""
    relation_type: str | None = None
    """The type of all relations, where no column has it."""
    head_type: str | None = None
    """The type of all heads."""
    tail_type: str | None = None
    """The type of all tails."""
    head_start: Column | None = None
    """Column with the head's offset, in the text or in a document around it."""
    tail_start: Column | None = None
    """Column with the tail's offset."""
    negative: tuple[str, ...] = ()
    """Relation types that mean there is none: the text stays, annotated and empty."""
    cut: str = ""
    """What to cut from the end of every text (`###END###`)."""
    group: bool = True
    """Whether rows of one text become one sample, where rows are pairs."""
    keep: list[Column] | None = None
    """Columns to keep under meta; by default all that are not read, where the table has a header."""


class _Row:
    """One row, asked by column number or name."""

    def __init__(self, cells: list[str], names: dict[str, int], report: Report) -> None:
        self.cells, self._names, self._report = cells, names, report

    def __getitem__(self, column: Column) -> str:
        at = self._names.get(column, -1) if isinstance(column, str) else column
        if isinstance(column, str) and at < 0:
            known = ", ".join(self._names) or "none, set header=true"
            raise self._report.fault(f"there is no column {column!r}; known: {known}", fix=_FIX)
        if not -len(self.cells) <= at < len(self.cells):
            raise self._report.fault(f"there is no column {at} among {len(self.cells)}", fix=_FIX)
        return self.cells[at]


def read(paths: Iterable[Path], settings: Rows, report: Report) -> Iterator[Sample]:
    """Read tables; where rows are pairs and grouped, the samples of a file come when it is read.

    Raises InputFault with file and line where a column is missing.
    """
    paired = settings.head is not None
    for path in paths:
        group = Group()
        for row in _rows(path, settings, report):
            sample = _sample(row, settings, report)
            if paired and settings.group:
                group.add(sample)
            else:
                yield sample
        report.at(path)
        yield from group


def _rows(path: Path, settings: Rows, report: Report) -> Iterator[_Row]:
    names: dict[str, int] = {}
    for number, cells in _cells(path, settings, report):
        if settings.header and not names:
            names = {name.strip(): at for at, name in enumerate(cells)}
            continue
        report.path, report.line = path, number
        yield _Row(cells, names, report)


def _cells(path: Path, settings: Rows, report: Report) -> Iterator[tuple[int, list[str]]]:
    numbered = lines(path, report, settings.encoding)
    if not settings.quoted:
        for number, line in numbered:
            if line.strip():
                yield number, line.split(settings.separator)
        return
    if len(settings.separator) != 1:
        raise report.fault(
            f"{settings.separator!r} cannot part quoted cells", field="separator", fix="use one character"
        )
    reader = csv.reader((line + "\n" for _, line in numbered), delimiter=settings.separator, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            report.at(path, start)
            raise report.fault(f"is no table ({error})", fix="set separator= and quoted=") from None
        if any(cell.strip() for cell in cells):
            yield start, cells


def _sample(row: _Row, settings: Rows, report: Report) -> Sample:
    text = row[settings.text]
    if settings.cut:
        text = text.rstrip().removesuffix(settings.cut)
    text = text.strip()
    sample = Sample("" if settings.id is None else row[settings.id], text)
    if settings.label is not None:
        cell = row[settings.label].strip()
        sample.labels = cell.split(settings.label_separator) if settings.label_separator else [cell]
        if not cell:
            sample.labels = None
    if settings.head is not None and settings.tail is not None:
        sample.relations = _relation(row, text, settings, report)
    used = (settings.text, settings.id, settings.label, settings.head, settings.tail, settings.relation)
    kept: list[Column] = list(settings.keep or ())
    if settings.keep is None and settings.header:
        kept = [name for name in row._names if name and name not in used]
    for column in kept:
        sample.meta[str(column)] = row[column]
    return sample


def _relation(row: _Row, text: str, settings: Rows, report: Report) -> list[Relation]:
    assert settings.head is not None and settings.tail is not None  # noqa: PT018
    kind = row[settings.relation].strip() if settings.relation is not None else settings.relation_type or "relation"
    if kind in settings.negative:
        return []
    head, tail = row[settings.head].strip(), row[settings.tail].strip()
    if not head or not tail:
        report.repair("relation_dropped", f"{head!r} {kind} {tail!r}")
        return []
    gap = None
    if settings.head_start is not None and settings.tail_start is not None:
        first, second = row[settings.head_start], row[settings.tail_start]
        if not (first.strip().isdecimal() and second.strip().isdecimal()):
            raise report.fault(f"offsets {first!r} and {second!r} are no whole numbers", fix=_FIX)
        gap = int(second) - int(first)
    ends = _pair(text, head, tail, gap)
    for wording, place in zip((head, tail), ends, strict=True):
        report.notice("span_by_search" if place.start is not None else "span_not_found", repr(wording))
    return [Relation(kind, Span(*ends[0], settings.head_type), Span(*ends[1], settings.tail_type))]


def _pair(text: str, head: str, tail: str, gap: int | None) -> tuple[Place, Place]:
    """The places of both: as far apart as the source says where it does, else not on each other, if that can be."""
    firsts, seconds = list(_occurrences(text, head)), list(_occurrences(text, tail))
    if not firsts or not seconds:
        first, second = nearest(text, head, 0), nearest(text, tail, 0)
        return _place(head, first), _place(tail, second)
    pairs = [(a, b) for a in firsts for b in seconds]

    def misfit(pair: tuple[int, int]) -> tuple[int, bool, int]:
        a, b = pair
        overlap = a < b + len(tail) and b < a + len(head)
        return (0 if gap is None else abs(b - a - gap), overlap, pairs.index(pair))

    a, b = min(pairs, key=misfit)
    return _place(head, a), _place(tail, b)


def _occurrences(text: str, wording: str, most: int = 30) -> Iterator[int]:
    at = text.find(wording)
    while at >= 0 and most:
        yield at
        at, most = text.find(wording, at + 1), most - 1


def _place(wording: str, start: int | None) -> Place:
    return Place(wording, start, None if start is None else start + len(wording))
