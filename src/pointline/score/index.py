"""Finding samples by id: of a file only hash, offset, size and place of each record are kept (24 bytes)."""

from __future__ import annotations

import os
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from pointline import jsonl
from pointline.sample import Sample


class Identity(msgspec.Struct):
    """The id of a record and nothing else."""

    id: str


class Listindex:
    """Samples of a list by id."""

    def __init__(self, samples: list[Sample], skip: int) -> None:
        self._samples = samples
        self._rest = {sample.id: place for place, sample in enumerate(samples) if place >= skip}
        self.hashes = array("q", [hash(sample.id) for sample in samples[skip:]])

    def take(self, id: str) -> Sample | None:
        """The sample with this id, once."""
        place = self._rest.pop(id, None)
        return None if place is None else self._samples[place]

    def left(self) -> tuple[int, int, str]:
        """How many samples were never taken, the place and the id of the first (0, 0, "" if none)."""
        first = min(self._rest.values(), default=0)
        return (len(self._rest), first, self._samples[first].id) if self._rest else (0, 0, "")

    def close(self) -> None:
        """Nothing to close."""


class Fileindex:
    """Records of a file by id: sorted hashes, records read by offset. A packed file is unpacked to a temporary one."""

    def __init__(
        self, name: str, path: str | Path, blocks: Iterable[bytes], skip: int, decode: Callable[[int, bytes], Sample]
    ) -> None:
        self._name, self._decode = name, decode
        self._spool: IO[bytes] | None = None
        if str(path).endswith(".gz"):
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        self.hashes, self._offsets, self._sizes = array("q"), array("q"), array("I")
        for place, (number, offset, line) in enumerate(self._records(blocks)):
            if place >= skip:
                self.hashes.append(hash(identity(line, name, number)))
                self._offsets.append(offset)
                self._sizes.append(len(line))
        self._skip = skip
        self._sort()
        self._file = self._spool or open(path, "rb")  # noqa: SIM115 - closed by `close`

    def take(self, id: str) -> Sample | None:
        """The record with this id, once."""
        wanted = hash(id)
        at = bisect_left(self.hashes, wanted)
        while at < len(self.hashes) and self.hashes[at] == wanted:
            if not self._taken[at]:
                sample = self._decode(self._skip + self._places[at], self._line(at))
                if sample.id == id:
                    self._taken[at] = 1
                    return sample
            at += 1
        return None

    def left(self) -> tuple[int, int, str]:
        """How many records were never taken, the place and the id of the first (0, 0, "" if none)."""
        count = self._taken.count(0)
        if not count:
            return 0, 0, ""
        place, at = min((self._places[i], i) for i, taken in enumerate(self._taken) if not taken)
        return count, self._skip + place, identity(self._line(at), self._name, place)

    def close(self) -> None:
        """Close the file; a temporary one vanishes."""
        self._file.close()

    def _records(self, blocks: Iterable[bytes]) -> Iterator[tuple[int, int, bytes]]:
        """(line number, offset, line) of every line that is not blank."""
        offset, number = 0, 0
        for block in blocks:
            if self._spool:
                self._spool.write(block)
            for line in block.removesuffix(b"\n").split(b"\n"):
                number += 1
                if line.strip():
                    # A byte order mark stands as spaces here, and as itself in the file.
                    blank = len(line) - len(line.lstrip(b" ")) if number == 1 else 0
                    yield number, offset + blank, line[blank:]
                offset += len(line) + 1
        if self._spool:
            self._spool.flush()

    def _sort(self) -> None:
        import numpy as np

        hashes = np.asarray(self.hashes, np.int64)
        order = np.argsort(hashes, kind="stable")
        self.hashes = array("q", hashes[order].tobytes())
        self._offsets = array("q", np.asarray(self._offsets, np.int64)[order].tobytes())
        self._sizes = array("I", np.asarray(self._sizes, np.uint32)[order].tobytes())
        self._places = array("I", order.astype(np.uint32).tobytes())
        self._taken = bytearray(len(order))

    def _line(self, at: int) -> bytes:
        return os.pread(self._file.fileno(), self._sizes[at], self._offsets[at])


def identity(line: bytes, name: str, number: int) -> str:
    """The id of one line; raises InputFault with file and line."""
    return jsonl.decode_line(_IDENTITY, line, name, number).id


_IDENTITY = msgspec.json.Decoder(Identity)
