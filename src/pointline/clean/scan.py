"""The first look: every line of a file becomes a few numbers, in one streaming pass and flat memory."""

from __future__ import annotations

import contextlib
import functools
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple, TypeAlias, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt
import xxhash

from pointline import jsonl
from pointline.clean.quality import doubtful, quality_fault
from pointline.clean.rules import BLANK, KEPT, REASONS, TOO_SHORT, CleanSettings, Part
from pointline.errors import InputFault
from pointline.sample import Sample

Prints: TypeAlias = npt.NDArray[np.uint64]
Sizes: TypeAlias = npt.NDArray[np.uint32]
Verdicts: TypeAlias = npt.NDArray[np.uint8]
Look: TypeAlias = tuple[Prints, Sizes, Verdicts]
T = TypeVar("T")

fingerprint = xxhash.xxh3_64_intdigest
CHUNK = 1 << 18
"""Bytes read at once: what a processor keeps at hand."""
LONGEST_LINE = 1 << 28


class Scan(NamedTuple):
    """The lines of one file, numbered from 0: two arrays of the same length."""

    part: Part
    start: int
    """Bytes before the first line (a byte order mark)."""
    sizes: Sizes
    """Bytes of each line, its end included."""
    verdicts: Verdicts
    """Codes: KEPT, BLANK or a reason of quality."""

    def blocks(self) -> Iterator[tuple[int, bytes, npt.NDArray[np.int64]]]:
        """Read the file again: (first line, bytes of some whole lines, where each of them ends).

        Raises InputFault where the file is no longer what was scanned.
        """
        ends = np.cumsum(self.sizes, dtype=np.int64)
        line, begin = 0, 0
        with jsonl.opened(self.part.path) as file:
            file.seek(self.start)
            while line < len(ends):
                stop = max(line + 1, int(np.searchsorted(ends, begin + CHUNK, side="right")))
                data = file.read(int(ends[stop - 1]) - begin)
                if len(data) != ends[stop - 1] - begin:
                    raise InputFault("has changed while it was read", path=self.part.path, fix="clean again")
                yield line, data, ends[line:stop] - begin
                line, begin = stop, begin + len(data)

    def records(
        self, wanted: npt.NDArray[np.int64], decoder: msgspec.json.Decoder[T]
    ) -> Iterator[tuple[list[int], list[T]]]:
        """(numbers, records) of the wanted lines, which rise, some at a time.

        Raises InputFault with file and line where one is not in form.
        """
        if not len(wanted):
            return
        for first, data, ends in self.blocks():
            here = wanted[slice(*np.searchsorted(wanted, (first, first + len(ends))))]
            if not len(here):
                continue
            stops = ends[here - first]
            borders = zip((stops - self.sizes[here]).tolist(), stops.tolist(), strict=True)
            rows, lines = here.tolist(), [data[start:stop] for start, stop in borders]
            try:
                yield rows, decoder.decode_lines(b"".join(lines))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                for row, line in zip(rows, lines, strict=True):
                    yield [row], [jsonl.decode_line(decoder, line, self.part.path, row + 1)]


class _Text(msgspec.Struct, gc=False):
    text: str


class _Chunk(NamedTuple):
    data: bytes
    path: Path
    settings: CleanSettings
    before: int = 0
    """Lines of the file before this chunk, as far as they are known."""


def scan(parts: Iterable[Part], settings: CleanSettings) -> tuple[list[Scan], Prints]:
    """Look at every line of JSON-lines files once; (the scans, 64-bit fingerprints of all text keys in one row).

    Raises InputFault with file and line where a line is no JSON object with a text.
    """
    looks = [_scan_file(part, settings) for part in parts]
    return [one for one, _ in looks], np.concatenate([np.zeros(0, np.uint64), *(prints for _, prints in looks)])


def _scan_file(part: Part, settings: CleanSettings) -> tuple[Scan, Prints]:
    with jsonl.opened(part.path) as file:
        start = len(jsonl.BOM) if file.read(len(jsonl.BOM)) == jsonl.BOM else 0
        file.seek(start)
        with contextlib.closing(_looked_at(_chunks(file, part.path, settings), settings.workers)) as parts:
            columns = list(zip(*parts, strict=True)) or [(), (), ()]
    types = (np.uint64, np.uint32, np.uint8)
    prints, sizes, verdicts = (
        np.concatenate([np.zeros(0, kind), *column]) for kind, column in zip(types, columns, strict=True)
    )
    return Scan(part, start, sizes, verdicts), prints


