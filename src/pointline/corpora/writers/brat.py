"""brat standoff: a folder with a text and an annotation file a sample."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pointline.corpora.conversion import Report
from pointline.corpora.writing import WriterSettings, ends_only, file_name, left_out
from pointline.errors import InputFault
from pointline.jsonl import writing_folder
from pointline.sample import AnySpan, Sample

LONGEST_NAME = 250
"""Bytes of a file's name without its ending; file systems take 255."""


class Brat(WriterSettings, frozen=True, kw_only=True):
    """Nothing to choose."""


def write(samples: Iterable[Sample], out: Path, settings: Brat, report: Report) -> int:
    """Write a folder of .txt and .ann files named by id; returns how many samples were written.

    brat has no text level, no span without offsets, no event without trigger: they are counted as left out.
    """
    count = 0
    with writing_folder(out) as folder:
        for sample in samples:
            left_out(sample, ("entities", "relations", "events"), report)
            name = file_name(sample.id)
            if len(name) > LONGEST_NAME:
                raise InputFault(f"{sample.id[:40]!r}... is too long for a file name", field="id", fix="shorten it")
            (folder / f"{name}.txt").write_bytes(sample.text.encode())
            rows = "".join(f"{row}\n" for row in _Document(sample, report).rows())
            (folder / f"{name}.ann").write_bytes(rows.encode())
            count += 1
    return count


class _Document:
    """The rows of one annotation file; equal spans of equal type share their id."""

    def __init__(self, sample: Sample, report: Report) -> None:
        self._sample, self._report = sample, report
        self._ids: dict[tuple[str, str], str] = {}
        self._rows: list[str] = []

    def rows(self) -> list[str]:
        """All rows: spans first, as they come up, then what joins them."""
        joins: list[str] = []
        ends_only(self._sample, self._report)
        for entity in self._sample.entities or ():
            self._text_bound(entity.type, entity, fresh=True)
        for relation in self._sample.relations or ():
            head, tail = (self._text_bound(end.type or "Entity", end) for end in (relation.head, relation.tail))
            if head and tail:
                joins.append(f"R{len(joins) + 1}\t{_word(relation.type)} Arg1:{head} Arg2:{tail}")
        number = 0
        for event in self._sample.events or ():
            trigger = self._text_bound(event.type, event.trigger, fresh=True) if event.trigger else ""
            if not trigger:
                self._report.notice("triggerless_left_out", event.type)
                continue
            number += 1
            pairs = [(a.role, self._text_bound(a.type or "Entity", a)) for a in event.arguments]
            arguments = "".join(f" {_word(role)}:{target}" for role, target in pairs if target)
            joins.append(f"E{number}\t{_word(event.type)}:{trigger}{arguments}")
        return self._rows + joins

    def _text_bound(self, kind: str, span: AnySpan, fresh: bool = False) -> str:
        """The id of a span's row, "" where brat cannot hold it."""
        if span.start is None or span.end is None:
            self._report.notice("unplaced_left_out", repr(span.text))
            return ""
        if kind != _word(kind):
            self._report.notice("name_changed", repr(kind))
        place = ";".join(f"{start} {end}" for start, end in span.fragments or [(span.start, span.end)])
        key = (_word(kind), place)
        if fresh or key not in self._ids:
            name = f"T{len(self._rows) + 1}"
            self._ids.setdefault(key, name)
            self._rows.append(f"{name}\t{key[0]} {place}\t{' '.join(span.text.splitlines())}")
            return name
        return self._ids[key]


def _word(name: str) -> str:
    """A type or role as brat takes it: without blanks and colons."""
    return "_".join(name.replace(":", "_").split()) or "Entity"
