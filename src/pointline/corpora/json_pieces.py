"""The records at the top of a JSON file as bytes: lines, the elements of one array, one object, several in a row."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.files import LONGEST, PIECE, pieces
from pointline.jsonl import BOM, opened

_BETWEEN = re.compile(rb"[}\]]\s*,\s*(?=[{\[])")
_TRIES = 64
ONE_A_LINE = "one JSON object a line, or one array"


def raw_records(path: Path, report: Report, encoding: str = "utf-8") -> Iterator[tuple[int, Any]]:
    """Stream (line, JSON bytes) of every record at the top of a file."""
    stream = _bytes(path, report, encoding)
    head, line = b"", 1
    for data in stream:
        head = data.lstrip()
        line += data.count(b"\n", 0, len(data) - len(head))
        if head:
            break
    report.at(path, line)
    whole = itertools.chain([head], stream)
    if not head:
        return
    first, _, rest = head.partition(b"\n")
    if head[:1] == b"[" and not (rest.strip() and _whole(first)):
        yield from _array(whole, line, path, report)
    elif head[:1] == b"{" and not (_whole(first) or rest.lstrip(b" ")[:1] == b"{"):
        yield from _documents(_joined(whole, report), line, report)
    else:
        yield from _lines(whole, line, path, report)


def _joined(stream: Iterable[bytes], report: Report) -> bytes:
    held: list[bytes] = []
    size = 0
    for data in stream:
        held.append(data)
        size += len(data)
        if size > LONGEST:
            raise report.fault("an object of more than 256 MiB", fix=ONE_A_LINE)
    return b"".join(held)


def _whole(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _bytes(path: Path, report: Report, encoding: str) -> Iterator[bytes]:
    if encoding.lower() not in ("utf-8", "utf8"):
        yield from (piece.encode() for piece in pieces(path, report, encoding))
        return
    with opened(path) as file:
        data = file.read(PIECE)
        if data.startswith(BOM):
            report.at(path)
            report.repair("byte_order_mark")
            data = data[len(BOM) :]
        while data:
            yield data
            data = file.read(PIECE)


def _lines(stream: Iterable[bytes], line: int, path: Path, report: Report) -> Iterator[tuple[int, bytes]]:
    held: list[bytes] = []
    size = 0
    for data in stream:
        rows = data.split(b"\n")
        held.append(rows[0])
        size += len(rows[0])
        if size > LONGEST:
            report.at(path, line)
            raise report.fault("a line of more than 256 MiB", fix=ONE_A_LINE)
        if len(rows) == 1:
            continue
        rows[0] = b"".join(held)
        held, size = [rows[-1]], len(rows[-1])
        crlf = data.count(b"\r\n")
        if crlf:
            report.at(path, line)
            report.notice("crlf", count=crlf)
        for row in rows[:-1]:
            if row and not row.isspace():
                yield line, row
            line += 1
    last = b"".join(held)
    if last and not last.isspace():
        yield line, last


def _array(stream: Iterable[bytes], line: int, path: Path, report: Report) -> Iterator[tuple[int, Any]]:
    """The elements of one JSON array, cut from the stream wherever a run of whole elements ends."""
    decoder = msgspec.json.Decoder(list[msgspec.Raw])
    held, wanted = b"", 1
    for data in stream:
        held += data if held else data[1:]
        if len(held) < wanted:
            continue
        found, cut = _run(held, decoder)
        if not cut:
            wanted = 2 * len(held)
            if wanted > 4 * LONGEST:
                raise report.fault("a record of more than 512 MiB", fix="is it the right file?")
            continue
        line = yield from _numbered(found, held[:cut], line)
        held, wanted = held[cut:], 1
    end = held.rstrip()
    try:
        found = decoder.decode(b"[" + end)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        report.at(path, line + held.count(b"\n"))
        what = "is nested too deeply" if isinstance(error, RecursionError) else f"is no whole JSON array ({error})"
        raise report.fault(what, fix="fetch or write the file again") from None
    yield from _numbered(found, held, line)


def _run(held: bytes, decoder: msgspec.json.Decoder[list[msgspec.Raw]]) -> tuple[list[msgspec.Raw], int]:
    """The longest run of whole elements at the start of `held`, and where the next one starts."""
    for back in (1 << 14, len(held)):
        borders = [m.span() for m in _BETWEEN.finditer(held, max(0, len(held) - back))]
        for start, end in borders[: -_TRIES - 1 : -1]:
            try:
                return decoder.decode(b"[" + held[: start + 1] + b"]"), end
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
    return [], 0


def _numbered(found: list[msgspec.Raw], held: bytes, line: int) -> Any:
    """Yield (line, element); returns the line behind `held`."""
    at = 0
    for raw in found:
        data = bytes(raw)
        start = held.index(data, at)
        line += held.count(b"\n", at, start)
        yield line, data
        at = start + len(data)
        line += data.count(b"\n")
    return line + held.count(b"\n", at)


def _documents(data: bytes, line: int, report: Report) -> Iterator[tuple[int, bytes]]:
    """One object over many lines, or several of them one after another."""
    if _whole(data.rstrip()):
        yield line, data
        return
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        report.line = line + data[: error.start].count(b"\n")
        raise report.fault("is not UTF-8", fix="name its encoding, for example encoding=gb18030") from None
    reader, at = json.JSONDecoder(), 0
    while at < len(text):
        try:
            _, end = reader.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            place = getattr(error, "pos", at)
            report.line = line + text[at:place].count("\n")
            what = "is nested too deeply" if isinstance(error, RecursionError) else f"is not JSON ({error})"
            raise report.fault(what, fix=ONE_A_LINE) from None
        yield line, text[at:end].encode("utf-8", "surrogatepass")
        gap = re.compile(r"\s*").match(text, end)
        behind = gap.end() if gap else end
        line += text.count("\n", at, behind)
        at = behind
