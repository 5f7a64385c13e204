"""Samples to instructions: batches, wording and strings come together, one row an instruction."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Literal

import msgspec

from pointline.errors import Refusal, SettingsFault
from pointline.formats.iepile_writing import label as gold_label
from pointline.formats.problems import CannotHold
from pointline.formats.words import language
from pointline.instruct.batches import Batcher, Batching
from pointline.instruct.draws import Draws
from pointline.instruct.hard_negatives import HardNegatives
from pointline.instruct.labels import LEVEL_OF, Task
from pointline.instruct.law import Law
from pointline.instruct.swift import Swift
from pointline.instruct.wordings import LANGUAGES, wordings
from pointline.instruct.writing import Writer, quote
from pointline.sample import Pair, Sample
from pointline.schema import Schema


class Building(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How instructions are written.

    `lang`: language of the instruction, None = the sample's, else by its script. `wording`: the published one, or one
    of several drawn for each instruction. `describe`: label descriptions beside the names. `guidelines`: text set
    behind the instruction. `keep_id`: train rows keep the sample's id. `fields`: published = test rows as IEPile
    publishes them.
    """

    lang: str | None = None
    wording: Literal["published", "varied"] = "published"
    describe: bool = False
    guidelines: str = ""
    keep_id: bool = False
    fields: Literal["ours", "published"] = "ours"

    def __post_init__(self) -> None:
        if self.lang is not None and self.lang.split("-")[0].lower() not in LANGUAGES:
            raise SettingsFault(f"lang={self.lang!r}: instructions are in {', '.join(LANGUAGES)}")


NO_SPLIT = "-"
"""Stands for the split of a sample that names none."""


class Tally(msgspec.Struct):
    """What was built: samples, instructions, and how many asked for how many labels.

    `left_out`: samples that do not bear the level. `refused`: samples that the format cannot hold, by reason.
    """

    samples: int = 0
    instructions: int = 0
    sizes: dict[int, int] = msgspec.field(default_factory=dict)
    splits: dict[str, int] = msgspec.field(default_factory=dict)
    left_out: int = 0
    refused: dict[str, int] = msgspec.field(default_factory=dict)
    first: dict[str, str] = msgspec.field(default_factory=dict)

    def refuse(self, refusal: CannotHold, sample: Sample) -> None:
        """Count a sample that is not held; the first of each reason is named."""
        self.refused[refusal.reason] = self.refused.get(refusal.reason, 0) + 1
        self.first.setdefault(refusal.reason, f"{sample.id}: {refusal.detail}")

    def count(self, split: str | None, sizes: Sequence[int], times: int = 1) -> None:
        """Count samples of a split in that were each asked in batches of these sizes."""
        self.samples += times
        self.splits[split or NO_SPLIT] = self.splits.get(split or NO_SPLIT, 0) + times
        self.instructions += times * len(sizes)
        for size in sizes:
            self.sizes[size] = self.sizes.get(size, 0) + times

    def add(self, other: Tally) -> None:
        """Count another part of the same corpus in."""
        self.samples += other.samples
        self.instructions += other.instructions
        self.left_out += other.left_out
        for size, count in other.sizes.items():
            self.sizes[size] = self.sizes.get(size, 0) + count
        for split, count in other.splits.items():
            self.splits[split] = self.splits.get(split, 0) + count
        for reason, count in other.refused.items():
            self.refused[reason] = self.refused.get(reason, 0) + count
        self.first = {**other.first, **self.first}


