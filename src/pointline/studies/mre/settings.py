"""What a reinforcement study runs."""

from __future__ import annotations

import msgspec

from pointline.errors import SettingsFault
from pointline.studies.mre.arms import ARMS

DEFAULT_ARMS = ("joint", "text", "word")


class MreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is trained and how the outcome is judged.

    arms: names of ARMS. seeds: trainings of each arm; each draws its own part of train.
    sizes: shares of train, in per cent. folds: parts of train that are predicted by models of the others, for arms
    whose other level is predicted.
    smallest: the smallest difference, in points, that would matter; it tells "no difference" from "too little data".
    alpha: the level of the verdicts. workers: trainings at once, each on one thread.
    """

    arms: tuple[str, ...] = DEFAULT_ARMS
    seeds: int = 5
    sizes: tuple[float, ...] = (10.0,)
    folds: int = 2
    smallest: float = 1.0
    alpha: float = 0.05
    workers: int = 1

    def __post_init__(self) -> None:
        unknown = [name for name in self.arms if name not in ARMS]
        if unknown:
            raise SettingsFault(f"there is no arm {unknown[0]!r}; known: {', '.join(ARMS)}")
        if len(set(self.arms)) < len(self.arms) or len(self.arms) < 2:
            raise SettingsFault("arms must be two or more, each once")
        if not all(0 < size <= 100 for size in self.sizes) or len(set(self.sizes)) < len(self.sizes) or not self.sizes:
            raise SettingsFault("sizes are shares of train in per cent, above 0 and at most 100, each once")
        if self.seeds < 1 or self.folds < 2 or self.workers < 1:
            raise SettingsFault("seeds and workers must be 1 or more, folds 2 or more")
        if not (self.smallest > 0 and 0 < self.alpha < 1):
            raise SettingsFault("smallest must be above 0, alpha between 0 and 1")
