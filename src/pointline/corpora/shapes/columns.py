"""Token columns: one token a line, its tag beside it, sentences parted by blank lines (CoNLL and its kin)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal

from pointline.corpora.conversion import Report
from pointline.corpora.even import even_blocks
from pointline.corpora.files import blocks_in, runs
from pointline.corpora.tagged import Row, TagSettings, samples
from pointline.sample import Sample

_HEADER = re.compile(r"#\s*([\w.:-]*[\w.-])\s*(?:[=:]\s*(.*)|)$")


class Columns(TagSettings, frozen=True, kw_only=True):
    """Which column is what, and what the lines before the tokens mean."""

    token: int = 0
    """Column of the token; the first is 0, -1 the last."""
    tag: int | Literal["none"] = -1
    """Column of the tag; `none` where there is none."""
    tag_key: str | None = None
    """Key of the tag where the column holds `key=value|key=value` (NE in CoNLL-U's MISC)."""
    label: int | None = None
    """Column that holds the text label on every line."""
    separator: Literal["auto", "tab", "space", "any"] = "auto"
    """What parts columns; `auto` takes tabs where the block has any; `any` is every run of blanks."""
    label_line: bool = False
    """The last line of a block holds the text label alone."""
    comments: Literal["auto", "all", "none"] = "auto"
    """Lines before the tokens that open with #: `auto` takes `# key = value`, `# key: value` and, above tabbed
    lines, every one without a tab; `all` every one."""
    header_id: str = "id"
    """Header that holds the id."""
    header_label: str = "intent"
    """Header that holds the text label."""
    header_text: str = "text"
    """Header that holds the text as it was written."""
    text: Literal["tokens", "header"] = "tokens"
    """Where the text comes from: the tokens joined, or the header (tokens are looked up in it)."""
    conllu: bool = False
    """Leave out the lines of multi-word tokens (3-4) and empty nodes (3.1)."""


class _Width:
    """How many columns the lines of a file have: as many as its first line."""

    def __init__(self) -> None:
        self._usual = 0

    def __call__(self, width: int, settings: Columns, report: Report) -> None:
        """Refuse a block of another width, or of one in which token and tag would be the same column."""
        if width == self._usual:
            return
        if self._usual:
            fix = "mend the lines, or read the files apart"
            raise report.fault(f"{width} column(s) where the lines before have {self._usual}", fix=fix)
        self._usual = width
        if settings.tag != "none" and width and settings.token % width == settings.tag % width:
            fix = "set token= and tag= to columns, 0 the first, or tag=none"
            raise report.fault(f"token and tag are the same one of {width} column(s)", field="tag", fix=fix)


def read(paths: Iterable[Path], settings: Columns, report: Report) -> Iterator[Sample]:
    """Read token columns.

    Raises InputFault with file and line where a column is missing or a tag is of another scheme.
    """
    return samples((row for path in paths for row in _rows(path, settings, report)), settings, report)


def _rows(path: Path, settings: Columns, report: Report) -> Iterator[Row]:
    line, same = 1, _Width()
    for run in runs(path, report, settings.encoding):
        mark = _mark(run, settings)
        width, found = even_blocks(run, mark) if mark and not settings.label_line else (0, [])
        if not _within(width, settings):
            for number, block in blocks_in(run, line):
                report.path, report.line = path, number
                if (row := _block(block, number, settings, report, same)) is not None:
                    yield row
            line += run.count("\n")
            continue
        for block in found:
            cells = block.replace("\n", mark).split(mark)
            tokens = cells[settings.token % width :: width]
            if "" in tokens or block.startswith(("#", "-DOCSTART-")):
                for number, part in blocks_in(block, line):
                    report.path, report.line = path, number
                    if (row := _block(part, number, settings, report, same)) is not None:
                        yield row
            else:
                report.path, report.line = path, line
                same(width, settings, report)
                yield Row(path, line, tokens, _tags(cells, width, settings), _label(cells, width, settings))
            line += len(tokens) + 1
        line += len(run) - len(run.rstrip("\n")) - 2


def _mark(text: str, settings: Columns) -> str:
    """What parts the columns of a text; "" where that is no single character."""
    if settings.separator == "any" or settings.conllu:
        return ""
    return "\t" if settings.separator == "tab" or (settings.separator == "auto" and "\t" in text) else " "


def _within(width: int, settings: Columns) -> bool:
    """Whether lines of this width hold the columns that are asked for."""
    return all(type(at) is not int or -width <= at < width for at in (settings.token, settings.tag, settings.label))


def _tags(cells: list[str], width: int, settings: Columns) -> list[str] | None:
    if settings.tag == "none":
        return None
    tags = cells[settings.tag % width :: width]
    return tags if settings.tag_key is None else [_value(cell, settings.tag_key) for cell in tags]


def _label(cells: list[str], width: int, settings: Columns) -> str | None:
    return None if settings.label is None else cells[settings.label % width]


def _block(block: str, number: int, settings: Columns, report: Report, same: _Width) -> Row | None:
    """The row of one block, if it holds any."""
    if block.startswith("-DOCSTART-"):
        report.notice("document_start")
        block, number = block.partition("\n")[2], number + 1
        if not block.strip():
            return None
    if block[0] != "#" or settings.comments == "none":
        return _row(block, number, settings, report, same)
    headers, skipped, block = _headers(block, settings)
    row = _row(block, number + skipped, settings, report, same) if block else None
    return _dressed(row, headers, settings) if row is not None and headers else row


def _headers(block: str, settings: Columns) -> tuple[dict[str, str], int, str]:
    """The header lines of a block as a dict, how many they were, and the rest."""
    found: dict[str, str] = {}
    count = 0
    while block[:1] == "#":
        line, _, rest = block.partition("\n")
        line = line.rstrip()
        comment = "\t" not in line
        header = _HEADER.match(line) if comment else None
        if settings.comments != "all" and (not comment or ("\t" not in rest and (header is None or header[2] is None))):
            break
        if header is not None:
            found[header[1]] = header[2] or ""
        block, count = rest, count + 1
    return found, count, block


def _dressed(row: Row, headers: dict[str, str], settings: Columns) -> Row:
    """The row with what its headers say."""
    label = headers.pop(settings.header_label, None)
    if label is not None:
        row.label = label
    row.id = headers.pop(settings.header_id, "")
    if settings.text == "header":
        row.text = headers.pop(settings.header_text, None)
    row.meta = {key: value for key, value in headers.items() if value}
    return row


def _row(block: str, number: int, settings: Columns, report: Report, same: _Width) -> Row | None:
    label = None
    if settings.label_line:
        block, _, label = block.rpartition("\n")
        label = label.strip()
        if " " in label or "\t" in label or not block:
            report.line = number + block.count("\n") + bool(block)
            fix = "where there are no label lines set label_line=false"
            raise report.fault("the last line of the block is no label alone", fix=fix)
    columns = _columns(block, number, settings, report)
    report.line = number
    same(len(columns), settings, report)
    tokens = _column(columns, settings.token, "token", report)
    tags: Any = None
    if settings.tag != "none":
        tags = _column(columns, settings.tag, "tag", report)
        if settings.tag_key is not None:
            tags = [_value(cell, settings.tag_key) for cell in tags]
    if settings.label is not None and label is None:
        label = _column(columns, settings.label, "label", report)[0]
    if "" in tokens:
        report.repair("empty_token", count=tokens.count(""))
        kept = [i for i, token in enumerate(tokens) if token]
        tokens = [tokens[i] for i in kept]
        tags = None if tags is None else [tags[i] for i in kept]
        if not kept:
            return None
    return Row(report.path or "", number, tokens, tags, label)


def _columns(block: str, number: int, settings: Columns, report: Report) -> list[Any]:
    """The block turned: the cells of each column."""
    kind = settings.separator
    if kind == "auto":
        kind = "tab" if "\t" in block else "space"
    lines = block.split("\n")
    if kind == "any":
        rows = [line.split() for line in lines]
    else:
        mark = "\t" if kind == "tab" else " "
        rows = [line.split(mark) for line in lines]
        if kind == "space" and len(set(map(len, rows))) > 1:
            rows = [[cell for cell in row if cell] for row in rows]
    if settings.conllu:
        rows = [row for row in rows if "-" not in row[0] and "." not in row[0]]
    widths = set(map(len, rows))
    if len(widths) > 1:
        usual = max(widths)
        short = next(i for i, row in enumerate(rows) if len(row) != usual)
        report.line = number + short
        raise report.fault(
            f"{len(rows[short])} column(s) where other lines have {usual}",
            fix=f"mend the line, or set separator= (now {kind}) and comments=",
        )
    return list(zip(*rows, strict=True))


def _column(columns: list[Any], column: int, field: str, report: Report) -> Any:
    try:
        return columns[column]
    except IndexError:
        fix = f"set {field}= to a column, 0 the first"
        raise report.fault(f"there is no column {column} among {len(columns)}", field=field, fix=fix) from None


def _value(cell: str, key: str) -> str:
    for part in cell.split("|"):
        name, equals, value = part.partition("=")
        if equals and name == key:
            return value
    return "O"
