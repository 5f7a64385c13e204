"""Parallel files: line n of one file holds the tokens, of another the tags, of a third the text label."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

from pointline.corpora.conversion import Report
from pointline.corpora.files import lines
from pointline.corpora.tagged import Row, TagSettings, samples
from pointline.sample import Sample


class Parallel(TagSettings, frozen=True, kw_only=True):
    """How parallel files are named and cut."""

    tokens: str = "seq.in"
    """Name of the file with the tokens, parted by spaces."""
    tags: str = "seq.out"
    """Name of the file with the tags; "" where there is none."""
    labels: str = "label"
    """Name of the file with the text labels; "" where there is none."""


def read(paths: Iterable[Path], settings: Parallel, report: Report) -> Iterator[Sample]:
    """Read folders that hold the files, or the files themselves.

    Raises InputFault where files have not equally many lines or a line not equally many tokens and tags.
    """
    folders = _folders(paths, settings, report)
    return samples((row for folder in folders for row in _rows(folder, settings, report)), settings, report)


def _folders(paths: Iterable[Path], settings: Parallel, report: Report) -> list[Path]:
    folders: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found = sorted(file.parent for file in path.rglob(settings.tokens))
            if not found:
                report.at(path)
                raise report.fault(
                    f"holds no file {settings.tokens!r}", fix="set tokens=, tags=, labels= to the files' names"
                )
            folders.update(dict.fromkeys(found))
        elif path.name in (settings.tokens, settings.tags, settings.labels):
            folders[path.parent] = None
        else:
            report.at(path)
            raise report.fault(
                f"is none of {settings.tokens}, {settings.tags}, {settings.labels}",
                fix="set tokens=, tags=, labels= to the files' names",
            )
    return list(folders)


def _rows(folder: Path, settings: Parallel, report: Report) -> Iterator[Row]:
    names = [name for name in (settings.tokens, settings.tags, settings.labels) if name]
    streams = [lines(folder / name, report, settings.encoding) for name in names]
    first = folder / settings.tokens
    for number, row in enumerate(zip_longest(*streams), 1):
        present = [entry[1].strip(" \t") if entry else None for entry in row]
        if not any(present):
            continue
        for name, entry in zip(names, present, strict=True):
            if entry is None:
                report.at(folder / name, number)
                raise report.fault(
                    "the file ends before its partners", fix=f"{', '.join(names)} need equally many lines"
                )
        held = dict(zip(names, present, strict=True))
        tokens = [token for token in (held[settings.tokens] or "").split(" ") if token]
        tags = [tag for tag in (held.get(settings.tags) or "").split(" ") if tag] if settings.tags else None
        if tags is not None and len(tags) != len(tokens):
            report.at(folder / settings.tags, number)
            raise report.fault(f"{len(tokens)} tokens but {len(tags)} tags", fix="every token needs one tag")
        label = held[settings.labels] if settings.labels else None
        yield Row(first, number, tokens, tags, label or None, step=0)
