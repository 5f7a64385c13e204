"""The next batch, labelled by a model: a queue for people, least sure first, and apart from it what is sure."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Literal

import msgspec
from msgspec.structs import replace

from pointline import jsonl
from pointline.annotate.doubts import Evidence, drawn
from pointline.annotate.roles import from_entities, named
from pointline.annotate.weighing import Weighed, Weighing, kinds, weigh
from pointline.errors import InputFault, SettingsFault
from pointline.models.extractor import Extractor
from pointline.models.predicting import predict
from pointline.resume import exclusive
from pointline.sample import Sample
from pointline.schema import Schema

POOL, ANSWERS, QUEUE, SURE, LATER, REPORT = (
    "pool.jsonl",
    "answers.jsonl",
    "queue.jsonl",
    "sure.jsonl",
    "later.jsonl",
    "report.json",
)


class BatchSettings(Weighing, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which samples are looked at next; see `Weighing` for when one is in doubt."""

    order: Literal["uncertain", "random", "file"] = "uncertain"
    """`uncertain`: the least sure first; `random`: drawn by the seed; `file`: as they come."""
    size: int | None = None
    """Samples of the queue; None: all that are in doubt (uncertain), or simply all."""
    labels: Literal["given", "model"] = "given"
    """Whose text label stands where a sample came with one."""
    batch_size: int = 64
    """Texts that the model reads at once."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.size is not None and self.size < 1) or self.batch_size < 1:
            raise SettingsFault("size and batch_size must be at least 1")


class BatchReport(msgspec.Struct, frozen=True):
    """What came of a batch. `done`: samples of the pool that were left out as labelled already."""

    model: str
    pool: int
    done: int
    queued: int
    sure: int
    later: int
    doubts: dict[str, int]
    mean_chance: float


class _Placed(msgspec.Struct, frozen=True):
    """Where a labelled sample lies in the scratch file, and what its place in the queue depends on."""

    at: int
    draw: bytes
    chance: float
    doubtful: bool


def label(
    model: Extractor,
    data: str | Path,
    out: str | Path,
    chosen: BatchSettings = BatchSettings(),  # noqa: B008
    *,
    done: tuple[str, ...] = (),
    schema: Schema | None = None,
    tick: Callable[[int], None] | None = None,
) -> BatchReport:
    """Label the samples of `data` that are in no file of `done`, and write the folder `out`.

    `queue.jsonl`: those to look at, in order, `meta.annotate` with the chance that all is right and the doubts.
    `sure.jsonl`: those without a doubt; `later.jsonl`: those in doubt for which `size` left no room. `answers.jsonl`:
    what the model said. A killed run goes on where it stopped. A model of role entities (see `roles`) answers with
    relations and events; where `meta.task` is `re` or `ee`, with that level alone. The samples of `done` are evidence
    for which types go with which label. Memory holds a few numbers a sample.
    Raises InputFault for a faulty file or where nothing is left to label; Refusal for a schema that the model has not.
    """
    folder = Path(out)
    if str(data) == "-":
        raise InputFault("is read several times", path="stdin", fix="write it into a file first")
    with exclusive(folder):
        known, evidence = _evidence(done)
        left_out = _pool(data, folder / POOL, known)
        predict(model, folder / POOL, folder / ANSWERS, schema=schema, batch_size=chosen.batch_size, tick=tick)
        roles = named(_types(model))
        for answer, draft in _answered(folder, roles):
            for name in (draft.labels or answer.labels or [])[:1]:
                evidence.add(name, kinds(answer))
        with tempfile.TemporaryFile() as scratch:
            count: Counter[str] = Counter()
            placed: list[_Placed] = []
            for answer, draft in _answered(folder, roles):
                weighed = weigh(answer, draft, evidence, chosen)
                merged = _merged(answer, draft, weighed, (chosen, model.fingerprint))
                count.update(list(merged.meta["annotate"]["doubts"]))
                placed.append(_put(scratch, merged, weighed.chance, chosen))
            sizes = _write(folder, scratch, placed, chosen)
        mean = sum(one.chance for one in placed) / max(1, len(placed))
        doubts = dict(sorted(count.items(), key=lambda item: (-item[1], item[0])))
        report = BatchReport(model.fingerprint, len(placed), left_out, *sizes, doubts, round(mean, 4))
        with jsonl.writing(folder / REPORT) as file:
            file.write(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
        (folder / POOL).unlink()
    return report


def _types(model: Extractor) -> tuple[str, ...] | None:
    known = model.known()
    return None if known is None else known.names("entities")


def _evidence(done: tuple[str, ...]) -> tuple[set[str], Evidence]:
    """The ids that are labelled already, and which types go with which label in them."""
    known: set[str] = set()
    evidence = Evidence()
    for path in done:
        for sample in jsonl.read(path):
            known.add(sample.id)
            if sample.labels:
                evidence.add(sample.labels[0], kinds(sample))
    return known, evidence


def _pool(data: str | Path, path: Path, known: set[str]) -> int:
    """Write what is to be labelled; returns how many were left out."""
    left_out = 0

    def rest() -> Iterator[Sample]:
        nonlocal left_out
        for sample in jsonl.read(data):
            if sample.id in known:
                left_out += 1
            else:
                yield sample

    if not jsonl.write(path, rest()):
        path.unlink()
        raise InputFault("holds no sample that is not labelled already", path=data, fix="give more samples")
    return left_out


def _answered(folder: Path, roles: bool) -> Iterator[tuple[Sample, Sample]]:
    """Every sample as the model has it, and as it came."""
    for answer, draft in zip(jsonl.read(folder / ANSWERS), jsonl.read(folder / POOL), strict=True):
        yield (from_entities(answer, draft.meta.get("task")) if roles else answer), draft


def _merged(answer: Sample, draft: Sample, weighed: Weighed, told: tuple[BatchSettings, str]) -> Sample:
    """The answer under the sample's own id, source and meta; the given text label stands where that is wanted."""
    chosen, model = told
    held = draft.meta.get("annotate")
    doubts = dict(weighed.doubts)
    if not doubts and drawn(draft.id, chosen.seed, chosen.check):
        doubts["check"] = f"drawn, {chosen.check:g} of those without a doubt"
    said = {"model": model[:12], "chance": weighed.chance, "doubts": doubts}
    merged = replace(
        answer,
        lang=draft.lang,
        source=draft.source,
        split=draft.split,
        meta={**draft.meta, "annotate": {**(held if isinstance(held, dict) else {}), **said}},
    )
    if draft.labels is not None and (chosen.labels == "given" or answer.labels is None):
        merged.labels = draft.labels
    for level in ("entities", "relations", "events"):
        # What the model was not asked for stays as it came.
        if getattr(answer, level) is None:
            setattr(merged, level, getattr(draft, level))
    return merged


