"""The data record of instructions (IEPile, Figure 4): what was asked of which corpus, in how many instructions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from pointline.instruct.labels import Label
from pointline.instruct.pairs import Tally


class InstructionRecord(msgspec.Struct):
    """The fields of Figure 4 for one corpus and task, or summed over several (`split_num` 0 = they differ)."""

    name: str
    task: str
    domain: str | None
    schema: list[str]
    instances: dict[str, int]
    split_num: int
    instructions: int
    split_distribution: dict[int, int]
    refused: dict[str, int] = msgspec.field(default_factory=dict)
    """Samples that the format cannot hold, by reason."""

    @classmethod
    def of(
        cls, name: str, task: str, labels: Sequence[Label], split_num: int, tally: Tally, domain: str | None = None
    ) -> InstructionRecord:
        """The record of one corpus from its labels and what was counted while it was built."""
        spread = dict(sorted(tally.sizes.items()))
        keys = [label.key for label in labels]
        instances, refused = dict(sorted(tally.splits.items())), dict(sorted(tally.refused.items()))
        return cls(name, task, domain, keys, instances, split_num, tally.instructions, spread, refused)

    def paper_form(self) -> dict[str, Any]:
        """The record with the figure's own field names, split sizes as strings.

        >>> tally = Tally(2, 3, {6: 2, 4: 1}, {"train": 2})
        >>> record = InstructionRecord.of("x", "ner", [Label("date", "date")], 6, tally, "General")
        >>> record.paper_form()["Split_distribution"]
        {'4': 1, '6': 2}
        """
        return {
            "Domain": self.domain,
            "#Schema": len(self.schema),
            "Schema": self.schema,
            "#Instance": self.instances,
            "Split_num": self.split_num,
            "#Instruction": self.instructions,
            "Split_distribution": {str(size): count for size, count in self.split_distribution.items()},
        }


def whole(records: Iterable[InstructionRecord], name: str = "all") -> InstructionRecord:
    """The record of several corpora together; a label that two corpora share counts once."""
    records = list(records)
    instances: Counter[str] = Counter()
    spread: Counter[int] = Counter()
    refused: Counter[str] = Counter()
    for record in records:
        instances.update(record.instances)
        spread.update(record.split_distribution)
        refused.update(record.refused)
    return InstructionRecord(
        name,
        _one(record.task for record in records) or "",
        _one(record.domain for record in records),
        list(dict.fromkeys(label for record in records for label in record.schema)),
        dict(sorted(instances.items())),
        _one(record.split_num for record in records) or 0,
        sum(record.instructions for record in records),
        dict(sorted(spread.items())),
        dict(sorted(refused.items())),
    )


def card(records: Sequence[InstructionRecord], title: str, total: InstructionRecord | None = None) -> str:
    """A corpus card in Markdown: one row a corpus and one for the whole (`total`, by default the sum).

    >>> tally = Tally(2, 3, {6: 3}, {"train": 2})
    >>> print(card([InstructionRecord.of("x", "ner", [Label("date", "date")], 6, tally)], "Tiny").splitlines()[-1])
    | **all** | ner | - | 1 | train 2 | 6 | 3 | 6: 3 |
    """
    lines = [
        f"# {title}",
        "",
        "| corpus | task | domain | labels | samples | split_num | instructions | labels an instruction |",
        "|---|---|---|---|---|---|---|---|",
    ]
    last = whole(records) if total is None else total
    for record in [*records, msgspec.structs.replace(last, name="**all**")]:
        instances = ", ".join(f"{split} {count}" for split, count in record.instances.items())
        spread = ", ".join(f"{size}: {count}" for size, count in record.split_distribution.items())
        cells = [record.name, record.task or "-", record.domain or "-", len(record.schema), instances]
        cells += [record.split_num or "-", record.instructions, spread]
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _one(values: Iterable[Any]) -> Any:
    """The value that all have, or None."""
    seen = list(dict.fromkeys(values))
    return seen[0] if len(seen) == 1 else None
