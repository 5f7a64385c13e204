"""What every writer is: a settings class and a function from samples to files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

import msgspec

from pointline.corpora.conversion import Report
from pointline.jsonl import writing
from pointline.sample import AnySpan, Sample
from pointline.schema import LEVELS

Write: TypeAlias = Callable[[Iterable[Sample], Path, Any, Report], int]


class WriterSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a writer can be told; most need nothing."""


class Writer(NamedTuple):
    """One row of the writer table."""

    about: str
    """One line for people."""
    settings: type[WriterSettings]
    """Its settings class."""
    write: Write
    """Samples, output path, settings and report to the number of samples written."""
    reader: str
    """The reader that reads it back."""
    options: tuple[str, ...]
    """That reader's options."""


def write_array(out: Path, records: Iterable[Any]) -> int:
    """Write one JSON array, a record a line; returns how many records."""
    count = 0
    encode = msgspec.json.Encoder().encode
    with writing(out) as file:
        file.write(b"[")
        for record in records:
            file.write((b",\n" if count else b"\n") + encode(record))
            count += 1
        file.write(b"\n]\n")
    return count


def left_out(sample: Sample, held: tuple[str, ...], report: Report) -> None:
    """Count what of a sample a format cannot hold: levels that are not `held`, source and split."""
    for level in LEVELS:
        if level not in held and getattr(sample, level):
            report.notice(f"{level}_left_out", sample.id)
    if sample.source or sample.split:
        report.notice("origin_left_out", sample.id)


def same_places(a: Sample, b: Sample) -> bool:
    """Whether two samples that name the same spans have them at the same places of the text."""
    return Counter(map(_place, a.entities or ())) == Counter(map(_place, b.entities or ())) and _joined(a) == _joined(b)


def _place(span: AnySpan) -> tuple[str, int | None, int | None]:
    return (span.text, span.start, span.end)


def _joined(sample: Sample) -> Counter[Any]:
    """Where the spans of relations and events stand."""
    found: Counter[Any] = Counter((r.type, _place(r.head), _place(r.tail)) for r in sample.relations or ())
    for event in sample.events or ():
        arguments = sorted((a.role, *map(str, _place(a))) for a in event.arguments)
        found[event.type, event.trigger and _place(event.trigger), tuple(arguments)] += 1
    return found


def ends_only(sample: Sample, report: Report) -> None:
    """Count a sample whose entities are not annotated and whose relations need some in this format."""
    if sample.entities is None and (sample.relations or sample.events):
        report.notice("ends_as_entities", sample.id)


def whole(span: AnySpan, report: Report) -> bool:
    """Whether a span is one stretch of the text; others are counted as left out."""
    if span.start is None or span.end is None:
        report.notice("unplaced_left_out", repr(span.text))
        return False
    if span.fragments is not None:
        report.notice("fragments_left_out", repr(span.text))
        return False
    return True


def file_name(name: str) -> str:
    """An id as a file name that loses nothing.

    >>> file_name("snips/test/1"), file_name("..")
    ('snips%2Ftest%2F1', '%2E%2E')
    """
    quoted = quote(name, safe=" ")
    return quoted.replace(".", "%2E") if quoted.startswith(".") else quoted
