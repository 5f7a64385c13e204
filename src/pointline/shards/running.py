"""The whole run: cut, work, write, remember; the same bytes whatever the workers, the engine and the interruptions."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from pointline.errors import InputFault, SettingsFault
from pointline.shards import manifest as manifests
from pointline.shards.engines import Engine, in_processes, in_turn, on_ray
from pointline.shards.manifest import Manifest, ShardRecord, file_hash
from pointline.shards.pieces import Line, Piece, cut, read
from pointline.shards.sinks import Form, read_rows, write_rows

log = logging.getLogger("pointline")


class Work(Protocol):
    """What is done with the lines of one shard."""

    def __call__(self, lines: Iterable[Line]) -> Iterator[bytes]:
        """Stream the rows: JSON objects without line ends."""

    def summary(self) -> dict[str, Any]:
        """What is to be remembered of the shard, once all its rows are out."""


class Sharding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a stream is cut and run. `shards` and `order` shape the files; `workers`, `engine`, `address` do not.

    `order`: input keeps the input's order through all files; shuffled sorts all rows by a hash of seed and row, so an
    inserted row moves no other (memory: one shard's rows). `form`: how files are written.
    """

    shards: int = 16
    form: Form = "jsonl"
    order: Literal["input", "shuffled"] = "input"
    seed: int = 0
    workers: int = 1
    engine: Engine = "local"
    address: str | None = None

    def __post_init__(self) -> None:
        if self.shards < 1 or self.workers < 1:
            raise SettingsFault(f"shards={self.shards}, workers={self.workers}: give numbers from 1")


def run(
    inputs: Sequence[str | Path], out: str | Path, make: Callable[[], Work], settings: Sharding, told: dict[str, Any]
) -> Manifest:
    """Run the work over all lines of `inputs` into the folder `out`: `rows-00000-of-00016.jsonl` ... and a manifest.

    `told` says what the work does (settings, schema, dictionary): shards that an earlier run of the same job over the
    same bytes finished are kept, checked by hash. `make` gives each shard a work of its own; it must be picklable
    where there is more than one worker. Raises InputFault or engines.Fault with the first line at fault.
    """
    runs = [[Piece(str(Path(p.path).resolve()), *p[1:]) for p in pieces] for pieces in cut(inputs, settings.shards)]
    folder = Path(out).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputFault(error.strerror or "cannot be written", path=out, fix="choose another --out") from None
    shape = {"shards": settings.shards, "form": settings.form, "order": settings.order, "seed": settings.seed}
    manifest = manifests.begin(folder, {**told, **shape}, inputs)
    _take_over(folder, manifest)
    tasks = [(number, pieces) for number, pieces in enumerate(runs) if number not in manifest.shards]
    manifest.write(folder)
    if settings.order == "shuffled":
        done = _shuffled(folder, manifest, settings, make, runs)
    else:
        done = _engine(settings)(partial(_one, folder, make, settings), tasks)
    for number, record in done:
        manifest.shards[number] = record
        manifest.write(folder)
        log.info("%s: %d rows", record.name, record.rows)
    return manifest


def _take_over(folder: Path, manifest: Manifest) -> None:
    """Keep the sound shards of an earlier run of the same job; files of another job are removed."""
    before = manifests.earlier(folder)
    if before is None:
        return
    if before.job == manifest.job:
        manifest.shards = {n: record for n, record in before.shards.items() if manifests.holds(folder, record)}
        log.warning("%s: going on; %d shards are done", folder, len(manifest.shards))
        return
    log.warning("%s: held the shards of another job; they are built anew", folder)
    for record in before.shards.values():
        with contextlib.suppress(FileNotFoundError):
            (folder / record.name).unlink()


def _engine(settings: Sharding) -> Callable[[Callable[[Any], Any], Sequence[Any]], Iterator[Any]]:
    if settings.engine == "ray":
        return lambda do, tasks: on_ray(do, tasks, settings.address)
    if settings.workers == 1:
        return in_turn
    return lambda do, tasks: in_processes(do, tasks, settings.workers)


def _name(number: int, settings: Sharding) -> str:
    return f"rows-{number:05d}-of-{settings.shards:05d}.{settings.form}"


def _one(
    folder: Path, make: Callable[[], Work], settings: Sharding, task: tuple[int, list[Piece]]
) -> tuple[int, ShardRecord]:
    """Do one shard in the input's order."""
    number, pieces = task
    work = make()
    return number, _record(folder, _name(number, settings), work(read(pieces)), settings, work.summary)


def _record(
    folder: Path, name: str, rows: Iterable[bytes], settings: Sharding, summary: Callable[[], dict[str, Any]]
) -> ShardRecord:
    path = folder / name
    count = write_rows(path, rows, settings.form)
    return ShardRecord(name, count, path.stat().st_size, file_hash(path), summary())


def _shuffled(
    folder: Path, manifest: Manifest, settings: Sharding, make: Callable[[], Work], runs: list[list[Piece]]
) -> Iterator[tuple[int, ShardRecord]]:
    """Rows go to the shard that their hash names, then each shard is sorted: two passes over the disk."""
    missing = [number for number in range(settings.shards) if number not in manifest.shards]
    parts = folder / f".parts-{manifest.job[:16]}"
    if missing:
        parts.mkdir(exist_ok=True)
        engine = _engine(settings)
        left = [(number, pieces) for number, pieces in enumerate(runs) if not (parts / f"{number:05d}").is_dir()]
        for _ in engine(partial(_scatter, parts, make, settings), left):
            pass
        yield from engine(partial(_gather, folder, parts, settings), missing)
        shutil.rmtree(parts)


def _scatter(parts: Path, make: Callable[[], Work], settings: Sharding, task: tuple[int, list[Piece]]) -> int:
    """Write one run's rows to a file for each shard, each row behind its key; moved as a folder when all are out."""
    number, pieces = task
    aside, final = parts / f"{number:05d}.part", parts / f"{number:05d}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    work = make()
    keyed = hashlib.blake2b(f"{settings.seed}\0order\0".encode(), digest_size=8)
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(open(aside / f"{i:05d}", "wb")) for i in range(settings.shards)]
        for row in work(read(pieces)):
            digest = keyed.copy()
            digest.update(row)
            key = digest.digest()
            shard = (int.from_bytes(key, "big") * settings.shards) >> 64
            files[shard].write(key.hex().encode() + row + b"\n")
    (aside / "summary.json").write_bytes(msgspec.json.encode(work.summary()))
    aside.rename(final)
    return number


def _gather(folder: Path, parts: Path, settings: Sharding, number: int) -> tuple[int, ShardRecord]:
    """Sort the rows of one shard by their keys and write them; the work's summary stays with its run's number."""
    rows: list[bytes] = []
    for run_number in range(settings.shards):
        rows += read_rows(parts / f"{run_number:05d}" / f"{number:05d}", "jsonl")
    rows.sort()
    summary = msgspec.json.decode((parts / f"{number:05d}" / "summary.json").read_bytes())
    return number, _record(folder, _name(number, settings), (row[16:] for row in rows), settings, lambda: summary)
