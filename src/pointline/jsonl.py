"""Records in and out: streaming JSON lines, faults with file and line, output written aside and moved."""

from __future__ import annotations

import contextlib
import functools
import gzip
import logging
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from pointline.disk import room_for
from pointline.errors import InputFault
from pointline.sample import Sample, faults, span_key

log = logging.getLogger("pointline")

BOM = b"\xef\xbb\xbf"
LONGEST_LINE = 1 << 28
"""Bytes; nobody writes such a sample, and what holds none would fill the memory."""
T = TypeVar("T")


def read(path: str | Path, *, check: bool = True) -> Iterator[Sample]:
    """Stream the samples of a JSON-lines file (`.gz` too; `-` is stdin), memory flat.

    With `check` every sample is held to the record: offsets must match, ids must be there.
    Raises InputFault, which names file, line and field, at the first fault.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.jsonl")
    >>> write(path, [Sample("1", "日本語 😀", labels=[])])
    1
    >>> [s.text for s in read(path)]
    ['日本語 😀']
    """
    for number, sample in read_numbered(path):
        if sample.entities:
            sample.entities.sort(key=span_key)
        if check:
            for field, what in faults(sample):
                raise InputFault(what, path=path, line=number, field=field, fix="`pointline check` lists every fault")
        yield sample


def read_numbered(path: str | Path) -> Iterator[tuple[int, Sample]]:
    """Stream (line number, sample), form checked and content not."""
    decoder = msgspec.json.Decoder(Sample)
    for number, line in lines(path):
        yield number, decode_line(decoder, line, path, number)


def decode_line(decoder: msgspec.json.Decoder[T], line: bytes, path: str | Path, number: int) -> T:
    """Decode one line or raise InputFault with file, line and field."""
    try:
        return decoder.decode(line)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `$")
        field = at.rstrip("`").lstrip(".") or None
        fix = "put fields of your own under `meta`" if "unknown field" in what else "see the record in the docs"
        raise InputFault(what, path=path, line=number, field=field, fix=fix) from None
    except UnicodeDecodeError:
        fix = "save it as UTF-8 (for example with iconv)"
        raise InputFault("is not UTF-8", path=path, line=number, fix=fix) from None
    except msgspec.DecodeError as error:
        raise InputFault(_json_fault(line, error), path=path, line=number, fix="one JSON object a line") from None
    except RecursionError:
        raise InputFault("is nested too deeply", path=path, line=number, fix="one JSON object a line") from None


def _json_fault(line: bytes, error: Exception) -> str:
    if b"\\ud" in line.lower():
        return "holds a lone surrogate (half of a character) or is cut off"
    return "is UTF-16, not UTF-8" if line[:2] in (b"\xff\xfe", b"\xfe\xff") else f"is not JSON ({error})"


def lines(path: str | Path) -> Iterator[tuple[int, bytes]]:
    """Stream (line number from 1, line without its end), blank lines left out, a BOM dropped and reported."""
    with opened(path) as file:
        for number, line in enumerate(iter(functools.partial(file.readline, LONGEST_LINE), b""), 1):
            if len(line) == LONGEST_LINE:
                raise InputFault("a line of more than 256 MiB", path=path, line=number, fix="one JSON object a line")
            if number == 1 and line.startswith(BOM):
                log.warning("%s: a byte order mark was dropped", path)
                line = line[len(BOM) :]
            line = line.rstrip(b"\r\n")
            if line.strip():
                yield number, line


@contextlib.contextmanager
def opened(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file for reading bytes (`.gz` unpacked, `-` is stdin); raises InputFault where it cannot be read."""
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        raw = open(path, "rb")  # noqa: SIM115 - closed below
    except OSError as error:
        fix = "name a file" if isinstance(error, IsADirectoryError) else "check the path"
        raise InputFault(error.strerror or "cannot be read", path=path, fix=fix) from None
    with raw:
        if not str(path).endswith(".gz"):
            yield raw
            return
        try:
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield unpacked  # type: ignore[misc]
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise InputFault("is not whole gzip data", path=path, fix="fetch or pack it again") from None


def write(path: str | Path, records: Iterable[Any]) -> int:
    """Write records as JSON lines, aside and then moved; returns how many. A killed run leaves no half file."""
    count = 0
    with writing(path) as file:
        encode = msgspec.json.Encoder().encode
        for record in records:
            try:
                file.write(encode(record) + b"\n")
            except UnicodeEncodeError:
                name = getattr(record, "id", count)
                raise InputFault(f"record {name!r} holds a lone surrogate", fix="mend its text") from None
            count += 1
    return count


@contextlib.contextmanager
def writing(path: str | Path) -> Iterator[IO[bytes]]:
    """Open `path` for bytes: written beside its final name and moved when all went well (`-` is stdout).

    Raises InputFault where the folder cannot be written or the disk is full.
    """
    if str(path) == "-":
        with room_for(path):
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        return
    with room_for(path), _aside(path) as file:
        yield file


@contextlib.contextmanager
def _aside(path: str | Path) -> Iterator[IO[bytes]]:
    final = Path(path)
    if final.is_dir():
        raise InputFault("is a folder", path=path, fix="name a file")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(prefix=f".{final.name}.", suffix=".part", dir=final.parent)
    except OSError as error:
        raise InputFault(error.strerror or "cannot be written", path=path, fix="choose another --out") from None
    try:
        with gzip_or_plain(os.fdopen(handle, "wb"), final) as file:
            yield file
        os.chmod(aside, 0o666 & ~_umask())
        os.replace(aside, final)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)
        raise


@contextlib.contextmanager
def writing_folder(path: str | Path) -> Iterator[Path]:
    """A new folder to fill, beside its final name and moved there when all went well.

    Raises InputFault where the final name is taken by a file or by a folder that holds something, or the disk is full.
    """
    final = Path(path)
    try:
        if final.exists() and (not final.is_dir() or any(final.iterdir())):
            raise InputFault("is there already", path=path, fix="choose another --out or remove it")
        final.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{final.name}.", suffix=".part", dir=final.parent))
    except OSError as error:
        raise InputFault(error.strerror or "cannot be written", path=path, fix="choose another --out") from None
    try:
        with room_for(path):
            yield aside
        aside.chmod(0o777 & ~_umask())
        os.replace(aside, final)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


@contextlib.contextmanager
def gzip_or_plain(file: IO[bytes], name: Path) -> Iterator[IO[bytes]]:
    """Pack what is written when the final name ends in `.gz` (no time stamp: same bytes each time)."""
    with file:
        if name.suffix != ".gz":
            yield file
            return
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
            yield packed  # type: ignore[misc]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
