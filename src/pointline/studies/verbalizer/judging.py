"""From answers to verdicts: lists against none and against each other, over the same test items and seeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from pointline.score.comparing import holm
from pointline.studies.mre.contributions import Array, contributions, counts_of
from pointline.studies.mre.crossed import Crossed, crossed
from pointline.studies.mre.judging import Verdict, verdict
from pointline.studies.mre.settings import MreSettings
from pointline.studies.verbalizer.record import RunRecord
from pointline.studies.verbalizer.running import Data, Study, answers, record
from pointline.studies.verbalizer.settings import Arm, VerbalizerSettings


class Question(NamedTuple):
    """Is `arm` better than `beside`?"""

    arm: Arm
    beside: Arm

    @property
    def name(self) -> str:
        """The name it goes by."""
        return f"{self.arm} - {self.beside}"


def questions(arms: Iterable[Arm]) -> list[Question]:
    """Every comparison that the arms allow.

    >>> [question.name for question in questions(["plain", "origin", "wli-texts"])]
    ['origin - plain', 'wli-texts - plain', 'wli-texts - origin']
    """
    held = set(arms)
    pairs: list[tuple[Arm, Arm]] = [
        ("origin", "plain"), ("wli-texts", "plain"), ("wli-types", "plain"),
        ("wli-texts", "origin"), ("wli-types", "origin"), ("wli-types", "wli-texts"),
        ("all-words", "plain"), ("wli-texts", "all-words"), ("wli-types", "all-words"),
    ]  # fmt: skip
    return [Question(*pair) for pair in pairs if held.issuperset(pair)]


class ArmFigure(msgspec.Struct, frozen=True):
    """F1 of the text level in per cent (for one label a text: accuracy) of each seed; `runs` are their notes."""

    arm: str
    values: list[float]
    mean: float
    deviation: float | None
    runs: list[RunRecord]


class Delta(msgspec.Struct):
    """One comparison. `p_holm`: corrected for all comparisons judged together; the verdict goes by it.

    learned: whether either arm was right about anything at all.
    """

    question: str
    arm: str
    beside: str
    by_seed: list[float]
    test: Crossed
    learned: bool
    p_holm: float
    verdict: Verdict


class Result(msgspec.Struct):
    """What a study found: `labels` classes; `left_out` test samples had a label derived from their words.

    seen: test samples whose text stands in train too.
    """

    data: str
    n: int
    left_out: int
    seen: int
    labels: int
    model: str
    settings: VerbalizerSettings
    arms: list[ArmFigure]
    deltas: list[Delta]


def judged(study: Study) -> Result:
    """Judge a study whose runs are done; raises InputFault where answers are missing."""
    data, settings = Data.read(study), study.settings
    tables = {arm: _values(study, arm, data) for arm in settings.arms}
    figures = []
    for arm, table in tables.items():
        values = [round(float(value), 4) for value in table.mean(axis=0)]
        deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
        notes = [record(study, arm, seed) for seed in range(settings.seeds)]
        figures.append(ArmFigure(arm, values, float(np.mean(values)), deviation, notes))
    deltas = []
    for question in questions(settings.arms):
        differences = tables[question.arm] - tables[question.beside]
        by_seed = [round(float(value), 4) for value in differences.mean(axis=0)]
        test = crossed(differences)
        learned = any(bool(tables[arm].mean() > 0) for arm in question)
        deltas.append(Delta(question.name, *question, by_seed, test, learned, test.p, "too little data to tell"))
    asked = (study.test, len(data.test), data.left_out, data.seen, len(data.labels))
    result = Result(*asked, study.model, settings, figures, deltas)
    judge_together([result])
    return result


def judge_together(results: Sequence[Result]) -> None:
    """Correct the p values of all comparisons of all results for their number (Holm) and set the verdicts."""
    every = {f"{at} {delta.question}": delta for at, result in enumerate(results) for delta in result.deltas}
    of = {f"{at} {delta.question}": result for at, result in enumerate(results) for delta in result.deltas}
    for name, p in holm({name: delta.test.p for name, delta in every.items()}).items():
        settings = of[name].settings
        every[name].p_holm = p
        told = MreSettings(smallest=settings.smallest, alpha=settings.alpha)
        every[name].verdict = verdict(every[name].test, p, told, every[name].learned)


def _values(study: Study, arm: Arm, data: Data) -> Array:
    """What each test item adds to F1 (N, seeds)."""
    seeds = range(study.settings.seeds)
    columns = [contributions(counts_of(data.test, answers(study, arm, seed), "TL")) for seed in seeds]
    return np.stack(columns, axis=1)
