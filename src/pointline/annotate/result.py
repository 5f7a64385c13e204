"""What a labelling run did, in figures."""

from __future__ import annotations

from collections import Counter

import msgspec

from pointline.annotate.labelling import Inventory
from pointline.annotate.writing import Folder
from pointline.llm import Answer, Bill


class LabelReport(msgspec.Struct, frozen=True):
    """What a run did. `cost_per_label`: what the answers of this folder cost, paid now or before, a labelled sample."""

    samples: int
    labelled: int
    skipped: dict[str, int]
    unread: dict[str, int]
    names: int
    labels: dict[str, int]
    spellings_joined: int
    merged: dict[str, int]
    unused: list[str]
    proposals: int
    agreement: float
    queue: dict[str, int]
    queued: int
    model: str
    instructions: str
    answers: int
    asked: int
    tokens: int
    cost: float
    cost_per_label: float | None


class Paid:
    """What the answers of this run cost, those from the cache too."""

    def __init__(self) -> None:
        self.answers = 0
        self.cost = 0.0
        self._seen: set[int] = set()

    def add(self, answer: Answer) -> None:
        """Count one answer."""
        self.answers += answer.fault is None
        if not answer.cost:
            return
        # Texts that repeat share one paid answer; the id is a hash of the prompt.
        key = (int(answer.id, 16) << 16) + answer.attempt
        self.cost += answer.cost if key not in self._seen else 0.0
        self._seen.add(key)


def told(
    model: str, instructions: str, inventory: Inventory, folder: Folder, spent: tuple[Paid, Bill], proposed: int
) -> LabelReport:
    """The report of a run that is over."""
    paid, bill = spent
    labelled = inventory.labelled
    return LabelReport(
        samples=folder.samples,
        labelled=labelled,
        skipped=_ranked(inventory.skipped),
        unread=_ranked(inventory.unread),
        names=len(inventory.texts),
        labels=_ranked(inventory.texts),
        spellings_joined=len(inventory.joined()),
        merged=_ranked(inventory.merged),
        unused=sorted(set(inventory.merge) - set(inventory.merged)),
        proposals=proposed,
        agreement=round(inventory.agreement / max(1, labelled), 4),
        queue=dict(folder.reasons),
        queued=folder.queued,
        model=model,
        instructions=instructions,
        answers=paid.answers,
        asked=bill.asked,
        tokens=bill.tokens,
        cost=bill.cost,
        cost_per_label=paid.cost / labelled if labelled and paid.cost else None,
    )


def _ranked(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
