"""The trainings that a study needs, in an order in which each finds what it is told by the ones before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pointline.errors import Refusal
from pointline.sample import Sample
from pointline.studies.mre.arms import ARMS
from pointline.studies.mre.settings import MreSettings
from pointline.train.draws import number

SINGLE = {"text": "word", "word": "text"}
"""The arm whose predictions of the other level a `+predicted` arm is told."""


class Run(NamedTuple):
    """One training. `fold` is the part of train that it leaves out and answers; None: it answers dev and test."""

    arm: str
    size: float
    seed: int
    fold: int | None = None

    @property
    def name(self) -> str:
        """The name of its folder."""
        part = "" if self.fold is None else f"-fold{self.fold}"
        return f"{self.arm.replace('+', '-with-')}-{self.size:g}-seed{self.seed}{part}"

    def told_by(self, folds: int) -> list[Run]:
        """The runs whose predictions stand behind this one's texts."""
        arm = ARMS[self.arm]
        if arm.given != "predicted":
            return []
        other = self._replace(arm=SINGLE[arm.levels])
        return [other, *(other._replace(fold=fold) for fold in range(folds))]


def plan(settings: MreSettings) -> list[list[Run]]:
    """The runs in waves: those of a wave need only the waves before.

    >>> [[run.name for run in wave] for wave in plan(MreSettings(arms=("text", "text+predicted"), seeds=1))]
    [['text-10-seed0', 'word-10-seed0', 'word-10-seed0-fold0', 'word-10-seed0-fold1'], ['text-with-predicted-10-seed0']]
    """
    wanted = list(_wanted(settings))
    first = [run for run in wanted if ARMS[run.arm].given != "predicted"]
    needed = [told for run in wanted for told in run.told_by(settings.folds)]
    second = [run for run in wanted if ARMS[run.arm].given == "predicted"]
    return [wave for wave in (list(dict.fromkeys([*first, *needed])), second) if wave]


def _wanted(settings: MreSettings) -> Iterator[Run]:
    for size in settings.sizes:
        for seed in range(settings.seeds):
            for arm in settings.arms:
                yield Run(arm, size, seed)


def part_of(train: Sequence[Sample], run: Run, folds: int) -> tuple[list[Sample], list[Sample]]:
    """The part of train that a run learns from, and the one that it answers (none unless it has a fold).

    The part is drawn by seed and id, the same for every arm, and a larger size holds the smaller ones.
    Raises Refusal where the part is too small to hold anything.
    """
    ranked = sorted(train, key=lambda sample: (number(run.seed, "part", sample.id), sample.id))
    part = ranked[: max(1, round(len(ranked) * run.size / 100))]
    if run.fold is None:
        return part, []
    if len(part) < folds:
        raise Refusal(f"{len(part)} training samples cannot be cut into {folds} folds; take a larger size")
    return [s for i, s in enumerate(part) if i % folds != run.fold], part[run.fold :: folds]
