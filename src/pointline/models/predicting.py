"""From a file of samples to a file of predictions: streaming, in fixed chunks, resumable after a kill."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.errors import InputFault
from pointline.models.extractor import Extractor
from pointline.resume import resuming
from pointline.sample import Sample
from pointline.schema import Schema
from pointline.version import __version__

CHUNK = 1024


def predict(
    model: Extractor,
    source: str | Path,
    out: str | Path,
    *,
    schema: Schema | None = None,
    batch_size: int = 64,
    tick: Callable[[int], None] | None = None,
) -> int:
    """Read samples from `source`, write the model's predictions to `out` in the same order; returns how many.

    A killed run goes on where it stopped when the same model, input and settings come again, and ends in the same
    bytes. `tick` is told how many samples were done. Raises InputFault for a file that is faulty or holds no sample.
    """
    if str(source) == "-" or str(out) == "-":
        return _straight(model, source, out, schema=schema, batch_size=batch_size, tick=tick)
    job = {
        "model": model.fingerprint,
        "input": _digest(source),
        "schema": msgspec.to_builtins(schema),
        "batch_size": batch_size,
        "version": __version__,
    }
    with resuming(out, job, CHUNK) as partial:
        count = partial.done
        if tick and count:
            tick(count)
        samples = itertools.islice(jsonl.read(source), count, None)
        for answers in predictions(model, samples, schema, batch_size):
            partial.add(answers)
            count += len(answers)
            if tick:
                tick(len(answers))
        if not count:
            raise InputFault("holds no sample", path=source, fix="give a file with at least one JSON line")
    return count


def _straight(
    model: Extractor,
    source: str | Path,
    out: str | Path,
    *,
    schema: Schema | None,
    batch_size: int,
    tick: Callable[[int], None] | None,
) -> int:
    """Through a pipe there is nothing to resume."""

    def stream() -> Iterator[Sample]:
        for answers in predictions(model, jsonl.read(source), schema, batch_size):
            yield from answers
            if tick:
                tick(len(answers))

    count = jsonl.write(out, stream())
    if not count:
        raise InputFault("holds no sample", path=source, fix="give a file with at least one JSON line")
    return count


def predictions(
    model: Extractor, samples: Iterable[Sample], schema: Schema | None, batch_size: int
) -> Iterator[list[Sample]]:
    """Stream a model's predictions in chunks of CHUNK, so that batches are the same wherever a run goes on."""
    stream = iter(samples)
    while chunk := list(itertools.islice(stream, CHUNK)):
        yield list(model.predict(chunk, schema, batch_size))


def _digest(path: str | Path) -> str:
    with jsonl.opened(path) as file:
        seen = hashlib.sha256()
        while block := file.read(1 << 20):
            seen.update(block)
        return seen.hexdigest()
