"""What is done of a sharded run: rows and hashes, shard by shard, written anew after each."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from pointline.errors import InputFault

NAME = "manifest.json"


class ShardRecord(msgspec.Struct):
    """One finished shard: its file, rows, bytes, SHA-256, what the work said about it, lines left out as repeats."""

    name: str
    rows: int
    bytes: int
    sha256: str
    summary: dict[str, Any] = msgspec.field(default_factory=dict)
    repeats: int = 0


class Manifest(msgspec.Struct):
    """A run: the hash of its inputs and settings, what it was told, and its finished shards by number."""

    job: str
    told: dict[str, Any]
    shards: dict[int, ShardRecord] = msgspec.field(default_factory=dict)

    def rows(self) -> int:
        """How many rows all finished shards have."""
        return sum(record.rows for record in self.shards.values())

    def write(self, folder: Path) -> None:
        """Write the manifest beside its name and move it; shards in the order of their numbers."""
        self.shards = dict(sorted(self.shards.items()))
        aside = folder / f".{NAME}.{os.getpid()}.part"
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n")
        os.replace(aside, folder / NAME)


def begin(folder: Path, told: dict[str, Any], inputs: Sequence[str | Path]) -> Manifest:
    """A manifest for a job, its inputs hashed; the job changes with any of their bytes, not with their folders."""
    hashes = [[Path(path).name, file_hash(Path(path))] for path in inputs]
    told = {**told, "inputs": hashes}
    return Manifest(hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest(), told)


def earlier(folder: Path) -> Manifest | None:
    """The manifest that an earlier run left, or None where there is none that can be read."""
    try:
        return msgspec.json.decode((folder / NAME).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None


def holds(folder: Path, record: ShardRecord) -> bool:
    """True where the shard's file is there, byte for byte as recorded."""
    path = folder / record.name
    return path.is_file() and path.stat().st_size == record.bytes and file_hash(path) == record.sha256


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes; raises InputFault where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputFault(error.strerror or "cannot be read", path=path, fix="check the path") from None
