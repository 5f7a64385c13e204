"""A corpus of instructions from sample files: shard by shard, the same bytes however it is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from pointline import jsonl, shards
from pointline.errors import InputFault, PointlineError
from pointline.instruct.batches import Batching
from pointline.instruct.hard_negatives import HardNegatives
from pointline.instruct.labels import Task
from pointline.instruct.mixture import Taking
from pointline.instruct.pairs import Building, Instructions, Tally
from pointline.instruct.record import InstructionRecord
from pointline.sample import Sample
from pointline.schema import Schema


class Corpus(msgspec.Struct, frozen=True):
    """What is asked of one corpus, and how often each of its samples is taken."""

    name: str
    schema: Schema
    task: Task
    negatives: HardNegatives | None = None
    batching: Batching = Batching()
    building: Building = Building()
    rate: float = 1.0
    domain: str | None = None


def build_corpus(
    inputs: Sequence[str | Path], out: str | Path, corpus: Corpus, sharding: shards.Sharding
) -> InstructionRecord:
    """Build the instructions of sample files into shards under `out`, and return their data record.

    A finished shard of an earlier run of the same corpus is kept. Raises PointlineError with file and line.
    """
    labels = Instructions(corpus.schema, corpus.task).labels
    told = {"corpus": msgspec.to_builtins(corpus)}
    manifest = shards.run(inputs, out, partial(Build, corpus), sharding, told)
    tally = Tally()
    for record in manifest.shards.values():
        tally.add(msgspec.convert(record.summary, Tally, strict=False))
    size = corpus.batching.size(corpus.task)
    return InstructionRecord.of(corpus.name, corpus.task, labels, size, tally, corpus.domain)


class Build:
    """The work on one shard: sample lines in, instruction lines out."""

    def __init__(self, corpus: Corpus) -> None:
        self._make = Instructions(
            corpus.schema,
            corpus.task,
            negatives=corpus.negatives,
            batching=corpus.batching,
            building=corpus.building,
        )
        self._taking = Taking(corpus.rate, corpus.batching.seed) if corpus.rate != 1 else None

    def __call__(self, lines: Iterable[shards.Line]) -> Iterator[bytes]:
        """Stream the rows; raises InputFault with file and line."""
        decoder, make = msgspec.json.Decoder(Sample), self._make.lines
        for line in lines:
            try:
                sample = decoder.decode(line.data)
                rows = make(sample) if self._taking is None else self._taken(sample)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, PointlineError) as error:
                raise _fault(line, error) from None
            for row in rows:
                yield row.encode()

    def summary(self) -> dict[str, Any]:
        """What was counted, as JSON values."""
        told: dict[str, Any] = msgspec.to_builtins(self._make.tally, str_keys=True)
        return told

    def _taken(self, sample: Sample) -> list[str]:
        """The rows of a sample as often as it is taken, each time with draws of its own."""
        rows: list[str] = []
        for copy in range(self._taking(sample.id) if self._taking else 1):
            rows += self._make.lines(sample, f"{sample.id}\0{copy}" if copy else None)
        return rows


def _fault(line: shards.Line, error: Exception) -> PointlineError:
    number = shards.line_number(line)
    if isinstance(error, PointlineError):
        return InputFault(str(error), path=line.path, line=number)
    try:
        jsonl.decode_line(msgspec.json.Decoder(Sample), line.data, line.path, number)
    except InputFault as fault:
        return fault
    return InputFault("cannot be read", path=line.path, line=number, fix="see the record in the docs")
