"""Sources to samples: a reader and a card in, checked samples with ids out, every repair in the report."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from pointline.corpora.cards import Card, CardFiles, files_of
from pointline.corpora.conversion import Report
from pointline.corpora.hub import fetched, is_hub_name
from pointline.corpora.labelmap import LabelMap, apply
from pointline.corpora.naming import Names
from pointline.corpora.readers import READERS
from pointline.corpora.reading import Reader, ReaderSettings
from pointline.errors import SettingsFault
from pointline.sample import Argument, Sample, Span, faults, span_key
from pointline.settings import fill

_ODD = re.compile("[\ufffd\ue000-\uf8ff\u200b-\u200d\u2060\ufeff\U000f0000-\U0010ffff]")


_PLACE = attrgetter("start", "end", "type")


class Request(msgspec.Struct, frozen=True):
    """What is to be converted, beyond the inputs."""

    reader: str | None = None
    """A name of READERS; by default the card's."""
    card: Card | None = None
    """The data set's card; it names files, reader and options."""
    options: tuple[str, ...] = ()
    """`key=value` words for the reader's settings; they win over the card's."""
    split: str | None = None
    """The split to read from a card's folder, or to write into samples read without a card."""


class Part(NamedTuple):
    """Files that are read alike."""

    paths: list[Path]
    settings: ReaderSettings
    split: str | None
    expected: int | None


def convert(inputs: list[Path], request: Request, report: Report) -> Iterator[Sample]:
    """Stream the samples of `inputs`: files, folders, `hub:owner/name`, or with a card the data set's folder.

    Samples are checked, their entities ordered, labels renamed as the card says, ids made where the source has none.
    Raises SettingsFault for a wrong option at once, InputFault with file, line and field while reading.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "a.conll")
    >>> _ = path.write_text("play O\\njazz B-genre\\n")
    >>> [(s.text, s.entities[0].start) for s in convert([path], Request("columns", options=("lang=en",)), Report())]
    [('play jazz', 5)]
    """
    reader, name = _reader(request)
    plan = list(_plan(inputs, request, (reader, name), report))
    return _converted(plan, reader, request, report)


def _reader(request: Request) -> tuple[Reader, str]:
    name = request.reader or (request.card.reader if request.card else None)
    if name is None:
        if request.card is not None:
            raise SettingsFault(f"the card {request.card.name} only describes its data set; name a reader")
        raise SettingsFault("name a reader or a card; `pointline readers` lists the readers")
    if name not in READERS:
        raise SettingsFault(f"unknown reader {name!r}; known: {', '.join(READERS)}")
    return READERS[name], name


def _plan(inputs: list[Path], request: Request, named: tuple[Reader, str], report: Report) -> Iterator[Part]:
    reader, name = named
    card = request.card if request.card is not None and request.card.reader == name else None
    for path in inputs:
        if not path.exists() and str(path) != "-" and not is_hub_name(path):
            report.at(path)
            raise report.fault("no such file or folder", fix="check the path")
    for path in (fetched(path) if is_hub_name(path) else path for path in inputs):
        entry = _entry_of(card, path)
        if card is not None and card.files and entry is None and path.is_dir():
            yield from _plan_card(card, path, (reader, request), report)
            continue
        split = request.split or (entry.split if entry else None)
        settings = _settings(reader, request, entry)
        yield Part(_expanded(path, reader, report), settings, split, None)


def _plan_card(card: Card, root: Path, how: tuple[Reader, Request], report: Report) -> Iterator[Part]:
    reader, request = how
    entries = [entry for entry in card.files if request.split in (None, entry.split or request.split)]
    if not entries:
        known = ", ".join(sorted({entry.split or "" for entry in card.files}))
        raise SettingsFault(f"the card {card.name} has no split {request.split!r}; it has: {known}")
    for entry in entries:
        paths = files_of(card, entry, root, report)
        if paths:
            yield Part(paths, _settings(reader, request, entry), entry.split or request.split, entry.samples)


def _entry_of(card: Card | None, path: Path) -> CardFiles | None:
    """The card's entry that a file belongs to, by its glob."""
    for entry in card.files if card else ():
        if fnmatch.fnmatch(path.absolute().as_posix(), f"*/{entry.glob}"):
            return entry
    return None


