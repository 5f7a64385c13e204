"""The data record: what a corpus holds, counted by split, language and source; records of several corpora add up.

It carries what IEPile's data records carry (paper, Figure 4: domain, schema, instances a split) and what tells a
person whether a corpus can be trusted: how much is annotated, how densely, how evenly.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from pointline.errors import InputFault
from pointline.sample import Sample, spans_of

Counts: TypeAlias = dict[str, int]
NONE = "-"
"""Stands for a split, language or source that a sample does not name."""


class LevelCount(msgspec.Struct):
    """One level of annotation."""

    annotated: int = 0
    """Samples that bear the level, with or without an item."""
    empty: int = 0
    """Of these, samples without an item."""
    items: int = 0
    names: Counts = msgspec.field(default_factory=dict)
    """How often each label, type or role stands."""

    def add(self, names: list[str] | None) -> None:
        """Count one sample's names; None where the level is not annotated."""
        if names is None:
            return
        self.annotated += 1
        self.empty += not names
        self.items += len(names)
        for name in names:
            self.names[name] = self.names.get(name, 0) + 1

    def join(self, other: LevelCount) -> None:
        """Add the counts of another corpus."""
        self.annotated += other.annotated
        self.empty += other.empty
        self.items += other.items
        _join(self.names, other.names)


LEVELS = ("labels", "entities", "relations", "events", "arguments")


class Summary(msgspec.Struct):
    """Counts over some samples."""

    samples: int = 0
    unannotated: int = 0
    """Samples that bear no level at all."""
    unlocated: int = 0
    """Spans without offsets."""
    lengths: dict[int, int] = msgspec.field(default_factory=dict)
    """Characters -> texts of that length."""
    labels: LevelCount = msgspec.field(default_factory=LevelCount)
    entities: LevelCount = msgspec.field(default_factory=LevelCount)
    relations: LevelCount = msgspec.field(default_factory=LevelCount)
    events: LevelCount = msgspec.field(default_factory=LevelCount)
    arguments: LevelCount = msgspec.field(default_factory=LevelCount)

    def add(self, sample: Sample) -> None:
        """Count one sample."""
        events = sample.events
        names = {
            "labels": sample.labels,
            "entities": None if sample.entities is None else [e.type for e in sample.entities],
            "relations": None if sample.relations is None else [r.type for r in sample.relations],
            "events": None if events is None else [e.type for e in events],
            "arguments": None if events is None else [a.role for e in events for a in e.arguments],
        }
        self.samples += 1
        self.unannotated += all(level is None for level in names.values())
        self.unlocated += sum(span.start is None for _, span in spans_of(sample))
        self.lengths[len(sample.text)] = self.lengths.get(len(sample.text), 0) + 1
        for level in LEVELS:
            getattr(self, level).add(names[level])

    def join(self, other: Summary) -> None:
        """Add the counts of another corpus."""
        self.samples += other.samples
        self.unannotated += other.unannotated
        self.unlocated += other.unlocated
        _join(self.lengths, other.lengths)
        for level in LEVELS:
            getattr(self, level).join(getattr(other, level))

    def characters(self, share: float) -> int:
        """The length in characters that `share` of the texts do not exceed; 0 without texts.

        >>> Summary(lengths={3: 1, 9: 1}).characters(0.5), Summary(lengths={3: 1, 9: 1}).characters(1.0)
        (3, 9)
        """
        left = share * sum(self.lengths.values())
        for length in sorted(self.lengths):
            left -= self.lengths[length]
            if left <= 0:
                return length
        return 0

    def density(self, level: str) -> float:
        """Items of a level for every 100 characters of text."""
        characters = sum(length * count for length, count in self.lengths.items())
        items: int = getattr(self, level).items
        return 100 * items / characters if characters else 0.0


