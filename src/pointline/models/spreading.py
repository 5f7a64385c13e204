"""Predictions over a file by several processes or on a Ray cluster: a fixed number of shards, joined in order."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from pointline import jsonl, resume
from pointline.errors import InputFault
from pointline.models.extractor import Extractor
from pointline.models.opening import Opening
from pointline.models.predicting import predictions
from pointline.sample import Sample
from pointline.schema import Schema
from pointline.shards import Line, Sharding, line_number, run


class Predicting:
    """Predicts the lines of one shard."""

    def __init__(self, opening: Opening, schema: Schema | None, batch_size: int) -> None:
        self._opening, self._schema, self._batch = opening, schema, batch_size
        self._count = 0

    def __call__(self, lines: Iterable[Line]) -> Iterator[bytes]:
        """Stream the predictions as JSON."""
        model: Extractor = _opened(self._opening)
        encode = msgspec.json.Encoder().encode
        for answers in predictions(model, map(_sample, lines), self._schema, self._batch):
            self._count += len(answers)
            yield from map(encode, answers)

    def summary(self) -> dict[str, Any]:
        """How many samples there were."""
        return {"samples": self._count}

    def key(self, line: Line) -> bytes:
        """The line itself."""
        return line.data


def predict_in_shards(
    opening: Opening, source: str | Path, out: str | Path, sharding: Sharding, *,
    schema: Schema | None = None, batch_size: int = 64,
) -> int:  # fmt: skip
    """Predict `source` into `out`, shard by shard; returns how many.

    The bytes depend on the number of shards (batches do not reach over them), not on workers or engine. A killed run
    keeps its finished shards, in `.NAME.shards` beside `out`. Raises InputFault, or the fault of a worker.
    """
    if "-" in (str(source), str(out)):
        raise InputFault("shards are cut from a file and written to one", path="-", fix="name files")
    final = Path(out)
    folder = final.with_name(f".{final.name}.shards")
    told = {"model": opening().fingerprint, "schema": msgspec.to_builtins(schema), "batch_size": batch_size}
    with resume.exclusive(folder):
        made = run([source], folder, partial(Predicting, opening, schema, batch_size), sharding, told)
        count = sum(record.rows for record in made.shards.values())
        if not count:
            raise InputFault("holds no sample", path=source, fix="give a file with at least one JSON line")
        with jsonl.writing(out) as file:
            for number in sorted(made.shards):
                with open(folder / made.shards[number].name, "rb") as rows:
                    shutil.copyfileobj(rows, file)
    shutil.rmtree(folder, ignore_errors=True)
    return count


_models: dict[bytes, Extractor] = {}


def _opened(opening: Opening) -> Extractor:
    """The model, opened once a process."""
    key = msgspec.json.encode(opening)
    if key not in _models:
        _models.clear()
        _models[key] = opening()
    return _models[key]


_decoder = msgspec.json.Decoder(Sample)


def _sample(line: Line) -> Sample:
    try:
        return _decoder.decode(line.data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return jsonl.decode_line(_decoder, line.data, line.path, line_number(line))
