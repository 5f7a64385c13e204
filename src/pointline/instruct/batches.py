"""Which labels one instruction asks for: Algorithm 1 of IEPile (section 2.2, appendix B.2)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from pointline.errors import SettingsFault
from pointline.instruct.draws import Draws, select
from pointline.instruct.labels import Task

Batch: TypeAlias = tuple[int, ...]
Choice: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]

SPLIT_NUM: dict[Task, int] = {"ner": 6}
OTHER_TASKS = 4
ALL = -1
REMEMBERED = 4096


class Batching(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How labels are batched.

    `split_num`: labels an instruction, None = 6 for NER and 4 else, -1 = all in one. `mode`: train draws hard and other
    negatives for each text, test asks for all labels, the same batches for every text. `negatives`: at most so many
    instructions without any positive label for each one with (None = all); a text without positives counts as one.
    """

    split_num: int | None = None
    mode: Literal["train", "test"] = "train"
    negatives: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.split_num is not None and self.split_num < 1 and self.split_num != ALL:
            raise SettingsFault(f"split_num={self.split_num}: give a number from 1 or -1 for no splitting")
        if self.negatives is not None and self.negatives < 0:
            raise SettingsFault(f"negatives={self.negatives}: give a number from 0")

    def size(self, task: Task) -> int:
        """The split_num that holds for a task."""
        return self.split_num if self.split_num is not None else SPLIT_NUM.get(task, OTHER_TASKS)


class Batcher:
    """Draws the batches of one text after another; labels are positions in the schema's order.

    >>> Batcher(5, ((1,), (0,), (), (), ()), "re", Batching(split_num=2))("id", (0,))
    [(1, 0), (3, 2)]
    """

    def __init__(self, labels: int, neighbours: Sequence[Sequence[int]], task: Task, settings: Batching) -> None:
        self._count = labels
        self._neighbours = neighbours or ((),) * labels
        self._size = settings.size(task)
        self._settings = settings
        self._draws = Draws(settings.seed, f"batches {task}")
        self._choices: dict[tuple[int, ...], Choice] = {}
        self._cuts: dict[int, list[tuple[int, int]]] = {}
        self._all = sequential(range(labels), self._size)

    def __call__(self, id: str, positives: tuple[int, ...]) -> list[Batch]:
        """The batches of the text `id`, whose annotation shows the labels `positives`, in rising order."""
        if self._settings.mode == "test":
            return self._all
        if self._size == ALL:
            return sequential(self._draws.order(id, range(self._count)), ALL)
        asked, cuts = self.drawn(id, positives)
        batches = [asked[start:end] for start, end in cuts]
        return batches if self._settings.negatives is None else self._thinned(id, batches, positives)

    @property
    def plain(self) -> bool:
        """Whether `drawn` says it all: train mode, batches of a size, none left out."""
        return self._settings.mode == "train" and self._size != ALL and self._settings.negatives is None

    def drawn(self, id: str, positives: tuple[int, ...]) -> tuple[Batch, list[tuple[int, int]]]:
        """(the labels asked of a text in random order, where that order is cut into batches), in train mode."""
        fixed, others = self._choices.get(positives) or self._choose(positives)
        asked = self._draws.draw(id, fixed, others, self._size)
        return asked, self._cuts.get(len(asked)) or self._cut(len(asked))

    def sizes(self, total: int) -> list[int]:
        """The sizes of the batches that so many labels are cut into."""
        return [end - start for start, end in self._cuts.get(total) or self._cut(total)]

    def given(self, labels: tuple[int, ...]) -> list[Batch]:
        """The batches where the labels are given with the text (eea: its events)."""
        return sequential(labels, self._size)

    def _cut(self, total: int) -> list[tuple[int, int]]:
        """Where a sequence of `total` labels is cut; remembered."""
        cuts = [(batch[0], batch[-1] + 1) for batch in sequential(range(total), self._size)]
        self._cuts[total] = cuts
        return cuts

    def _choose(self, positives: tuple[int, ...]) -> Choice:
        """(Pos and Hard, Other) for a set of positive labels; remembered, as texts share few such sets."""
        asked = set(positives).union(*(self._neighbours[label] for label in positives))
        choice = tuple(sorted(asked)), tuple(label for label in range(self._count) if label not in asked)
        if len(self._choices) >= REMEMBERED:
            self._choices.clear()
        self._choices[positives] = choice
        return choice

    def _thinned(self, id: str, batches: list[Batch], positives: tuple[int, ...]) -> list[Batch]:
        """All batches with a positive label, of the others as many as the setting allows, in their order."""
        asking = frozenset(positives)
        pure = [i for i, batch in enumerate(batches) if asking.isdisjoint(batch)]
        allowed = (self._settings.negatives or 0.0) * max(1, len(batches) - len(pure))
        whole = int(allowed)
        if self._draws.share(f"{id}\0negatives") < allowed - whole:
            whole += 1
        if whole >= len(pure):
            return batches
        kept = set(select(self._draws(f"{id}\0which", len(pure)), tuple(pure), whole))
        return [batch for i, batch in enumerate(batches) if i in kept or not asking.isdisjoint(batch)]


def sequential(labels: Sequence[int], size: int) -> list[Batch]:
    """Cut a sequence into batches of `size`; a last one of fewer than size / 2 joins the one before.

    So every batch holds size / 2 to 3 size / 2 labels, for odd sizes too, unless there are fewer labels in all.

    >>> [len(batch) for batch in sequential(range(17), 5)], [len(batch) for batch in sequential(range(18), 5)]
    ([5, 5, 7], [5, 5, 5, 3])
    """
    if size == ALL or not labels:
        return [tuple(labels)] if labels else []
    starts = list(range(0, len(labels), size))
    if len(starts) > 1 and 2 * (len(labels) - starts[-1]) < size:
        starts.pop()
    ends = [*starts[1:], len(labels)]
    return [tuple(labels[start:end]) for start, end in zip(starts, ends, strict=True)]
