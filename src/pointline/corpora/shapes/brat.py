"""brat standoff: .txt with .ann (or .a1 and .a2) beside it; fragments, relations, events, attributes, notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pointline.corpora.conversion import Report
from pointline.corpora.files import lines
from pointline.corpora.placing import nearest
from pointline.corpora.reading import ReaderSettings
from pointline.jsonl import opened
from pointline.sample import Argument, Entity, Event, Fragments, Relation, Sample, Span

_START = re.compile(r"(?:[TREAMN]\d+|#\d*|\*)\t")
_NEARLY = re.compile(r"(?:[TREAMN]\d+|#\d+) +\S+ ")
_PLACE = re.compile(r"(\S+) (\d+ \d+(?:;\d+ \d+)*)")


class Brat(ReaderSettings, frozen=True, kw_only=True):
    """What of a brat folder is read."""

    triggers: bool = False
    """Whether triggers of events stand among the entities too."""
    numbered_roles: bool = False
    """Whether roles keep their numbers (Theme2); by default they are the same role again."""


@dataclass
class _Standoff:
    """The annotations of one document, by id."""

    spans: dict[str, Span] = field(default_factory=dict)
    relations: list[tuple[str, str, str]] = field(default_factory=list)
    events: dict[str, tuple[str, str, list[tuple[str, str]]]] = field(default_factory=dict)
    meta: dict[str, list[Any]] = field(default_factory=dict)
    sides: int = 0
    """Annotation files; without one the document is not annotated."""


def read(paths: Iterable[Path], settings: Brat, report: Report) -> Iterator[Sample]:
    """Read brat documents, a sample each, its id the file's name.

    A level that no document of `paths` annotates is null in all of them.
    Raises InputFault where the text of an annotation file is missing.
    """
    files = list(dict.fromkeys(path.parent / path.stem for path in paths))
    _lone(files, report)
    kinds = {
        line[:1] for path in files for side in _sides(path) for _, line in lines(side, Report(), settings.encoding)
    }
    for path in files:
        text = _text(path.parent / f"{path.name}.txt", settings, report)
        found = _Standoff()
        for side in _sides(path):
            found.sides += 1
            for number, line in _whole_lines(side, settings, report):
                report.line = number
                _take(line, text, found, report)
        yield _sample(unquote(path.name), text, found, (settings, kinds), report)


def _lone(files: list[Path], report: Report) -> None:
    """Count annotation files without a text, in the folders read."""
    if len(files) < 2:
        return
    read = set(files)
    for folder in dict.fromkeys(path.parent for path in files):
        for side in sorted(folder.glob("*.ann")):
            if folder / side.stem not in read:
                report.at(side)
                report.repair("record_skipped", "its text file is missing")


def _sides(path: Path) -> list[Path]:
    return [side for suffix in (".ann", ".a1", ".a2") if (side := path.parent / f"{path.name}{suffix}").exists()]


def _whole_lines(side: Path, settings: Brat, report: Report) -> Iterator[tuple[int, str]]:
    """The numbered lines of an annotation file; one that is the rest of a wording with a line break is put to it."""
    held, began = "", 1
    for number, line in lines(side, report, settings.encoding):
        if _START.match(line) or not line.strip() or not held.startswith("T"):
            if held:
                yield began, held
            held, began = line, number
        elif _NEARLY.match(line):
            report.line = number
            raise report.fault(f"there is no tab behind {line.split()[0]!r}", fix="put a tab there, as brat does")
        else:
            report.line = number
            report.repair("line_joined", repr(line))
            held += f" {line}"
    if held:
        yield began, held


def _text(path: Path, settings: Brat, report: Report) -> str:
    """The text with its line ends as they are, for offsets count them."""
    report.at(path)
    with opened(path) as file:
        data = file.read()
    try:
        return data.decode(settings.encoding)
    except UnicodeDecodeError as error:
        report.line = 1 + data[: error.start].count(b"\n")
        raise report.fault(f"is not {settings.encoding}", fix="name its encoding with encoding=") from None


def _take(line: str, text: str, found: _Standoff, report: Report) -> None:
    """Read one line of an annotation file into `found`; a broken one is counted and left out."""
    name, _, body = line.partition("\t")
    body = body.rstrip("\t ")
    kind = name[:1]
    words = body.split()
    if not line.strip():
        return
    if kind == "T" and (place := _PLACE.match(body)) and name[1:]:
        _, _, surface = line.partition("\t")[2].partition("\t")
        span = _span(text, place[2], surface, report)
        if span is not None:
            span.type = place[1]
            if name in found.spans:
                raise report.fault(f"{name!r} stands twice in it", fix="give each annotation its own id")
            found.spans[name] = span
    elif kind == "R" and len(words) >= 3 and all(":" in word for word in words[1:3]):
        found.relations.append((words[0], words[1].partition(":")[2], words[2].partition(":")[2]))
    elif kind == "E" and words and ":" in words[0]:
        pairs = [tuple(word.rsplit(":", 1)) for word in words]
        found.events[name] = (pairs[0][0], pairs[0][1], [(role, target) for role, target in pairs[1:]])
    elif kind in "AM" and len(words) >= 2:
        found.meta.setdefault("attributes", []).append([words[1], words[0], *words[2:]])
    elif kind == "N" and len(words) >= 3:
        found.meta.setdefault("normalizations", []).append([words[1], words[2], body.partition("\t")[2]])
    elif kind == "*" and len(words) >= 2:
        found.meta.setdefault("groups", []).append(words)
    elif kind == "#":
        found.meta.setdefault("notes", []).append([*words[:2], body.partition("\t")[2]])
    else:
        report.repair("record_skipped", repr(line))


def _span(text: str, place: str, surface: str, report: Report) -> Span | None:
    """The span at `start end;start end`, held against its wording; one whole span is moved to fit it."""
    pieces = [tuple(map(int, piece.split())) for piece in place.split(";")]
    fragments: Fragments = [(start, end) for start, end in sorted(pieces) if start < end <= len(text)]
    if not fragments:
        report.repair("span_dropped", f"{place} {surface!r}")
        return None
    if len(fragments) > 1 and all(a[1] == b[0] for a, b in pairwise(fragments)):
        fragments = [(fragments[0][0], fragments[-1][1])]
    start, end = fragments[0][0], fragments[-1][1]
    wording = " ".join(text[a:b] for a, b in fragments)
    if _plain(wording) != _plain(surface) and surface:
        at = nearest(text, surface, start) if len(pieces) == 1 else None
        if at is None:
            report.repair("surface_differs", f"{surface!r} is {wording!r} at {place}")
        else:
            report.repair("offsets_snapped", f"{surface!r} from {start} to {at}")
            return Span(surface, at, at + len(surface))
    return Span(wording, start, end, fragments=fragments if len(fragments) > 1 else None)


def _plain(text: str) -> str:
    """Brat writes line breaks inside a span as spaces."""
    return " ".join(text.split())


def _sample(name: str, text: str, found: _Standoff, how: tuple[Brat, set[str]], report: Report) -> Sample:
    settings, kinds = how
    sample = Sample(name, text)
    if found.sides == 0:
        return sample
    triggers = set() if settings.triggers else {trigger for _, trigger, _ in found.events.values()}
    sample.entities = [
        Entity(s.type or "", s.text, s.start, s.end, s.fragments)
        for key, s in found.spans.items()
        if key not in triggers
    ]
    if "R" in kinds:
        sample.relations = []
        for kind, head, tail in found.relations:
            if head in found.spans and tail in found.spans:
                sample.relations.append(Relation(kind, found.spans[head], found.spans[tail]))
            else:
                report.repair("relation_dropped", f"{kind} {head} {tail}")
    if "E" in kinds:
        sample.events = [_event(event, found, settings, report) for event in found.events.values()]
    sample.meta.update(found.meta)
    return sample


def _event(event: tuple[str, str, list[tuple[str, str]]], found: _Standoff, settings: Brat, report: Report) -> Event:
    kind, trigger, pairs = event
    made = Event(kind, found.spans.get(trigger))
    for role, target in pairs:
        span = found.spans.get(target) or found.spans.get(found.events[target][1] if target in found.events else "")
        if span is None:
            report.repair("argument_dropped", f"{kind}:{trigger} {role}:{target}")
            continue
        role = role if settings.numbered_roles else role.rstrip("0123456789") or role
        made.arguments.append(Argument(role, span.text, span.start, span.end, span.type, span.fragments))
    return made
