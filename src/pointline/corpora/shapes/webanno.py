"""WebAnno TSV 3 (WebAnno, INCEpTION): stacked spans over tokens and parts of them, relations, slots; UTF-16 units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pointline.corpora.conversion import Report
from pointline.corpora.files import lines
from pointline.corpora.reading import ReaderSettings
from pointline.corpora.shapes.webanno_layers import Layer, TsvRow, WebAnnoText, plain
from pointline.sample import Sample

_FIX = "read TSV 1 and 2 with the reader columns"


class WebAnno(ReaderSettings, frozen=True, kw_only=True):
    """Which layers count."""

    layers: tuple[str, ...] = ()
    """Names (or their last part) of the layers to read; by default all."""


class _File(NamedTuple):
    text: str
    layers: list[Layer]
    rows: list[TsvRow]


def read(paths: Iterable[Path], settings: WebAnno, report: Report) -> Iterator[Sample]:
    """Read WebAnno TSV 3 documents, a sample each.

    Spans are typed by their first feature that has a value, else by the layer's name; relations likewise; a layer
    with slots is events. Chains are left out and counted. Raises InputFault with file and line.
    """
    for path in paths:
        file = _parsed(path, settings, report)
        sample = Sample(path.stem, file.text)
        document = WebAnnoText(sample, file.rows, report)
        wanted = [layer for layer in file.layers if _wanted(layer, settings)]
        for layer in wanted:
            if layer.kind == "SP":
                document.take_spans(layer)
        for layer in wanted:
            if layer.kind == "SP":
                document.add_spans(layer)
            elif layer.kind == "RL":
                document.add_relations(layer)
            else:
                report.notice("value_left_out", f"chains of {layer.name}")
        yield sample


def _wanted(layer: Layer, settings: WebAnno) -> bool:
    return not settings.layers or bool({layer.name, layer.short} & set(settings.layers))


def _parsed(path: Path, settings: WebAnno, report: Report) -> _File:
    layers: list[Layer] = []
    rows: list[TsvRow] = []
    column, text, pending, known = 3, "", "", False
    for number, line in lines(path, report, settings.encoding):
        if line.startswith("#FORMAT="):
            known = "TSV 3" in line
        elif line.startswith("#T_") and not rows:
            kind, _, body = line[len("#T_") :].partition("=")
            name, *features = body.split("|")
            layers.append(Layer(kind.strip(), name.strip(), tuple(f for f in features if f), column))
            column += layers[-1].width
        elif line.startswith("#Text="):
            pending += ("\n" if pending else "") + plain(line[len("#Text=") :])
        elif line and not line.startswith("#"):
            cells = line.split("\t")
            begin, _, end = (cells[1] if len(cells) > 2 else "").partition("-")
            if not known or not begin.isdecimal() or not end.isdecimal() or len(cells) < column:
                raise report.fault("is no WebAnno TSV 3 row", fix=_FIX)
            if pending:
                gap = int(begin) - len(text.encode("utf-16-le")) // 2
                text += ("\n" * (gap > 0) + " " * (gap - 1) if text else " " * gap) + pending
                pending = ""
            rows.append(TsvRow(number, cells[0], int(begin), int(end), cells))
    if not known:
        report.at(path)
        raise report.fault("is no WebAnno TSV 3 file", fix=_FIX)
    return _File(text, layers, rows)