class Instructions:
    """Turns the samples of one schema and task into instructions.

    Training samples without that level are left out, those that the format cannot hold refused; both are counted.

    >>> from pointline.sample import Entity
    >>> build = Instructions(Schema().entities(["PER", "LOC"]), "ner")
    >>> bob = Sample("1", "Bob", lang="en", source="s", entities=[Entity("PER", "Bob", 0, 3)])
    >>> [pair.completion for pair in build.pairs(bob)]
    ['{"PER": ["Bob"], "LOC": []}']
    >>> msgspec.json.decode(build.lines(bob)[0])["output"]
    '{"PER": ["Bob"], "LOC": []}'
    """

    def __init__(
        self,
        schema: Schema,
        task: Task,
        *,
        negatives: HardNegatives | None = None,
        batching: Batching | None = None,
        building: Building | None = None,
    ) -> None:
        self.task, self.batching, self.building = task, batching or Batching(), building or Building()
        self._plain = Writer(schema, task, describe=self.building.describe)
        self._escaped = Writer(schema, task, describe=self.building.describe, escaped=True)
        self.labels = self._plain.labels
        keys = [label.key for label in self.labels]
        if not keys:
            raise Refusal(f"the schema has no label for task {task!r}; there is nothing to ask")
        self._tally = Tally()
        self._name = task.upper()
        self._batches = Batcher(len(keys), negatives.table(keys) if negatives else (), task, self.batching)
        self._draws = Draws(self.batching.seed, f"wording {task}")
        self._openings: dict[tuple[Writer, str], tuple[str, ...]] = {}
        self._level = LEVEL_OF[task]
        self._train = self.batching.mode == "train"
        self._law = Law(schema, task)
        plain = task == "ner" and self._batches.plain and self._law.plain
        self._swift = (
            Swift(self._escaped, self._batches, partial(self._ways, self._escaped), self.building.keep_id)
            if plain
            else None
        )

    @property
    def tally(self) -> Tally:
        """What was built so far."""
        if self._swift is not None:
            for (split, total), count in self._swift.sizes.items():
                self._tally.count(split, self._batches.sizes(total), count)
            self._swift.sizes.clear()
        return self._tally

    def pairs(self, sample: Sample) -> list[Pair]:
        """The instructions of one sample as pairs; all of them carry its id, in the order of the batches.

        Raises Refusal for a label that the schema lacks.
        """
        written = self._written(sample, self._plain, sample.id)
        return [Pair(sample.id, self._name, sample.source or "", prompt, said) for prompt, said in written]

    def lines(self, sample: Sample, key: str | None = None) -> list[str]:
        """The instructions of one sample as lines of JSON with the fields of IEPile's files, without line ends.

        Train: `task, source, instruction, output`; test: `id, task, source, instruction, label`, where `label` holds
        the sample's whole annotation. `key` is what the draws belong to, None = the sample's id.
        Raises Refusal for a label that the schema lacks.
        """
        key = sample.id if key is None else key
        if self._swift is not None and sample.entities is not None:
            rows = self._swift(sample, key)
            if rows is not None:
                return rows
        head = f'"task":"{self._name}","source":{quote(sample.source or "")},"instruction":"'
        if self._train:
            head = f'{{"id":{quote(sample.id)},{head}' if self.building.keep_id else "{" + head
            written = self._written(sample, self._escaped, key)
            return [f'{head}{prompt}","output":"{said}"}}' for prompt, said in written]
        written = self._written(sample, self._escaped, key)
        if self.building.fields == "published" and self.task != "kg":
            head = '"instruction":"'
        head = f'{{"id":{quote(sample.id)},{head}'
        gold = quote(gold_label(self._name, sample))
        return [f'{head}{prompt}","label":{gold}}}' for prompt, _ in written]

    def __call__(self, samples: Iterable[Sample]) -> Iterator[str]:
        """Stream the lines of many samples, memory flat."""
        for sample in samples:
            yield from self.lines(sample)

    def _written(self, sample: Sample, writer: Writer, key: str) -> list[tuple[str, str]]:
        """(prompt, completion) of every batch of a sample."""
        if self._train and getattr(sample, self._level) is None:
            self._tally.left_out += 1
            return []
        try:
            positives, said = writer.annotation(sample)
            if self._train:
                self._law(sample)
        except CannotHold as refusal:
            self._tally.refuse(refusal, sample)
            if self._train:
                return []
            positives, said = (), [""] * len(self.labels)
        batches = self._batches(key, positives) if self.task != "eea" else self._batches.given(positives)
        self._tally.count(sample.split, [len(batch) for batch in batches])
        openings = self._opened(sample, writer, key, len(batches))
        if self.task == "eea":
            strings = writer.given(batches, said, sample, triggers=self._train)
        else:
            strings = writer.written(batches, said, sample)
        closing = writer.closing(sample.text)
        return [(opening + asked + closing, s) for opening, (asked, s) in zip(openings, strings, strict=False)]

    def _opened(self, sample: Sample, writer: Writer, key: str, count: int) -> Iterable[str]:
        """How each of `count` prompts of a sample begins: a wording in its language."""
        openings = self._ways(writer, sample.lang or language(sample.text))
        if len(openings) == 1:
            return itertools.repeat(openings[0])
        return [openings[(word * len(openings)) >> 16] for word in self._draws(key, count)]

    def _ways(self, writer: Writer, lang: str) -> tuple[str, ...]:
        """What prompts may begin with, one for each wording, in the language told or else in `lang`."""
        lang = self.building.lang or lang
        openings = self._openings.get((writer, lang))
        if openings is None:
            known = wordings(self.task, lang if lang.split("-")[0].lower() in LANGUAGES else "en")
            chosen = known if self.building.wording == "varied" else known[:1]
            behind = f" {self.building.guidelines}" if self.building.guidelines else ""
            openings = tuple(writer.opening(quote(way + behind)) for way in chosen)
            self._openings[writer, lang] = openings
        return openings