def _settings(reader: Reader, request: Request, entry: CardFiles | None) -> ReaderSettings:
    values: dict[str, Any] = {}
    card = request.card
    if card is not None:
        values = {"source": card.name, **card.options}
        if len(card.langs) == 1:
            values["lang"] = card.langs[0]
    if entry is not None:
        values |= entry.options
        if entry.lang is not None:
            values["lang"] = entry.lang
    try:
        return fill(reader.settings, values, request.options)
    except SettingsFault as fault:
        raise SettingsFault(f"{fault} (card {card.name})" if card else str(fault)) from None


def _expanded(path: Path, reader: Reader, report: Report) -> list[Path]:
    """A folder as the files in it that the reader takes."""
    if not path.is_dir() or not reader.files:
        return [path]
    found = sorted({file for pattern in reader.files for file in path.rglob(pattern) if file.is_file()})
    if not found:
        report.at(path)
        raise report.fault(f"holds no file like {', '.join(reader.files)}", fix="name the files themselves")
    return found


def _converted(plan: list[Part], reader: Reader, request: Request, report: Report) -> Iterator[Sample]:
    names = Names(report)
    renames = request.card.map if request.card else LabelMap()
    for part in plan:
        names.enter()
        before = report.samples
        read = reader.read(part.paths, part.settings, report)
        for sample in read if renames == LabelMap() else apply(read, renames):
            _finish(sample, part, report)
            names(sample)
            report.samples += 1
            report.splits[sample.split or ""] += 1
            yield sample
        count = report.samples - before
        report.at(part.paths[0])
        if not count:
            report.notice("file_empty")
        elif part.expected not in (None, count):
            report.notice("count_differs", f"{count} samples, the card says {part.expected}")
    if not report.samples:
        report.at(plan[0].paths[0] if plan else Path())
        raise report.fault("holds no sample", fix="is it the right file, reader and split?")


def _finish(sample: Sample, part: Part, report: Report) -> None:
    """Fill in what the reader leaves to the conversion, and hold the sample to the record."""
    text, settings = sample.text, part.settings
    if sample.source is None:
        sample.source = settings.source
    if sample.split is None:
        sample.split = part.split
    if sample.lang is None:
        sample.lang = settings.lang
    if sample.labels and len(set(sample.labels)) < len(sample.labels):
        report.repair("label_repeated", repr(sample.labels))
        sample.labels = list(dict.fromkeys(sample.labels))
    if not _plainly_sound(sample):
        if sample.entities:
            sample.entities.sort(key=span_key)
        for field, what in faults(sample):
            if field != "id":
                raise report.fault(what, field=field, fix="mend the source, or set the reader's options")
    if not text.isascii() and ("\ufffd" in text or not text.isprintable()):  # what is odd is not printable, or U+FFFD
        _notice_odd(set(_ODD.findall(text)), report)
    if not text:
        report.notice("empty_text")


def _plainly_sound(sample: Sample) -> bool:
    """Whether every span is in one piece at its offsets: most samples, quickly looked at and their entities ordered."""
    text = sample.text
    if sample.entities:
        entities, last, ordered = sample.entities, -1, True
        for entity in entities:
            start, wording = entity.start, entity.text
            if start is None or start < 0 or not wording or entity.fragments is not None:
                return False
            if entity.end != start + len(wording) or not text.startswith(wording, start):
                return False
            if start <= last:
                ordered = False
            last = start
        if not ordered:
            entities.sort(key=_PLACE)
    for relation in sample.relations or ():
        if not (_stands(text, relation.head) and _stands(text, relation.tail)):
            return False
    for event in sample.events or ():
        if event.trigger is not None and not _stands(text, event.trigger):
            return False
        for argument in event.arguments:
            if not _stands(text, argument):
                return False
    return True


def _stands(text: str, span: Span | Argument) -> bool:
    start, wording = span.start, span.text
    if start is None or start < 0 or span.fragments is not None or wording == "":
        return False
    return span.end == start + len(wording) and text.startswith(wording, start)


def _notice_odd(odd: set[str], report: Report) -> None:
    if "\ufffd" in odd:
        report.notice("replacement_character")
    invisible = odd & set("\u200b\u200c\u200d\u2060\ufeff")
    if invisible:
        report.notice("invisible_character")
    if odd - invisible - {"\ufffd"}:
        report.notice("private_use")
