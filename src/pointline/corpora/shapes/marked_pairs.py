"""Texts with <e1> and <e2> around the ends of one relation: SemEval 2010 task 8, KBP37, COAE."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pointline.corpora.conversion import Report
from pointline.corpora.files import lines
from pointline.sample import Relation, Sample, Span

if TYPE_CHECKING:
    from pointline.corpora.shapes.marks import Marks

_MARK = re.compile(r"(</?e[12]>)")
_DIRECTED = re.compile(r"(.+)\((e[12]),\s*(e[12])\)")
_FIX = 'a record is `number TAB "text with <e1> and <e2>"`, then the relation; else set layout=table and the columns'


def paired(path: Path, settings: Marks, report: Report) -> Iterator[Sample]:
    """Read one relation a record; `Type(e2,e1)` turns head and tail round."""
    records = _blocks(path, settings, report) if settings.layout == "block" else _table(path, settings, report)
    for name, marked, relation in records:
        text, spans = unmarked(marked)
        sample = Sample(name, text)
        if spans.keys() != {"e1", "e2"}:
            raise report.fault("holds no <e1>...</e1> and <e2>...</e2>", fix=_FIX)
        if not all(span.text for span in spans.values()):
            report.repair("relation_dropped", f"{relation}: nothing stands between its marks")
        elif relation is not None:
            kind, head, tail = directed(relation)
            sample.relations = [] if kind in settings.negative else [Relation(kind, spans[head], spans[tail])]
        else:
            sample.meta["pair"] = [spans["e1"].text, spans["e2"].text]
        yield sample


def directed(relation: str) -> tuple[str, str, str]:
    """The relation's type and which mark is its head and its tail.

    >>> directed("Cause-Effect(e2,e1)"), directed("Other")
    (('Cause-Effect', 'e2', 'e1'), ('Other', 'e1', 'e2'))
    """
    match = _DIRECTED.fullmatch(relation.strip())
    return (match[1], match[2], match[3]) if match else (relation.strip(), "e1", "e2")


def unmarked(marked: str) -> tuple[str, dict[str, Span]]:
    """The text without marks, trimmed, and the marked spans without spaces at their edges.

    >>> unmarked(" A <e1> cat </e1>sat.")
    ('A cat sat.', {'e1': Span(text='cat', start=2, end=5, type=None, fragments=None, score=None)})
    """
    text = ""
    opened: dict[str, int] = {}
    spans: dict[str, Span] = {}
    for part in _MARK.split(marked.strip()):
        if not _MARK.fullmatch(part):
            text += part.lstrip(" ") if not text or text.endswith(" ") else part
        elif part[1] == "/":
            start = opened.get(part[2:4], len(text))
            wording = text[start:]
            start += len(wording) - len(wording.lstrip())
            wording = wording.strip()
            spans[part[2:4]] = Span(wording, start, start + len(wording))
        else:
            opened[part[1:3]] = len(text)
    return text.rstrip(), spans


def _blocks(path: Path, settings: Marks, report: Report) -> Iterator[tuple[str, str, str | None]]:
    """`number TAB "text"`, then the relation, then perhaps a comment, then blank lines."""
    held: tuple[str, str] | None = None
    for number, line in lines(path, report, settings.encoding):
        line = line.strip(" \r")
        name, tab, marked = line.partition("\t")
        if tab and name.strip().isdecimal() and "<e1>" in marked:
            held = name.strip(), _unquoted(marked.strip())
        elif held is not None and line:
            report.path, report.line = path, number
            yield held[0], held[1], line
            held = None
        elif line and not line.startswith("Comment"):
            report.path, report.line = path, number
            raise report.fault("is neither a numbered text, nor its relation, nor a comment", fix=_FIX)
    if held is not None:
        raise report.fault("the last text has no relation", fix=_FIX)


def _unquoted(text: str) -> str:
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == '"' else text


def _table(path: Path, settings: Marks, report: Report) -> Iterator[tuple[str, str, str | None]]:
    for number, line in lines(path, report, settings.encoding):
        if not line.strip():
            continue
        report.path, report.line = path, number
        cells = line.split("\t")
        wanted = [settings.text_column, settings.label_column or 0, settings.id_column or 0]
        if not all(-len(cells) <= column < len(cells) for column in wanted):
            raise report.fault(f"there is no column {max(wanted)} among {len(cells)}", fix=_FIX)
        name = "" if settings.id_column is None else cells[settings.id_column]
        relation = None if settings.label_column is None else cells[settings.label_column]
        yield name, cells[settings.text_column], relation
