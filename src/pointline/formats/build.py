"""Pairs from samples: what a model is trained on, or tested with; what a format refuses is counted, and on it goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pointline.formats.ask import Ask, Codec
from pointline.formats.iepile_writing import label
from pointline.formats.problems import CannotHold
from pointline.formats.table import codec
from pointline.sample import Pair, Sample

Mode: TypeAlias = Literal["train", "test"]
Row: TypeAlias = Pair | dict[str, str]


@dataclass(frozen=True)
class Shape:
    """How rows are written. `keep_id` adds `id` to IEPile's train rows; `published` omits what its test files lack."""

    mode: Mode = "train"
    keep_id: bool = False
    published: bool = False


@dataclass
class Build:
    """Writes samples as rows of one format, counting what happens.

    `refused`: samples left out, by reason. `unheld`: test samples whose prompt is written and whose answer the format
    cannot hold (a test set loses none). `left_out`: samples of a level that the format has not. `first`: an example
    of each reason.

    >>> from pointline.schema import Schema
    >>> build = Build("oiellm", Ask(Schema().label("topic", ["a,b", "c"])))
    >>> [row.completion for row in build([Sample("1", "x", labels=["c"]), Sample("2", "y", labels=["a,b"])])]
    ['c']
    >>> dict(build.refused), build.rows
    ({'comma_in_label': 1}, 1)
    """

    format: str
    ask: Ask
    shape: Shape = Shape()
    samples: int = 0
    rows: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unheld: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def __call__(self, samples: Iterable[Sample]) -> Iterator[Row]:
        """Stream the rows of a stream of samples, memory flat; raises Refusal for an unknown format."""
        chosen = codec(self.format, self.ask)
        labelled = "labels" in self.ask.levels() and self.format == "iepile"
        for sample in samples:
            try:
                pairs = chosen.encode(sample) if self.shape.mode == "train" else self._tests(chosen, sample)
            except CannotHold as refusal:
                self._count(self.refused, refusal, sample)
                continue
            self.samples += 1
            if labelled and sample.labels:
                self.left_out["labels"] += 1
            for pair in pairs:
                self.rows += 1
                yield self._published(pair, sample) if self.format == "iepile" else pair

    def _tests(self, chosen: Codec, sample: Sample) -> list[Pair]:
        """The prompts of a test sample, with the answers where the format holds them."""
        pairs = chosen.prompts(sample)
        if self.format == "iepile":
            return pairs
        try:
            return chosen.encode(sample)
        except CannotHold as refusal:
            self._count(self.unheld, refusal, sample)
            return pairs

    def _count(self, counter: Counter[str], refusal: CannotHold, sample: Sample) -> None:
        counter[refusal.reason] += 1
        self.first.setdefault(refusal.reason, f"{sample.id}: {refusal.detail}")

    def _published(self, pair: Pair, sample: Sample) -> dict[str, str]:
        """A row with IEPile's own fields; its published KG test file is the one that names task and source."""
        fields = {"task": pair.task, "source": pair.source, "instruction": pair.prompt}
        if self.shape.mode == "train":
            return {**({"id": pair.id} if self.shape.keep_id else {}), **fields, "output": pair.completion}
        answer = label(pair.task, sample)
        if self.shape.published and pair.task != "KG":
            return {"id": pair.id, "instruction": pair.prompt, "label": answer}
        return {"id": pair.id, **fields, "label": answer}