def _chunks(file: IO[bytes], path: Path, settings: CleanSettings) -> Iterator[_Chunk]:
    while data := file.read(CHUNK):
        if not data.endswith(b"\n"):
            data += file.readline(LONGEST_LINE)
            if len(data) > LONGEST_LINE:
                fix = "put one sample on a line"
                raise InputFault(f"a line is longer than {LONGEST_LINE >> 20} MiB", path=path, fix=fix)
        yield _Chunk(data, path, settings)


def _looked_at(chunks: Iterable[_Chunk], workers: int) -> Generator[Look, None, None]:
    """Each chunk's arrays, in order, whoever computed them."""
    before = 0
    for chunk, look in _looks(chunks, workers):
        try:
            arrays = look()
        except InputFault:
            _look(chunk._replace(before=before))  # once more, to name the line of the file
            raise
        before += len(arrays[0])
        yield arrays


def _looks(chunks: Iterable[_Chunk], workers: int) -> Iterator[tuple[_Chunk, Callable[[], Look]]]:
    if workers <= 1:
        yield from ((chunk, functools.partial(_look, chunk)) for chunk in chunks)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        running: deque[tuple[_Chunk, Callable[[], Look]]] = deque()
        for chunk in chunks:
            running.append((chunk, pool.submit(_look, chunk).result))
            if len(running) > 2 * workers:
                yield running.popleft()
        yield from running


def _look(chunk: _Chunk) -> Look:
    data = chunk.data if chunk.data.endswith(b"\n") else chunk.data + b"\n"
    codes = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(codes == ord("\n")) + 1
    starts = np.append(0, ends[:-1])
    tidy = bool(np.all(codes[starts] == ord("{")) and np.all(codes[ends - 2] == ord("}")))
    keys = chunk.settings.text_keys([row.text for row in _decoded(chunk, len(ends), tidy)])
    prints = np.fromiter(map(fingerprint, map(str.encode, keys)), np.uint64, len(keys))
    verdicts = np.zeros(len(keys), np.uint8)
    for at in _suspects(keys, chunk.settings):
        line = data[starts[at] : ends[at]]
        verdicts[at] = _verdict(chunk, at, keys[at], line) if line.strip() else BLANK
    ends[-1] -= len(data) - len(chunk.data)
    return prints, (ends - starts).astype(np.uint32), verdicts


def _suspects(keys: list[str], settings: CleanSettings) -> list[int]:
    """Positions of the texts that may be blank lines or break a rule of quality."""
    if settings.quality:
        return doubtful(keys, settings)
    return [at for at, key in enumerate(keys) if not key] if "" in keys else []


def _decoded(chunk: _Chunk, count: int, tidy: bool) -> list[_Text]:
    """One `_Text` a line, an empty one for a blank line.

    The quick way is to decode them at once: where each line runs from brace to brace (`tidy`), no object can span
    lines, and `count` objects are one a line.
    """
    decoder = msgspec.json.Decoder(_Text)
    if tidy:
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            rows = decoder.decode_lines(chunk.data)
            if len(rows) == count:
                return rows
    lines = chunk.data.removesuffix(b"\n").split(b"\n")
    return [
        jsonl.decode_line(decoder, line, chunk.path, chunk.before + at) if line.strip() else _Text("")
        for at, line in enumerate(lines, 1)
    ]


def _verdict(chunk: _Chunk, at: int, key: str, line: bytes) -> int:
    """The code of the quality rule that a text breaks, or KEPT."""
    if not chunk.settings.quality:
        return KEPT
    reason = quality_fault(key, chunk.settings)
    if reason is not None:
        return REASONS.index(reason)
    if len(key) >= chunk.settings.short:
        return KEPT
    sample = jsonl.decode_line(msgspec.json.Decoder(Sample), line, chunk.path, chunk.before + at + 1)
    return KEPT if sample.labels or sample.entities or sample.relations or sample.events else TOO_SHORT
