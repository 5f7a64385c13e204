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
from pointline.shards.distinct import Distinct, moved
from pointline.shards.engines import Engine, cluster, in_processes, in_turn, on_ray
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

    def key(self, line: Line) -> bytes:
        """What makes two lines one, where `Sharding.distinct` is set."""


class Sharding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a stream is cut and run. `shards` and `order` shape the files; `workers`, `engine`, `address` do not.

    `order`: input keeps the input's order through all files; shuffled sorts all rows by a hash of seed and row, so an
    inserted row moves no other (memory: one shard's rows). `form`: how files are written. `distinct`: lines whose key
    (`Work.key`) an earlier line of any shard has are left out.
    """

    shards: int = 16
    form: Form = "jsonl"
    order: Literal["input", "shuffled"] = "input"
    seed: int = 0
    distinct: bool = False
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
    shape = {name: getattr(settings, name) for name in ("shards", "form", "order", "seed", "distinct")}
    manifest = manifests.begin(folder, {**told, **shape}, inputs)
    _take_over(folder, manifest)
    missing = [number for number in range(settings.shards) if number not in manifest.shards]
    manifest.write(folder)
    parts = folder / f".parts-{manifest.job[:16]}"
    job = Job(folder, parts, make, settings, Distinct(parts / "distinct", runs, make) if settings.distinct else None)
    if missing:
        with cluster(settings.address) if settings.engine == "ray" else contextlib.nullcontext():
            if job.distinct is not None:
                job.distinct.find(_engine(settings))
            worked = _shuffled if settings.order == "shuffled" else _kept
            for number, record in worked(job, missing, runs):
                manifest.shards[number] = record
                manifest.write(folder)
                log.info("%s: %d rows", record.name, record.rows)
    shutil.rmtree(parts, ignore_errors=True)
    for left in folder.glob(".rows-*.part"):
        left.unlink(missing_ok=True)
    return manifest


class Job(msgspec.Struct, frozen=True):
    """What every worker is told."""

    folder: Path
    parts: Path
    make: Callable[[], Work]
    settings: Sharding
    distinct: Distinct | None

    def lines(self, number: int, pieces: list[Piece]) -> Iterator[Line]:
        """The lines of a run, without repeats where none are wanted."""
        lines = read(pieces)
        return lines if self.distinct is None else self.distinct.passed(number, lines)

    def repeats(self, number: int) -> int:
        """How many lines of a run were left out as repeats."""
        return len(self.distinct.of(number)) if self.distinct is not None else 0


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
        return on_ray
    if settings.workers == 1:
        return in_turn
    return lambda do, tasks: in_processes(do, tasks, settings.workers)


def _name(number: int, settings: Sharding) -> str:
    return f"rows-{number:05d}-of-{settings.shards:05d}.{settings.form}"


def _kept(job: Job, missing: list[int], runs: list[list[Piece]]) -> Iterator[tuple[int, ShardRecord]]:
    return _engine(job.settings)(partial(_one, job), [(number, runs[number]) for number in missing])


def _one(job: Job, task: tuple[int, list[Piece]]) -> tuple[int, ShardRecord]:
    """Do one shard in the input's order."""
    number, pieces = task
    work = job.make()
    return number, _record(job, number, work(job.lines(number, pieces)), work.summary)


def _record(job: Job, number: int, rows: Iterable[bytes], summary: Callable[[], dict[str, Any]]) -> ShardRecord:
    path = job.folder / _name(number, job.settings)
    count = write_rows(path, rows, job.settings.form)
    return ShardRecord(path.name, count, path.stat().st_size, file_hash(path), summary(), job.repeats(number))


def _shuffled(job: Job, missing: list[int], runs: list[list[Piece]]) -> Iterator[tuple[int, ShardRecord]]:
    """Rows go to the shard that their hash names, then each shard is sorted: two passes over the disk."""
    job.parts.mkdir(exist_ok=True)
    engine = _engine(job.settings)
    left = [(number, pieces) for number, pieces in enumerate(runs) if not (job.parts / f"{number:05d}").is_dir()]
    for _ in engine(partial(_scatter, job), left):
        pass
    yield from engine(partial(_gather, job), missing)


def _scatter(job: Job, task: tuple[int, list[Piece]]) -> int:
    """Write one run's rows to a file for each shard, each row behind its key; moved as a folder when all are out."""
    number, pieces = task
    work = job.make()
    shards = job.settings.shards
    keyed = hashlib.blake2b(f"{job.settings.seed}\0order\0".encode(), digest_size=8)
    with moved(job.parts / f"{number:05d}") as aside, contextlib.ExitStack() as stack:
        files = [stack.enter_context(open(aside / f"{i:05d}", "wb")) for i in range(shards)]
        for row in work(job.lines(number, pieces)):
            digest = keyed.copy()
            digest.update(row)
            key = digest.digest()
            files[(int.from_bytes(key, "big") * shards) >> 64].write(key.hex().encode() + row + b"\n")
        (aside / "summary.json").write_bytes(msgspec.json.encode(work.summary()))
    return number


def _gather(job: Job, number: int) -> tuple[int, ShardRecord]:
    """Sort the rows of one shard by their keys and write them; the work's summary stays with its run's number."""
    rows: list[bytes] = []
    for run_number in range(job.settings.shards):
        rows += read_rows(job.parts / f"{run_number:05d}" / f"{number:05d}", "jsonl")
    rows.sort()
    summary = msgspec.json.decode((job.parts / f"{number:05d}" / "summary.json").read_bytes())
    return number, _record(job, number, (row[16:] for row in rows), lambda: summary)
