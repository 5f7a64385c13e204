"""What a generator is trained on: samples written as pairs, or pairs from a file; dev; their hash."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec

from pointline import jsonl
from pointline.errors import InputFault, Refusal
from pointline.formats.ask import Ask, Codec
from pointline.formats.problems import CannotHold
from pointline.formats.table import codec
from pointline.sample import Pair, Sample
from pointline.schema import Schema
from pointline.train import augment
from pointline.train.draws import keyed
from pointline.train.generator.settings import GeneratorTraining
from pointline.train.split import split_dev

Records: TypeAlias = Iterable[Sample | Pair]


class GeneratorData(NamedTuple):
    """Pairs to learn, dev as samples (answered and scored) and as pairs (their loss), and what may be asked.

    `samples` are train's where it came as samples: their spans may be substituted.
    """

    train: list[Pair]
    dev: list[Sample]
    dev_pairs: list[Pair]
    samples: list[Sample]
    ask: Ask
    digest: str
    skipped: Counter[str]

    def epoch(self, number: int, last: bool, settings: GeneratorTraining) -> list[Pair]:
        """The pairs of one epoch: span texts substituted at the rate set, but for the last epoch."""
        rate = settings.substitution or 0.0
        if not rate or last or not self.samples:
            return self.train
        known = augment.values(self.samples)
        writer = _Writer(codec(settings.format, self.ask))
        pairs: list[Pair] = []
        for sample in self.samples:
            other = sample
            if sample.relations is None and sample.events is None:
                other = augment.substitute(sample, known, rate, keyed(settings.seed, number, sample.id))
            pairs += writer.write([other])[1] or writer.codec.encode(sample)
        return pairs


def gather(
    train: Records, dev: Records | None, settings: GeneratorTraining, schema: Schema | None = None
) -> GeneratorData:
    """Write samples as pairs, as `pointline build` does; pairs are taken as they are.

    Without `dev` a tenth of train is held back by a hash of the ids. Without `schema` it is what the samples show.
    Raises Refusal where nothing is left to learn from, or samples and pairs are mixed.
    """
    kept, held = list(train), list(dev) if dev is not None else []
    if not kept:
        raise Refusal("there is no sample to train on; give a file with at least one JSON line")
    if dev is None:
        kept, held = split_dev(kept)
    samples, pairs = _sorted(kept, "train")
    dev_samples, dev_pairs = _sorted(held, "dev")
    ask = Ask(schema or Schema.of([*samples, *dev_samples]), settings.tasks, lang=settings.lang)
    if settings.format == "usa":
        ask = msgspec.structs.replace(ask, example=next(filter(_whole, samples), None))
    writer = _Writer(codec(settings.format, ask))
    if samples:
        samples, pairs = writer.write(samples)
        if not pairs:
            reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(writer.refused.items()))
            raise Refusal(f"{settings.format}: the format holds no sample of train ({reasons}; first: {writer.first})")
    if dev_samples:
        dev_pairs = _Writer(writer.codec).write(dev_samples)[1]
    digest = hashlib.sha256(msgspec.json.encode((kept, held, ask))).hexdigest()
    return GeneratorData(pairs, dev_samples, dev_pairs, samples, ask, digest, writer.refused)


class _Writer:
    """Writes samples as pairs; counts those that the format refuses, by reason, and keeps the first."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.refused: Counter[str] = Counter()
        self.first = ""

    def write(self, samples: Sequence[Sample]) -> tuple[list[Sample], list[Pair]]:
        """The samples that the format holds, and their pairs."""
        held: list[Sample] = []
        pairs: list[Pair] = []
        for sample in samples:
            try:
                pairs += self.codec.encode(sample)
            except CannotHold as refusal:
                self.refused[refusal.reason] += 1
                self.first = self.first or f"{sample.id}: {refusal.detail}"
            else:
                held.append(sample)
        return held, pairs


def read_records(path: str | Path) -> Iterator[Sample | Pair]:
    """Stream samples, or pairs, from a file: whichever its first line is. IEPile's own rows are pairs too.

    Raises InputFault with file, line and field, and for a file that holds none.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "p.jsonl")
    >>> _ = path.write_text('{"task": "NER", "source": "s", "instruction": "x", "output": "y"}')
    >>> [(pair.id, pair.completion) for pair in read_records(path)]
    [('1', 'y')]
    """
    if str(path) == "-":
        yield from jsonl.read(path)
        return
    first = next(jsonl.lines(path), None)
    if first is None:
        raise InputFault("holds no sample", path=path, fix="give a file with at least one JSON line")
    try:
        fields = msgspec.json.decode(first[1], type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        fields = {}
    if "prompt" in fields:
        decoder = msgspec.json.Decoder(Pair)
        yield from (jsonl.decode_line(decoder, line, path, number) for number, line in jsonl.lines(path))
    elif "instruction" in fields:
        rows = msgspec.json.Decoder(_Published)
        for number, line in jsonl.lines(path):
            row = jsonl.decode_line(rows, line, path, number)
            yield Pair(row.id or str(number), row.task, row.source, row.instruction, row.output)
    else:
        yield from jsonl.read(path)


def pairs_of(
    path: str | Path, settings: GeneratorTraining, schema: Schema | None, refused: Counter[str]
) -> Iterator[Pair]:
    """Stream the pairs of a file, samples written as `gather` writes them; `refused` counts reasons.

    Without `schema` a file of samples is read twice: it is what they show. Raises Refusal where the format holds none.
    """
    if schema is None and str(path) == "-":
        raise Refusal("what may be asked is read off the samples first, which a pipe does not allow; say --schema")
    writer: _Writer | None = None
    count = 0
    for record in read_records(path):
        if isinstance(record, Pair):
            count += 1
            yield record
            continue
        if writer is None:
            writer = _Writer(codec(settings.format, _ask(path, settings, schema)))
        pairs = writer.write([record])[1]
        count += len(pairs)
        yield from pairs
    if writer is not None:
        refused.update(writer.refused)
        if not count:
            reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(refused.items()))
            raise Refusal(f"{settings.format}: the format holds no sample ({reasons}; first: {writer.first})")


def _ask(path: str | Path, settings: GeneratorTraining, schema: Schema | None) -> Ask:
    """What a file of samples is asked; the baseline `usa` shows its first whole sample."""
    ask = Ask(schema or Schema.of(jsonl.read(path)), settings.tasks, lang=settings.lang)
    if settings.format != "usa" or str(path) == "-":
        return ask
    return msgspec.structs.replace(ask, example=next(filter(_whole, jsonl.read(path)), None))


def _whole(sample: Sample) -> bool:
    return bool(sample.labels and (sample.entities or sample.relations or sample.events))


class _Published(msgspec.Struct, forbid_unknown_fields=True):
    """A train row as IEPile publishes it."""

    instruction: str
    output: str
    task: str = ""
    source: str = ""
    id: str | None = None


def _sorted(records: Sequence[Sample | Pair], part: str) -> tuple[list[Sample], list[Pair]]:
    samples = [record for record in records if isinstance(record, Sample)]
    pairs = [record for record in records if isinstance(record, Pair)]
    if samples and pairs:
        raise Refusal(f"{part} mixes samples and pairs; give one kind")
    return samples, pairs
