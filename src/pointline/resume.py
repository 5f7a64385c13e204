"""Long output that survives a kill: rows gather in a partial file, and the next run goes on where it stopped."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from pointline.disk import room_for
from pointline.errors import InputFault

log = logging.getLogger("pointline")


class Partial:
    """An output being written; `done` rows were there already. `add` writes rows through to the disk."""

    def __init__(self, file: IO[bytes], done: int) -> None:
        self.done = done
        self._file = file
        self._encode = msgspec.json.Encoder().encode

    def add(self, records: list[Any]) -> None:
        """Append records as JSON lines; a kill after this call cannot lose them."""
        self._file.write(b"".join(self._encode(record) + b"\n" for record in records))
        self._file.flush()


@contextlib.contextmanager
def resuming(path: str | Path, job: dict[str, Any], chunk: int = 1) -> Iterator[Partial]:
    """Open the partial file of `path`; moved to `path` when the block ends well.

    `job` says what is being done (hashes of model, input and settings): a partial file of another job is begun
    anew. Rows count in whole chunks of `chunk`, so that a resumed run sees the same batches as an unbroken one.
    Raises InputFault where another run is writing the same output, or the disk is full.
    """
    final = Path(path)
    aside = final.with_name(f".{final.name}.partial")
    kept = "free some space and run again: rows that are done are kept"
    with room_for(path, kept), _locked(aside, path) as file:
        done = _rows_to_keep(file, _job_line(job), chunk, path)
        yield Partial(file, done)
        file.flush()
        os.fsync(file.fileno())
        _strip_job_line(aside, final)


@contextlib.contextmanager
def exclusive(folder: str | Path) -> Iterator[None]:
    """Keep a second run out of a folder that is being written; raises InputFault where one is there.

    >>> import tempfile
    >>> with exclusive(tempfile.mkdtemp()):
    ...     pass
    """
    lock = Path(folder) / ".lock"
    with _locked(lock, folder):
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(aside: Path, told: str | Path) -> Iterator[IO[bytes]]:
    """Open a file beside the output `told`, its folder made, and hold it alone; raises InputFault."""
    try:
        aside.parent.mkdir(parents=True, exist_ok=True)
        file = open(aside, "a+b")  # noqa: SIM115 - closed below
    except OSError as error:
        raise InputFault(error.strerror or "cannot be written", path=told, fix="choose another --out") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputFault("another run is writing it", path=told, fix="wait or choose another --out") from None
        yield file


def _rows_to_keep(file: IO[bytes], job: bytes, chunk: int, path: str | Path) -> int:
    """Keep whole chunks of an earlier run of the same job, cut the rest off; return the rows kept."""
    file.seek(0)
    first = file.readline()
    ends = [file.tell()]
    if first == job:
        for line in file:
            if line.endswith(b"\n"):
                ends.append(ends[-1] + len(line))
    elif first:
        log.warning("%s: a partial file of another run was begun anew", path)
    kept = (len(ends) - 1) // chunk * chunk if first == job else 0
    file.truncate(ends[kept] if first == job else 0)
    file.seek(0, os.SEEK_END)
    if first != job:
        file.write(job)
        file.flush()
    if kept:
        log.warning("%s: going on after %d rows of an interrupted run", path, kept)
    return kept


def _strip_job_line(aside: Path, final: Path) -> None:
    """Copy all but the first line beside the final name and move it there."""
    whole = final.with_name(f".{final.name}.{os.getpid()}.part")
    try:
        with open(aside, "rb") as source, open(whole, "wb") as target:
            source.readline()
            while block := source.read(1 << 20):
                target.write(block)
        os.replace(whole, final)
    except OSError:
        whole.unlink(missing_ok=True)
        raise
    aside.unlink()


def _job_line(job: dict[str, Any]) -> bytes:
    digest = hashlib.sha256(json.dumps(job, sort_keys=True).encode()).hexdigest()
    return f'{{"job":"{digest}"}}\n'.encode()
