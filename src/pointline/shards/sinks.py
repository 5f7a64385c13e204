"""Rows of a shard on disk: JSON lines, JSON lines packed with zstd, or Parquet with a column for each field."""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

from pointline.errors import MissingExtra, Refusal

Form: TypeAlias = Literal["jsonl", "jsonl.zst", "parquet"]
GROUP = 2_000
LEVEL = 3


def write_rows(path: Path, rows: Iterable[bytes], form: Form) -> int:
    """Write rows (JSON objects without line ends) beside `path` and move them there; returns how many.

    The same rows give the same bytes. Raises MissingExtra where the form needs a package that is absent.
    """
    writers = {"jsonl": _plain, "jsonl.zst": _packed, "parquet": _parquet}
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with open(aside, "wb") as file:
            count = writers[form](file, rows)
        os.replace(aside, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)
        raise
    return count


def read_rows(path: Path, form: Form) -> Iterator[bytes]:
    """Stream the rows of a file that `write_rows` wrote (of Parquet: the same objects, written compactly)."""
    if form == "jsonl":
        with open(path, "rb") as file:
            yield from (line.rstrip(b"\n") for line in file)
    elif form == "jsonl.zst":
        with open(path, "rb") as file, _zstandard().ZstdDecompressor().stream_reader(file) as unpacked:
            yield from _split(unpacked)
    else:
        for group in _pyarrow_parquet().ParquetFile(path).iter_batches(GROUP):
            for row in group.to_pylist():
                yield json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()


def _plain(file: IO[bytes], rows: Iterable[bytes]) -> int:
    count = 0
    for block in _blocks(rows):
        file.write(b"\n".join(block) + b"\n")
        count += len(block)
    return count


def _packed(file: IO[bytes], rows: Iterable[bytes]) -> int:
    packer = _zstandard().ZstdCompressor(level=LEVEL, write_checksum=True)
    with packer.stream_writer(file, closefd=False) as packed:
        return _plain(packed, rows)


def _parquet(file: IO[bytes], rows: Iterable[bytes]) -> int:
    parquet, arrow = _pyarrow_parquet(), _pyarrow()
    count, writer = 0, None
    try:
        for block in _blocks(rows):
            objects = [json.loads(row) for row in block]
            if writer is None:
                schema = arrow.schema([(name, arrow.string()) for name in objects[0]])
                writer = parquet.ParquetWriter(file, schema, compression="zstd", store_schema=False)
            if any(set(row) != set(schema.names) for row in objects):
                raise Refusal("rows of one Parquet file must have the same fields; write jsonl instead")
            columns = [[_string(row[name]) for row in objects] for name in schema.names]
            writer.write_table(arrow.table(columns, schema=schema))
            count += len(block)
        if writer is None:
            writer = parquet.ParquetWriter(file, arrow.schema([]))
    finally:
        if writer is not None:
            writer.close()
    return count


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) or value is None else json.dumps(value, ensure_ascii=False)


def _blocks(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    block: list[bytes] = []
    for row in rows:
        block.append(row)
        if len(block) == GROUP:
            yield block
            block = []
    if block:
        yield block


def _split(file: Any) -> Iterator[bytes]:
    rest = b""
    while data := file.read(1 << 20):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError:
        raise MissingExtra("scale", "zstandard") from None
    return zstandard


def _pyarrow() -> Any:
    try:
        import pyarrow
    except ImportError:
        raise MissingExtra("scale", "pyarrow") from None
    return pyarrow


def _pyarrow_parquet() -> Any:
    _pyarrow()
    import pyarrow.parquet

    return pyarrow.parquet
