"""Which lines are a shard's: byte ranges of the input files; a line belongs where its first byte lies."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pointline.errors import InputFault

BOM = b"\xef\xbb\xbf"


class Piece(NamedTuple):
    """The lines of `path` that begin in [start, end), in bytes; a `.gz` file is never cut."""

    path: str
    start: int
    end: int


class Line(NamedTuple):
    """A line without its end, and where it begins (of a `.gz` file: in the unpacked bytes)."""

    data: bytes
    path: str
    offset: int


def cut(paths: Sequence[str | Path], shards: int) -> list[list[Piece]]:
    """Cut files, one behind the other, into `shards` runs of about equally many bytes.

    Raises InputFault for a file that cannot be read.
    """
    sizes = [_size(path) for path in paths]
    total = sum(sizes)
    borders = [total * i // shards for i in range(shards + 1)]
    runs: list[list[Piece]] = [[] for _ in range(shards)]
    begin = 0
    for path, size in zip(paths, sizes, strict=True):
        for shard in range(shards):
            start, end = max(borders[shard], begin), min(borders[shard + 1], begin + size)
            if str(path).endswith(".gz"):
                if size and borders[shard] <= begin < borders[shard + 1]:
                    runs[shard].append(Piece(str(path), 0, size))
            elif start < end:
                runs[shard].append(Piece(str(path), start - begin, end - begin))
        begin += size
    return runs


def read(pieces: Iterable[Piece]) -> Iterator[Line]:
    """Stream the lines of pieces, blank ones left out; every line of a file is in exactly one of its pieces.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.txt")
    >>> _ = path.write_text("one\\ntwo\\nthree\\n")
    >>> [[line.data for line in read(run)] for run in cut([path], 3)]
    [[b'one'], [b'two', b'three'], []]
    """
    for piece in pieces:
        yield from _unpacked(piece.path) if piece.path.endswith(".gz") else _ranged(piece)


def line_number(line: Line) -> int:
    """The number from 1 of a line in its file, counted anew: for messages only."""
    with _open(line.path) as file:
        left, number = line.offset, 1
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            number += block.count(b"\n")
            left -= len(block)
    return number


def _ranged(piece: Piece) -> Iterator[Line]:
    with _open(piece.path) as file:
        offset = 0
        if piece.start:
            file.seek(piece.start - 1)
            offset = piece.start - 1 + len(file.readline())
        while offset < piece.end and (line := file.readline()):
            yield from _line(line, piece.path, offset)
            offset += len(line)


def _unpacked(path: str) -> Iterator[Line]:
    offset = 0
    try:
        with _open(path) as file:
            for line in file:
                yield from _line(line, path, offset)
                offset += len(line)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputFault("is not whole gzip data", path=path, fix="fetch or pack it again") from None


def _line(line: bytes, path: str, offset: int) -> Iterator[Line]:
    if offset == 0 and line.startswith(BOM):
        line = line[len(BOM) :]
    line = line.rstrip(b"\r\n")
    if line.strip():
        yield Line(line, path, offset)


def _open(path: str):  # type: ignore[no-untyped-def]
    try:
        return gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb")
    except OSError as error:
        raise InputFault(error.strerror or "cannot be read", path=path, fix="check the path") from None


def _size(path: str | Path) -> int:
    try:
        with open(path, "rb") as file:
            return file.seek(0, 2)
    except OSError as error:
        raise InputFault(error.strerror or "cannot be read", path=path, fix="check the path") from None
