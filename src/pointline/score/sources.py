"""Where samples come from: a file that is streamed in blocks, or a list in memory.

Both are read in order (`for sample in source`) and, where two files keep different orders, by id (`source.index`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import IO, TypeAlias

import msgspec

from pointline import jsonl
from pointline.errors import InputFault
from pointline.sample import Sample
from pointline.score.index import Fileindex, Listindex, identity

Samples: TypeAlias = str | Path | Iterable[Sample]

BLOCK = 1 << 14
HASHED = 512


class Listed:
    """Samples in memory. `name` stands in messages where a file's path would."""

    def __init__(self, samples: Iterable[Sample], name: str) -> None:
        self.name = name
        self._samples = samples if isinstance(samples, list) else list(samples)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self._samples)

    def index(self, skip: int) -> Listindex:
        """The samples after the first `skip`, by id."""
        return Listindex(self._samples, skip)

    def line_of(self, place: int) -> int:
        """The number, from 1, of the sample at `place`."""
        return place + 1

    def ids(self) -> Iterator[tuple[int, str]]:
        """(number from 1, id) of every sample."""
        return ((place, sample.id) for place, sample in enumerate(self._samples, 1))

    def digest(self) -> str:
        """The first 12 hex digits of the SHA-256 of the file that `pl.write` would make of these samples."""
        sha, encoder = hashlib.sha256(), msgspec.json.Encoder()
        for start in range(0, len(self._samples), HASHED):
            try:
                sha.update(encoder.encode_lines(self._samples[start : start + HASHED]))
            except UnicodeEncodeError:
                raise InputFault(f"{self.name} holds a lone surrogate", fix="mend its text") from None
        return sha.hexdigest()[:12]

    def close(self) -> None:
        """Nothing to close."""


class Filed:
    """Samples of a JSON-lines file. A pipe or stdin is spooled to a temporary file first."""

    def __init__(self, path: str | Path) -> None:
        self.name = str(path)
        self._spool = _spooled(path)
        self._path = path if self._spool is None else self._spool.name
        self._decoder = msgspec.json.Decoder(Sample)
        self._digest = ""

    def __iter__(self) -> Iterator[Sample]:
        return chain.from_iterable(self._samples())

    def index(self, skip: int) -> Fileindex:
        """The records after the first `skip`, by id, without their contents."""
        return Fileindex(self.name, self._path, self._blocks(), skip, self._decode)

    def line_of(self, place: int) -> int:
        """The line number of the record at `place`; reads the file again."""
        return next((number for at, (number, _) in enumerate(self._lines()) if at == place), 0)

    def ids(self) -> Iterator[tuple[int, str]]:
        """(line number, id) of every record; reads the file again."""
        return ((number, identity(line, self.name, number)) for number, line in self._lines())

    def digest(self) -> str:
        """The first 12 hex digits of the SHA-256 of the file (unpacked), once it has been read to its end."""
        return self._digest

    def close(self) -> None:
        """A spooled file vanishes."""
        if self._spool:
            self._spool.close()

    def _samples(self) -> Iterator[list[Sample]]:
        for count, block in enumerate(self._blocks()):
            try:
                samples = self._decoder.decode_lines(block)
            except (msgspec.MsgspecError, ValueError, RecursionError):
                before = sum(other.count(b"\n") for other in islice(self._blocks(), count))
                samples = self._one_by_one(block, before + 1)
            yield samples

    def _one_by_one(self, block: bytes, first: int) -> list[Sample]:
        """Decode line by line, to name the line at fault."""
        lines = ((number, line) for number, line in enumerate(block.split(b"\n"), first) if line.strip())
        return [_decoded(self._decoder, line, self.name, number) for number, line in lines]

    def _decode(self, place: int, line: bytes) -> Sample:
        try:
            return self._decoder.decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return _decoded(self._decoder, line, self.name, self.line_of(place))

    def _blocks(self) -> Iterator[bytes]:
        """Whole lines, about 16 kB at a time; a byte order mark becomes spaces, so that offsets hold."""
        sha, first = hashlib.sha256(), True
        with jsonl.opened(self._path) as file:
            while block := file.read(BLOCK):
                if not block.endswith(b"\n"):
                    block += file.readline()
                sha.update(block)
                if first and block.startswith(jsonl.BOM):
                    block = b" " * len(jsonl.BOM) + block[len(jsonl.BOM) :]
                first = False
                yield block
        self._digest = sha.hexdigest()[:12]

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        lines = chain.from_iterable(block.removesuffix(b"\n").split(b"\n") for block in self._blocks())
        return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _decoded(decoder: msgspec.json.Decoder[Sample], line: bytes, name: str, number: int) -> Sample:
    try:
        return jsonl.decode_line(decoder, line, name, number)
    except InputFault as fault:
        if b'"raw"' in line and "`text`" in fault.what:
            what, fix = "is raw model output, no prediction", "run `pointline decode` on it first"
            raise InputFault(what, path=name, line=number, fix=fix) from None
        raise


def refuse_repeats(source: Listed | Filed, hashes: Sequence[array[int]]) -> None:
    """Raise InputFault at the first id that stands twice; ids are read again only where two hashes agree."""
    import numpy as np

    ordered = np.sort(np.concatenate([np.asarray(part, np.int64) for part in hashes]))
    suspects = set(ordered[1:][ordered[1:] == ordered[:-1]].tolist())
    seen: dict[str, int] = {}
    for number, id in source.ids() if suspects else ():
        if id in seen:
            what = f"{id!r} already stands in record {seen[id]}"
            raise InputFault(what, path=source.name, line=number, field="id", fix="ids are unique")
        if hash(id) in suspects:
            seen[id] = number


def _spooled(path: str | Path) -> IO[bytes] | None:
    if str(path) != "-" and (os.path.isfile(path) or os.path.isdir(path) or not os.path.exists(path)):
        return None
    spool = tempfile.NamedTemporaryFile(suffix=".jsonl")  # noqa: SIM115 - closed by `close`
    with jsonl.opened(path) as file:
        shutil.copyfileobj(file, spool)
    spool.flush()
    return spool
