"""Text files in pieces: decoded by whole lines, line ends made one, faults with file and line, memory flat."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from pointline.corpora.conversion import Report
from pointline.jsonl import opened

PIECE = 1 << 20
LONGEST = 1 << 28
_BLANK = re.compile(r"\n(?:[ \t]*\n)+")


def pieces(path: Path, report: Report, encoding: str = "utf-8") -> Iterator[str]:
    """Stream a file as text pieces that end with a whole line; CR LF becomes LF, a byte order mark goes.
    A file that ends its lines in CR alone is read so too.

    `encoding` is a codec's name, or `mixed` for UTF-8 with stray CESU-8 and Windows-1252 bytes.
    Raises InputFault with file and line where the bytes cannot be read so, or a line is over 256 MiB.
    """
    decode = _decoder(path, report, encoding)
    held, line, first, bare = "", 1, True, False
    with opened(path) as file:
        while True:
            data = file.read(PIECE)
            report.at(path, line)
            text = decode(data, line)
            if first and text:
                first, bare = False, "\r" in text and "\n" not in text
                if bare:
                    report.notice("cr")
                if text[0] == "\ufeff":
                    report.repair("byte_order_mark")
                    text = text[1:]
            if bare:
                text = text.replace("\r", "\n")
            cut = text.rfind("\n") + 1 if data else len(text)
            if not cut and data:
                held += text
                if len(held) > LONGEST:
                    raise report.fault("a line of more than 256 MiB", fix="is it the right file and reader?")
                continue
            piece, held = held + text[:cut], text[cut:]
            line += piece.count("\n")
            if "\r" in piece and (count := piece.count("\r\n")):
                report.notice("crlf", count=count)
                piece = piece.replace("\r\n", "\n")
            if piece:
                yield piece
            if not data:
                return


def lines(path: Path, report: Report, encoding: str = "utf-8") -> Iterator[tuple[int, str]]:
    """Stream (line number from 1, line without its end), blank lines too; sets the report's place."""
    number = 0
    for piece in pieces(path, report, encoding):
        rows = piece.split("\n")
        if not rows[-1]:
            rows.pop()
        for row in rows:
            number += 1
            report.path, report.line = path, number
            yield number, row


def blocks(path: Path, report: Report, encoding: str = "utf-8") -> Iterator[tuple[int, str]]:
    """Stream (number of the first line, block of lines), blocks being what blank lines part.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.conll")
    >>> _ = path.write_bytes(b"a O\\r\\nb O\\r\\n\\r\\nc O\\n")
    >>> list(blocks(path, Report()))
    [(1, 'a O\\nb O'), (4, 'c O')]
    """
    line = 1
    for text in runs(path, report, encoding):
        yield from blocks_in(text, line)
        line += text.count("\n")


def runs(path: Path, report: Report, encoding: str = "utf-8") -> Iterator[str]:
    """Stream a file as runs of whole blocks with the blank lines behind them; the last may lack these."""
    held = ""
    for piece in pieces(path, report, encoding):
        held += piece
        cut = held.rfind("\n\n") + 2
        if cut < 2:
            cut = max((gap.end() for gap in _BLANK.finditer(held)), default=0)
        if cut:
            yield held[:cut]
        elif len(held) > LONGEST:
            raise report.fault("a block of more than 256 MiB without a blank line", fix="is it the right reader?")
        held = held[cut:]
    if held.strip():
        yield held


def blocks_in(text: str, line: int) -> Iterator[tuple[int, str]]:
    """(number of the first line, block) of a run that begins in this line."""
    at = 0
    for gap in _BLANK.finditer(text):
        block = text[at : gap.start()]
        if block.strip():
            yield _led(line, block)
        line += block.count("\n") + gap[0].count("\n")
        at = gap.end()
    block = text[at:]
    if block.strip():
        yield _led(line, block.rstrip("\n"))


def _led(number: int, block: str) -> tuple[int, str]:
    """Leave out blank lines before a block (they stand only at the start of a file)."""
    while block[:1] == "\n" or (block[:1] in " \t" and not block.partition("\n")[0].strip()):
        block = block.partition("\n")[2]
        number += 1
    return number, block


class _decoder:  # noqa: N801
    """Decodes piece by piece and knows the line of a byte that cannot be read."""

    def __init__(self, path: Path, report: Report, encoding: str) -> None:
        self._path, self._report, self._name = path, report, encoding
        self._held = b""
        try:
            self._codec = codecs.getincrementaldecoder("utf-8" if encoding == "mixed" else encoding)()
        except LookupError:
            report.at(path)
            raise report.fault(f"unknown encoding {encoding!r}", fix="for example utf-8, utf-16, gb18030") from None

    def __call__(self, data: bytes, line: int) -> str:
        if self._name == "mixed":
            return self._mixed(data)
        pending = self._codec.getstate()[0]
        try:
            return self._codec.decode(data, final=not data)
        except UnicodeDecodeError as error:
            line += (pending + data)[: error.start].count(b"\n")
            self._report.at(self._path, line)
            raise self._report.fault(
                f"is not {self._name.upper()} ({error.reason})",
                fix="name its encoding, for example encoding=gb18030, or encoding=mixed to mend stray bytes",
            ) from None

    def _mixed(self, data: bytes) -> str:
        whole = self._held + data
        cut = whole.rfind(b"\n") + 1 if data else len(whole)
        whole, self._held = whole[:cut], whole[cut:]
        return mended(whole, self._report)


def mended(data: bytes, report: Report) -> str:
    """Decode UTF-8 in which CESU-8 pairs and single Windows-1252 bytes stand; each is counted.

    >>> mended(b"caf\\xe9 \\xed\\xa0\\xbc\\xed\\xbd\\x95 \\xc3\\xa9", Report())
    'café 🍕 é'
    """
    parts: list[str] = []
    while True:
        try:
            parts.append(data.decode())
            return "".join(parts)
        except UnicodeDecodeError as error:
            parts.append(data[: error.start].decode())
            data = data[error.start :]
            pair = re.match(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]", data)
            size = 6 if pair else 1
            if pair:
                halves = data[:6].decode("utf-8", "surrogatepass")
                parts.append(halves.encode("utf-16", "surrogatepass").decode("utf-16"))
            else:
                parts.append(data[:1].decode("cp1252", "replace"))
            report.repair("bytes_mended", repr(data[:size]))
            data = data[size:]
