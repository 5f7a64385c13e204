"""Where samples come from: a file that is streamed, or a list in memory; both give samples in order and by id.

Of a file only a hash, an offset, a length and a line number per id are ever kept, so memory stays flat.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from array import array
from bisect import bisect_left
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import IO, TypeAlias

import msgspec

from pointline import jsonl
from pointline.errors import InputFault
from pointline.sample import Sample

Samples: TypeAlias = str | Path | Iterable[Sample]
Entry: TypeAlias = tuple[int, int, bytes]

HASHED_LINES = 512


class Identity(msgspec.Struct):
    """The id of a record and nothing else."""

    id: str


class Listed:
    """Samples in memory. `name` stands in messages where a file's path would."""

    def __init__(self, samples: Iterable[Sample], name: str) -> None:
        self.name = name
        self._samples = samples if isinstance(samples, list) else list(samples)
        self._next = 0
        self._rest: dict[str, int] | None = None

    def __iter__(self) -> Iterator[tuple[int, Sample]]:
        return enumerate(self._samples, 1)

    def take(self, id: str) -> Sample | None:
        """The sample with this id: the next one if it fits, else by index; each only once."""
        if self._rest is None:
            if self._next < len(self._samples) and self._samples[self._next].id == id:
                self._next += 1
                return self._samples[self._next - 1]
            self._rest = {s.id: i for i, s in enumerate(self._samples[self._next :], self._next)}
        place = self._rest.pop(id, None)
        return None if place is None else self._samples[place]

    def left(self) -> tuple[int, int, str]:
        """How many samples were never taken, and the place and id of the first (0, 0, "" if none)."""
        rest = range(self._next, len(self._samples)) if self._rest is None else sorted(self._rest.values())
        return (len(rest), rest[0] + 1, self._samples[rest[0]].id) if rest else (0, 0, "")

    def refuse_repeats(self) -> None:
        """Raise InputFault at the first id that stands twice."""
        seen: dict[str, int] = {}
        if len({sample.id for sample in self._samples}) == len(self._samples):
            return
        for place, sample in self:
            if sample.id in seen:
                raise repeated(self.name, place, sample.id, seen[sample.id])
            seen[sample.id] = place

    def close(self) -> None:
        """Nothing to close."""

    def digest(self) -> str:
        """The first 12 hex digits of the SHA-256 of the file that `pl.write` would make of these samples."""
        sha, encoder = hashlib.sha256(), msgspec.json.Encoder()
        for start in range(0, len(self._samples), HASHED_LINES):
            sha.update(encoder.encode_lines(self._samples[start : start + HASHED_LINES]))
        return sha.hexdigest()[:12]


class Filed:
    """Samples of a JSON-lines file, streamed. A pipe or stdin is spooled to a temporary file first."""

    def __init__(self, path: str | Path) -> None:
        self.name = str(path)
        self._spool = _spooled(path)
        self._path = path if self._spool is None else self._spool.name
        self._decode = msgspec.json.Decoder(Sample)
        self._entries = self._read()
        self._hashes = array("q")
        self._index: _Index | None = None
        self._sha = hashlib.sha256()

    def __iter__(self) -> Iterator[tuple[int, Sample]]:
        note = self._hashes.append
        for number, _, line in self._entries:
            sample = self._sample(number, line)
            note(hash(sample.id))
            yield number, sample

    def take(self, id: str) -> Sample | None:
        """The sample with this id: on the next line if it fits, else by the index of the rest; each only once."""
        if self._index is None:
            entry = next(self._entries, None)
            if entry is None:
                return None
            sample = self._sample(entry[0], entry[2])
            if sample.id == id:
                self._hashes.append(hash(id))
                return sample
            self._index = self._indexed(entry)
        found = self._index.take(id)
        return None if found is None else self._sample(*found)

    def left(self) -> tuple[int, int, str]:
        """How many samples were never taken, and the line and id of the first (0, 0, "" if none)."""
        if self._index is None:
            entry = next(self._entries, None)
            if entry is None:
                return 0, 0, ""
            self._index = self._indexed(entry)
        return self._index.left()

    def refuse_repeats(self) -> None:
        """Raise InputFault at the first id that stands twice; the file is read again only if two hashes agree."""
        import numpy as np

        index = self._index.hashes if self._index else array("q")
        ordered = np.sort(np.concatenate([np.asarray(self._hashes, np.int64), np.asarray(index, np.int64)]))
        suspects = set(ordered[1:][ordered[1:] == ordered[:-1]].tolist())
        seen: dict[str, int] = {}
        for number, _, line in self._read() if suspects else ():
            id = self._identity(number, line)
            if hash(id) in suspects:
                if id in seen:
                    raise repeated(self.name, number, id, seen[id])
                seen[id] = number

    def close(self) -> None:
        """Close what is open; temporary files vanish."""
        self._entries.close()
        if self._index:
            self._index.close()
        if self._spool:
            self._spool.close()

    def digest(self) -> str:
        """The first 12 hex digits of the SHA-256 of the file (unpacked), once it has been read."""
        return self._sha.hexdigest()[:12]

    def _read(self) -> Generator[Entry, None, None]:
        """(line number, offset, line), blank lines left out; feeds the digest on the way."""
        self._sha = sha = hashlib.sha256()
        offset, pending = 0, []
        with jsonl.opened(self._path) as file:
            for number, line in enumerate(file, 1):
                pending.append(line)
                if len(pending) == HASHED_LINES:
                    sha.update(b"".join(pending))
                    pending.clear()
                start, offset = offset, offset + len(line)
                if number == 1 and line.startswith(jsonl.BOM):
                    start, line = start + len(jsonl.BOM), line[len(jsonl.BOM) :]
                if not line.isspace():
                    yield number, start, line
        sha.update(b"".join(pending))

    def _sample(self, number: int, line: bytes) -> Sample:
        try:
            return self._decode.decode(line)
        except (ValueError, RecursionError):
            return _refused(self._decode, line, self.name, number)

    def _identity(self, number: int, line: bytes) -> str:
        return jsonl.decode_line(_IDENTITY, line, self.name, number).id

    def _indexed(self, first: Entry) -> _Index:
        index = _Index(self._path)
        index.add(self._identity(first[0], first[2]), first)
        for entry in self._entries:
            index.add(self._identity(entry[0], entry[2]), entry)
        return index.ready()