class Record(msgspec.Struct):
    """The data record of one corpus or of several.

    >>> from pointline.sample import Entity
    >>> one = Sample("1", "play jazz", "en", ["Play"], [Entity("genre", "jazz", 5, 9)], split="train")
    >>> record = Record.of([one, Sample("2", "hm", "en", split="test")])
    >>> record.total.samples, record.total.unannotated, record.by_split["train"].entities.names
    (2, 1, {'genre': 1})
    """

    total: Summary = msgspec.field(default_factory=Summary)
    by_split: dict[str, Summary] = msgspec.field(default_factory=dict)
    by_lang: dict[str, Summary] = msgspec.field(default_factory=dict)
    by_source: dict[str, Summary] = msgspec.field(default_factory=dict)

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> Record:
        """Count a stream of samples; memory grows with the number of names only."""
        record = cls()
        for sample in samples:
            record.total.add(sample)
            for table, key in (
                (record.by_split, sample.split),
                (record.by_lang, sample.lang),
                (record.by_source, sample.source),
            ):
                table.setdefault(key or NONE, Summary()).add(sample)
        return record

    @classmethod
    def read(cls, path: str | Path) -> Record:
        """Open a record that was saved as JSON; raises InputFault for a file that holds none."""
        try:
            held = msgspec.json.decode(Path(path).read_bytes(), type=dict[str, Any])
            return msgspec.convert({field: held[field] for field in cls.__struct_fields__}, cls, strict=False)
        except (OSError, msgspec.MsgspecError, KeyError, UnicodeDecodeError) as error:
            fix = "give samples as .jsonl, or a record that `pointline stats --out` wrote"
            raise InputFault(f"holds no data record ({error})", path=path, fix=fix) from None

    def join(self, other: Record) -> None:
        """Add the record of another corpus."""
        self.total.join(other.total)
        for mine, theirs in (
            (self.by_split, other.by_split),
            (self.by_lang, other.by_lang),
            (self.by_source, other.by_source),
        ):
            for key, summary in theirs.items():
                mine.setdefault(key, Summary()).join(summary)

    def paper_form(self, domain: str | None = None) -> dict[str, Any]:
        """The fields of IEPile's data record (paper, Figure 4) that a corpus has before instructions are built.

        The schema is the inventory of the word levels annotated, roles included, or of the text level where there is
        none. `Split_num`, `#Instruction` and `Split_distribution` come with the instructions.

        >>> Record.of([Sample("1", "play jazz", labels=["Play"], split="train")]).paper_form("music")
        {'Domain': 'music', '#Schema': 1, 'Schema': ['Play'], '#Instance': {'train': 1}}
        """
        total = self.total
        levels = (total.entities, total.relations, total.events, total.arguments)
        schema = sorted({name for level in levels for name in level.names} or total.labels.names)
        instances = {split: summary.samples for split, summary in sorted(self.by_split.items())}
        return {"Domain": domain, "#Schema": len(schema), "Schema": schema, "#Instance": instances}

    def overview(self) -> list[dict[str, Any]]:
        """One plain row for the whole and for each split, language and source: what a table shows."""
        groups = [("all", "", self.total)]
        for what, table in (("split", self.by_split), ("lang", self.by_lang), ("source", self.by_source)):
            groups += [(what, key, table[key]) for key in sorted(table)]
        return [_row(what, key, summary) for what, key, summary in groups]

    def names(self) -> list[dict[str, Any]]:
        """One plain row for each label, type and role: level, name, count and count in each split."""
        rows = []
        for level in LEVELS:
            counts: Counts = getattr(self.total, level).names
            for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
                splits = {
                    split: getattr(self.by_split[split], level).names.get(name, 0) for split in sorted(self.by_split)
                }
                rows.append({"level": level, "name": name, "count": count, "splits": splits})
        return rows


def _row(what: str, key: str, summary: Summary) -> dict[str, Any]:
    row: dict[str, Any] = {
        "by": what,
        "name": key,
        "samples": summary.samples,
        "unannotated": summary.unannotated,
        "unlocated": summary.unlocated,
        "length_median": summary.characters(0.5),
        "length_p95": summary.characters(0.95),
        "length_max": summary.characters(1.0),
    }
    for level in LEVELS:
        count: LevelCount = getattr(summary, level)
        row[level] = count.items
        row[f"{level}_annotated"] = count.annotated
        row[f"{level}_empty"] = count.empty
        row[f"{level}_density"] = round(summary.density(level), 3)
    return row


def _join(mine: dict[Any, int], theirs: dict[Any, int]) -> None:
    for key, count in theirs.items():
        mine[key] = mine.get(key, 0) + count