def _put(scratch: IO[bytes], sample: Sample, chance: float, chosen: BatchSettings) -> _Placed:
    at = scratch.tell()
    scratch.write(msgspec.json.encode(sample) + b"\n")
    told = f"{chosen.seed}\0order\0{sample.id}".encode("utf-8", "surrogatepass")
    return _Placed(at, hashlib.sha256(told).digest()[:8], chance, bool(sample.meta["annotate"]["doubts"]))


def _write(folder: Path, scratch: IO[bytes], placed: list[_Placed], chosen: BatchSettings) -> tuple[int, int, int]:
    """Write queue, sure and later; returns their sizes."""
    ranked = placed
    if chosen.order == "random":
        ranked = sorted(placed, key=lambda one: (one.draw, one.at))
    elif chosen.order == "uncertain":
        ranked = sorted(placed, key=lambda one: (not one.doubtful, one.chance, one.draw, one.at))
    room = sum(one.doubtful for one in placed) if chosen.order == "uncertain" else len(placed)
    queue = ranked[: room if chosen.size is None else chosen.size]
    taken = {one.at for one in queue}
    rest = [one for one in placed if one.at not in taken]
    parts = (queue, [one for one in rest if not one.doubtful], [one for one in rest if one.doubtful])
    with contextlib.ExitStack() as stack:
        for name, rows in zip((QUEUE, SURE, LATER), parts, strict=True):
            file = stack.enter_context(jsonl.writing(folder / name))
            for one in rows:
                scratch.seek(one.at)
                file.write(scratch.readline())
    return len(parts[0]), len(parts[1]), len(parts[2])