class _Index:
    """Finds lines of a file by id: sorted hashes, read by offset; packed files are spooled unpacked."""

    def __init__(self, path: str | Path) -> None:
        self.hashes = array("q")
        self._offsets, self._sizes, self._numbers = array("q"), array("q"), array("q")
        packed = str(path).endswith(".gz")
        self._spool: IO[bytes] | None = tempfile.TemporaryFile() if packed else None  # noqa: SIM115
        self._file: IO[bytes] = self._spool or open(path, "rb")  # noqa: SIM115
        self._end = 0

    def add(self, id: str, entry: Entry) -> None:
        """Note one line."""
        number, offset, line = entry
        if self._spool:
            self._spool.write(line)
            offset, self._end = self._end, self._end + len(line)
        for column, value in zip(self._columns(), (hash(id), offset, len(line), number), strict=True):
            column.append(value)

    def ready(self) -> _Index:
        """Sort by hash; `add` no more after this."""
        import numpy as np

        self._file.flush()
        order = np.argsort(np.asarray(self.hashes, np.int64), kind="stable")
        self.hashes, self._offsets, self._sizes, self._numbers = (
            array("q", np.asarray(column, np.int64)[order].tobytes()) for column in self._columns()
        )
        self._taken = bytearray(len(order))
        return self

    def take(self, id: str) -> tuple[int, bytes] | None:
        """(line number, line) of the record with this id, once."""
        wanted = hash(id)
        place = bisect_left(self.hashes, wanted)
        while place < len(self.hashes) and self.hashes[place] == wanted:
            line = self._line(place)
            if not self._taken[place] and _IDENTITY.decode(line).id == id:
                self._taken[place] = 1
                return self._numbers[place], line
            place += 1
        return None

    def left(self) -> tuple[int, int, str]:
        """How many lines were never taken, and the number and id of the first."""
        count = self._taken.count(0)
        if not count:
            return 0, 0, ""
        first = min((self._numbers[i], i) for i, taken in enumerate(self._taken) if not taken)
        return count, first[0], _IDENTITY.decode(self._line(first[1])).id

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _line(self, place: int) -> bytes:
        return os.pread(self._file.fileno(), self._sizes[place], self._offsets[place])

    def _columns(self) -> tuple[array[int], ...]:
        return self.hashes, self._offsets, self._sizes, self._numbers


def repeated(name: str, place: int, id: str, first: int) -> InputFault:
    """The fault of an id that stands twice."""
    return InputFault(
        f"{id!r} already stands in record {first}", path=name, line=place, field="id", fix="ids are unique"
    )


def _spooled(path: str | Path) -> IO[bytes] | None:
    if str(path) != "-" and (os.path.isfile(path) or os.path.isdir(path) or not os.path.exists(path)):
        return None
    spool = tempfile.NamedTemporaryFile(suffix=".jsonl")  # noqa: SIM115
    with jsonl.opened(path) as file:
        shutil.copyfileobj(file, spool)
    spool.flush()
    return spool


def _refused(decoder: msgspec.json.Decoder[Sample], line: bytes, name: str, number: int) -> Sample:
    """Decode again for the whole message; raw model output gets its own."""
    try:
        return jsonl.decode_line(decoder, line, name, number)
    except InputFault as fault:
        if b'"raw"' in line and "`text`" in fault.what:
            what, fix = "is raw model output, no prediction", "run `pointline decode` on it first"
            raise InputFault(what, path=name, line=number, fix=fix) from None
        raise


_IDENTITY = msgspec.json.Decoder(Identity)
