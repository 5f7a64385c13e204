"""Raw model outputs to predictions: `{"id", "raw"}` a line, several lines of one id are batches of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec

from pointline import jsonl
from pointline.errors import InputFault
from pointline.formats.problems import Notes
from pointline.sample import Sample, span_key

Read: TypeAlias = Callable[[str, str, str], Sample]
"""(raw, text, id) -> prediction: a codec's `decode`."""
ReadAll: TypeAlias = Callable[[str, str, list[str]], Sample]
"""(id, text, all outputs of it) -> prediction: what joins batches itself."""


class Raw(msgspec.Struct):
    """One output of a model; other fields of the line are not looked at."""

    id: str | int
    raw: str


@dataclass
class Answers:
    """Reads a file of outputs against a file of samples, of which only id and text are used.

    Files in the same order are streamed; outputs in another order are held in memory. Samples without an output get
    no prediction and are counted in `missing`. Several outputs of one id are joined by `read_all` where it is given.
    """

    read: Read
    read_all: ReadAll | None = None
    decoded: int = 0
    damaged: int = 0
    missing: int = 0

    def __call__(self, raw_path: str | Path, gold_path: str | Path) -> Iterator[Sample]:
        """Stream the predictions in the gold file's order.

        Raises InputFault for an id that gold does not have, an id that gold has twice, or a line that is no output.
        """
        samples = jsonl.read(gold_path, check=False)
        if _in_step(raw_path, gold_path):
            yield from self._streamed(samples, raw_path)
        else:
            yield from self._held(samples, raw_path)

    def _streamed(self, samples: Iterable[Sample], raw_path: str | Path) -> Iterator[Sample]:
        groups = _groups(raw_path)
        ahead = next(groups, None)
        for sample in samples:
            if ahead is None or ahead[0] != sample.id:
                self.missing += 1
                continue
            yield self._answer(sample, [raw for _, raw in ahead[1]])
            ahead = next(groups, None)

    def _held(self, samples: Iterable[Sample], raw_path: str | Path) -> Iterator[Sample]:
        held: dict[str, list[tuple[int, str]]] = {}
        for id, lines in _groups(raw_path):
            held.setdefault(id, []).extend(lines)
        done: set[str] = set()
        for sample in samples:
            if sample.id in done:
                raise InputFault(f"gold has the id {sample.id!r} twice", field="id", fix="give each sample its own id")
            done.add(sample.id)
            lines = held.pop(sample.id, [])
            if lines:
                yield self._answer(sample, [raw for _, raw in lines])
            else:
                self.missing += 1
        for id, lines in held.items():
            fix = "decode against the samples that the outputs were made from"
            raise InputFault(f"gold has no id {id!r}", path=raw_path, line=lines[0][0], field="id", fix=fix)

    def _answer(self, sample: Sample, raws: list[str]) -> Sample:
        if self.read_all is not None:
            answer = self.read_all(sample.id, sample.text, raws)
        else:
            answer = join([self.read(raw, sample.text, sample.id) for raw in raws])
        self.decoded += 1
        self.damaged += answer.problems is not None
        return answer


def join(parts: list[Sample]) -> Sample:
    """The batches of one sample as one prediction: labels each once, spans and problems of all.

    >>> join([Sample("1", "ab", labels=["x"], raw="p"), Sample("1", "ab", labels=["x", "y"], raw="q")]).labels
    ['x', 'y']
    """
    if len(parts) == 1:
        return parts[0]
    whole = Sample(parts[0].id, parts[0].text, raw="\n".join(part.raw or "" for part in parts))
    labels = [part.labels for part in parts if part.labels is not None]
    entities = [part.entities for part in parts if part.entities is not None]
    relations = [part.relations for part in parts if part.relations is not None]
    events = [part.events for part in parts if part.events is not None]
    chain = itertools.chain.from_iterable
    whole.labels = list(dict.fromkeys(chain(labels))) if labels else None
    whole.entities = sorted(chain(entities), key=span_key) if entities else None
    whole.relations = list(chain(relations)) if relations else None
    whole.events = list(chain(events)) if events else None
    if said := [span for part in parts for span in part.meta.get("said", ())]:
        whole.meta["said"] = said
    notes = Notes()
    for part in parts:
        notes.add(*(part.problems or ()))
    whole.problems = notes.found()
    return whole


def _groups(path: str | Path) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Neighbouring lines of one id: (id, [(line number, raw)])."""
    decoder = msgspec.json.Decoder(Raw)
    lines = ((number, jsonl.decode_line(decoder, line, path, number)) for number, line in jsonl.lines(path))
    for id, rows in itertools.groupby(lines, key=lambda row: str(row[1].id)):
        yield id, [(number, row.raw) for number, row in rows]


def _in_step(raw_path: str | Path, gold_path: str | Path) -> bool:
    """True where the outputs' ids follow the samples' order, so both files can be streamed side by side."""
    if "-" in (str(raw_path), str(gold_path)):
        return False
    gold = (sample.id for sample in jsonl.read(gold_path, check=False))
    return all(any(id == other for other in gold) for id, _ in _groups(raw_path))
