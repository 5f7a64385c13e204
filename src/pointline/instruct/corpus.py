"""A corpus of instructions from sample files: shard by shard, the same bytes however it is run."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from pointline import jsonl, shards
from pointline.errors import InputFault, PointlineError
from pointline.formats.ask import Ask
from pointline.formats.problems import CannotHold
from pointline.formats.table import codec
from pointline.instruct.batches import Batching
from pointline.instruct.hard_negatives import HardNegatives
from pointline.instruct.labels import Task, labels_of
from pointline.instruct.mixture import Taking
from pointline.instruct.pairs import Building, Instructions, Tally
from pointline.instruct.record import InstructionRecord
from pointline.sample import Pair, Sample
from pointline.schema import Schema

IEPILE = "iepile"


class Corpus(msgspec.Struct, frozen=True):
    """What is asked of one corpus in which format, and how often each of its samples is taken."""

    name: str
    schema: Schema
    task: Task
    negatives: HardNegatives | None = None
    batching: Batching = Batching()
    building: Building = Building()
    rate: float = 1.0
    domain: str | None = None
    format: str = IEPILE

    @property
    def title(self) -> str:
        """Name and task, by which the parts of a mixture are told apart."""
        return f"{self.name} {self.task}"


def build_corpus(
    inputs: Sequence[str | Path], out: str | Path, corpus: Corpus, sharding: shards.Sharding
) -> InstructionRecord:
    """Build the instructions of sample files into shards under `out`, and return their data record.

    A finished shard of an earlier run of the same corpus is kept. Raises PointlineError with file and line.
    """
    return build_mixture({str(path): [corpus] for path in inputs}, out, sharding)[0]


def build_mixture(
    corpora: Mapping[str, Sequence[Corpus]], out: str | Path, sharding: shards.Sharding
) -> list[InstructionRecord]:
    """Build the instructions of several corpora into the same shards; `corpora` says what is asked of each file.

    Returns a data record for each corpus and task, in the order of the files. Raises as `build_corpus` does.
    """
    asked = {corpus.title: corpus for parts in corpora.values() for corpus in parts}
    digests = {title: hashlib.sha256(msgspec.json.encode(corpus)).hexdigest() for title, corpus in asked.items()}
    by_path = {str(Path(path).resolve()): tuple(parts) for path, parts in corpora.items()}
    told = {"corpora": digests, "files": [[corpus.title for corpus in parts] for parts in corpora.values()]}
    manifest = shards.run(list(corpora), out, partial(Build, by_path), sharding, told)
    tallies = {title: Tally() for title in asked}
    for shard in manifest.shards.values():
        for title, tally in shard.summary.items():
            tallies[title].add(msgspec.convert(tally, Tally, strict=False))
    return [_record(corpus, tallies[title]) for title, corpus in asked.items()]


def _record(corpus: Corpus, tally: Tally) -> InstructionRecord:
    labels = [label for label in labels_of(corpus.schema, corpus.task) if label.key]
    size = corpus.batching.size(corpus.task) if corpus.format == IEPILE else len(labels)
    return InstructionRecord.of(corpus.name, corpus.task, labels, size, tally, corpus.domain)


class Maker(Protocol):
    """What turns samples of one corpus into rows, and counts them."""

    @property
    def tally(self) -> Tally:
        """What was counted."""

    def lines(self, sample: Sample, key: str | None = None) -> list[str]:
        """The rows of one sample as JSON; its draws belong to `key`."""


class Build:
    """The work on one shard: sample lines in, instruction lines out."""

    def __init__(self, corpora: Mapping[str, Sequence[Corpus]]) -> None:
        held: dict[str, Part] = {}
        self._parts = {
            path: [held.setdefault(corpus.title, Part(corpus)) for corpus in parts] for path, parts in corpora.items()
        }
        self._held = held

    def __call__(self, lines: Iterable[shards.Line]) -> Iterator[bytes]:
        """Stream the rows; raises InputFault with file and line."""
        decode = msgspec.json.Decoder(Sample).decode
        for line in lines:
            try:
                sample = decode(line.data)
                for part in self._parts[line.path]:
                    for row in part.lines(sample):
                        yield row.encode()
            except (msgspec.DecodeError, UnicodeError, RecursionError, PointlineError) as error:
                raise _fault(line, error) from None

    def key(self, line: shards.Line) -> bytes:
        """What makes two samples one: what is asked of them, and the text with its blanks levelled."""
        try:
            text = msgspec.json.decode(line.data, type=Text).text
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise _fault(line, error) from None
        tasks = ",".join(part.task for part in self._parts[line.path])
        return f"{tasks}\0{' '.join(text.split())}".encode()

    def summary(self) -> dict[str, Any]:
        """What was counted of each corpus, as JSON values."""
        return {title: msgspec.to_builtins(part.tally, str_keys=True) for title, part in self._held.items()}


class Text(msgspec.Struct):
    """A sample's text alone."""

    text: str


class Part:
    """One corpus at work: its maker, and how often each of its samples is taken."""

    def __init__(self, corpus: Corpus) -> None:
        self.task = corpus.task
        self._make: Maker = OtherFormat(corpus) if corpus.format != IEPILE else _instructions(corpus)
        self._taking = Taking(corpus.rate, corpus.batching.seed) if corpus.rate != 1 else None
        self.lines = self._make.lines if self._taking is None else self._taken

    @property
    def tally(self) -> Tally:
        """What was counted."""
        return self._make.tally

    def _taken(self, sample: Sample) -> list[str]:
        """The rows of a sample as often as it is taken, each time with draws of its own."""
        rows: list[str] = []
        for copy in range(self._taking(sample.id) if self._taking else 1):
            rows += self._make.lines(sample, f"{sample.id}\0{copy}" if copy else None)
        return rows


class OtherFormat:
    """Rows of a format without batches: one question for the whole schema."""

    def __init__(self, corpus: Corpus) -> None:
        self._codec = codec(corpus.format, Ask(corpus.schema, (corpus.task,), lang=corpus.building.lang))
        self._train = corpus.batching.mode == "train"
        self._size = len(labels_of(corpus.schema, corpus.task))
        self.tally = Tally()

    def lines(self, sample: Sample, key: str | None = None) -> list[str]:
        """The rows of one sample; nothing is drawn, so `key` changes nothing."""
        pairs: list[Pair] = []
        try:
            pairs = self._codec.encode(sample)
        except CannotHold as refusal:
            self.tally.refuse(refusal, sample)
            with contextlib.suppress(CannotHold):
                pairs = [] if self._train else self._codec.prompts(sample)
        if pairs:
            self.tally.count(sample.split, [self._size] * len(pairs))
        return [msgspec.json.encode(pair).decode() for pair in pairs]


def _instructions(corpus: Corpus) -> Instructions:
    return Instructions(
        corpus.schema,
        corpus.task,
        negatives=corpus.negatives,
        batching=corpus.batching,
        building=corpus.building,
    )


def _fault(line: shards.Line, error: Exception) -> PointlineError:
    number = shards.line_number(line)
    if isinstance(error, PointlineError):
        return InputFault(str(error), path=line.path, line=number)
    try:
        jsonl.decode_line(msgspec.json.Decoder(Sample), line.data, line.path, number)
    except InputFault as fault:
        return fault
    return InputFault("cannot be read", path=line.path, line=number, fix="see the record in the docs")
