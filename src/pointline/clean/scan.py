"""The first look: every line of a file becomes a few numbers, in one streaming pass and flat memory."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import xxhash

from pointline import jsonl
from pointline.clean.quality import QualitySettings, plainly_good, quality_fault
from pointline.errors import InputFault
from pointline.sample import Sample

Prints: TypeAlias = npt.NDArray[np.uint64]
Sizes: TypeAlias = npt.NDArray[np.uint32]
Verdicts: TypeAlias = npt.NDArray[np.uint8]

CHUNK = 1 << 20
LONGEST_LINE = 1 << 28
KEPT, BLANK = 0, 1
REASONS = ("", "", "duplicate", "conflict", "in_test", "non_alphabetic", "too_short", "stopwords")
"""What a verdict code stands for; the first two (kept, blank line) are no reasons."""


class Scan(NamedTuple):
    """The lines of one file, numbered from 0: three arrays of the same length."""

    path: Path
    start: int
    """Bytes before the first line (a byte order mark)."""
    prints: Prints
    """64-bit fingerprints of the text keys."""
    sizes: Sizes
    """Bytes of each line, its end included."""
    verdicts: Verdicts
    """Codes: KEPT, BLANK or a reason of quality."""

    def offsets(self) -> npt.NDArray[np.int64]:
        """Where each line begins in the file, in bytes."""
        ends = np.cumsum(self.sizes, dtype=np.int64) + self.start
        return ends - self.sizes


class _Text(msgspec.Struct, gc=False):
    text: str


class _Chunk(NamedTuple):
    data: bytes
    path: Path
    before: int
    """Lines of the file before this chunk."""
    quality: QualitySettings | None


def scan(path: Path, quality: QualitySettings | None, workers: int = 1) -> Scan:
    """Look at every line of a JSON-lines file once. `quality` None leaves its rules out.

    Raises InputFault with file and line where a line is no JSON object with a text.
    """
    with jsonl.opened(path) as file:
        start = len(jsonl.BOM) if file.read(len(jsonl.BOM)) == jsonl.BOM else 0
        file.seek(start)
        with closing(_looked_at(_chunks(file, path, quality), workers)) as parts:
            columns = list(zip(*parts, strict=True)) or [(), (), ()]
    types = (np.uint64, np.uint32, np.uint8)
    arrays = (np.concatenate([np.zeros(0, kind), *column]) for kind, column in zip(types, columns, strict=True))
    return Scan(path, start, *arrays)


def _chunks(file: IO[bytes], path: Path, quality: QualitySettings | None) -> Iterator[_Chunk]:
    before = 0
    while data := file.read(CHUNK):
        if not data.endswith(b"\n"):
            data += file.readline(LONGEST_LINE)
            if len(data) > LONGEST_LINE:
                fix = "put one sample on a line"
                raise InputFault(f"a line is longer than {LONGEST_LINE >> 20} MiB", path=path, fix=fix)
        yield _Chunk(data, path, before, quality)
        before += data.count(b"\n")


def _looked_at(chunks: Iterable[_Chunk], workers: int) -> Iterator[tuple[Prints, Sizes, Verdicts]]:
    """Each chunk's arrays, in order, whoever computed them."""
    if workers <= 1:
        yield from map(_look, chunks)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        running: deque[Future[tuple[Prints, Sizes, Verdicts]]] = deque()
        for chunk in chunks:
            running.append(pool.submit(_look, chunk))
            if len(running) > 2 * workers:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _look(chunk: _Chunk) -> tuple[Prints, Sizes, Verdicts]:
    data = chunk.data if chunk.data.endswith(b"\n") else chunk.data + b"\n"
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
    sizes = np.diff(ends, prepend=0).astype(np.uint32)
    verdicts = np.zeros(len(sizes), np.uint8)
    rows: list[Any] = _decoded(chunk, len(sizes))
    prints = []
    fingerprint, quality = xxhash.xxh3_64_intdigest, chunk.quality
    for at, row in enumerate(rows):
        if row is None:
            verdicts[at] = BLANK
            prints.append(0)
            continue
        words = row.text.split()
        key = " ".join(words)
        prints.append(fingerprint(key.encode()))
        if quality is not None and not plainly_good(key, words, quality):
            line = data[ends[at] - sizes[at] : ends[at]]
            verdicts[at] = _verdict(chunk, at, key, line)
    sizes[-1] -= len(data) - len(chunk.data)
    return np.array(prints, np.uint64), sizes, verdicts


def _decoded(chunk: _Chunk, count: int) -> list[_Text | None]:
    """One `_Text` a line, None for a blank line; the quick way where nothing is odd."""
    decoder = msgspec.json.Decoder(_Text)
    try:
        rows: list[_Text | None] = list(decoder.decode_lines(chunk.data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        rows = []
    if len(rows) == count:
        return rows
    lines = chunk.data.removesuffix(b"\n").split(b"\n")
    return [
        jsonl.decode_line(decoder, line, chunk.path, chunk.before + at) if line.strip() else None
        for at, line in enumerate(lines, 1)
    ]


def _verdict(chunk: _Chunk, at: int, key: str, line: bytes) -> int:
    """The code of the quality rule that a text breaks, or KEPT."""
    assert chunk.quality is not None
    reason = quality_fault(key, chunk.quality)
    if reason is None and len(key) < chunk.quality.short:
        sample = jsonl.decode_line(msgspec.json.Decoder(Sample), line, chunk.path, chunk.before + at + 1)
        if not (sample.labels or sample.entities or sample.relations or sample.events):
            reason = "too_short"
    return KEPT if reason is None else REASONS.index(reason)
