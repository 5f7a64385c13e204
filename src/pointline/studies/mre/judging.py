"""From answers to verdicts: every question of a study, tested over the same test items and seeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

import msgspec
import numpy as np

from pointline.sample import Sample
from pointline.schema import LEVELS
from pointline.score.comparing import holm
from pointline.studies.mre.arms import Question, questions
from pointline.studies.mre.contributions import Array, contributions, counts_of
from pointline.studies.mre.crossed import Crossed, crossed
from pointline.studies.mre.plan import Run
from pointline.studies.mre.resampling import resampled
from pointline.studies.mre.running import Data, Study, answers
from pointline.studies.mre.settings import MreSettings

Verdict: TypeAlias = Literal["helps", "hurts", "no difference shown", "too little data to tell"]
FIGURES = ("TL", "WL")


class ArmFigure(msgspec.Struct, frozen=True):
    """One figure of one arm at one size: F1 in per cent of each seed, in order, and their mean and spread."""

    arm: str
    size: float
    figure: str
    values: list[float]
    mean: float
    deviation: float | None


class Delta(msgspec.Struct, omit_defaults=True):
    """One question's answer at one size.

    `test` counts items and seeds as chance and decides; `p_bootstrap` and `p_swap` count items alone, for these very
    models. `p_holm`: corrected for the data sets judged together.
    """

    question: str
    figure: str
    arm: str
    beside: str
    asks: str
    size: float
    by_seed: list[float]
    test: Crossed
    p_bootstrap: float
    p_swap: float
    learned: bool
    """Whether either arm was right about anything at all."""
    verdict: Verdict
    p_holm: float | None = None


class Result(msgspec.Struct, omit_defaults=True):
    """What a study found: `arms`, `deltas`, and `verdict` by question name at the largest size."""

    data: str
    n: int
    left_out: int
    """Test samples whose label is derived from their words; they are in no figure."""
    seen: int
    """Test samples whose text stands in train too."""
    settings: MreSettings
    model: str
    arms: list[ArmFigure]
    deltas: list[Delta]
    verdict: dict[str, str]


def judged(study: Study) -> Result:
    """Judge a study whose runs are done.

    Raises InputFault where a run's answers are missing.
    """
    data, settings = Data.read(study), study.settings
    figures: list[ArmFigure] = []
    deltas: list[Delta] = []
    for size in settings.sizes:
        values = {arm: _by_seed(study, arm, size, data.test) for arm in settings.arms}
        for arm, found in values.items():
            figures += [_arm_figure(arm, size, figure, table) for figure, table in found.items()]
        for question in questions(settings.arms):
            sides = values[question.arm].get(question.figure), values[question.beside].get(question.figure)
            if sides[0] is not None and sides[1] is not None:
                deltas.append(_delta(question, size, (sides[0], sides[1]), settings))
    largest = max(settings.sizes)
    return Result(
        data=study.test,
        n=len(data.test),
        left_out=data.left_out,
        seen=data.seen,
        settings=settings,
        model=study.learner.model,
        arms=figures,
        deltas=deltas,
        verdict={delta.question: delta.verdict for delta in deltas if delta.size == largest},
    )


def verdict(test: Crossed, p: float, settings: MreSettings, learned: bool = True) -> Verdict:
    """What a test says in plain words.

    A difference is there where p is below alpha. Otherwise the interval tells: within `smallest` on both sides, no
    difference that matters is left room for; wider, nobody can tell yet. One seed says nothing of other trainings, and
    two arms that are never right say nothing of help.
    """
    if test.seeds == 1 or not learned:
        return "too little data to tell"
    if p < settings.alpha:
        return "helps" if test.delta > 0 else "hurts"
    within = max(abs(test.low), abs(test.high)) <= settings.smallest
    return "no difference shown" if within else "too little data to tell"


def together(results: Sequence[Result]) -> dict[str, Verdict | str]:
    """Correct the p values of several data sets by Holm, question by question, and say what they come to.

    Sets `p_holm` and the verdicts of each result's largest size. The overall verdict: helps (hurts) where at least one
    data set shows it and none the opposite, mixed where both are seen, else what most data sets say.
    """
    overall: dict[str, Verdict | str] = {}
    last = [{d.question: d for d in result.deltas if d.size == max(result.settings.sizes)} for result in results]
    for name in dict.fromkeys(name for deltas in last for name in deltas):
        held = {str(at): deltas[name] for at, deltas in enumerate(last) if name in deltas}
        ps = holm({at: delta.test.p for at, delta in held.items()})
        for at, delta in held.items():
            delta.p_holm = ps[at]
            delta.verdict = verdict(delta.test, ps[at], results[int(at)].settings, delta.learned)
            results[int(at)].verdict[name] = delta.verdict
        overall[name] = _overall([delta.verdict for delta in held.values()])
    return overall


def _overall(said: Sequence[Verdict]) -> str:
    helps, hurts = said.count("helps"), said.count("hurts")
    if helps and hurts:
        return f"mixed: helps on {helps}, hurts on {hurts} of {len(said)}"
    for count, word in ((helps, "helps"), (hurts, "hurts")):
        if count:
            return word if count == len(said) else f"{word} on {count} of {len(said)}, not shown on the others"
    shown = said.count("no difference shown")
    return "no difference shown" if 2 * shown > len(said) else "too little data to tell"


def _by_seed(study: Study, arm: str, size: float, gold: Sequence[Sample]) -> dict[str, list[Array]]:
    """Per figure that the arm answers, the count table (N, 4) of each seed; items that gold does not score are out."""
    found: dict[str, list[Array]] = {}
    for seed in range(study.settings.seeds):
        said = answers(study, Run(arm, size, seed))
        asked = _answered(gold, said)
        for figure in FIGURES:
            table = counts_of(asked, said, figure)
            if table[:, 0].any():
                found.setdefault(figure, []).append(table[table[:, 0] > 0])
    return {figure: tables for figure, tables in found.items() if len(tables) == study.settings.seeds}


def _answered(gold: Sequence[Sample], said: Sequence[Sample]) -> list[Sample]:
    """Gold without the levels that the model does not answer at all: the tagger finds no relations, for one."""
    silent = {level: None for level in LEVELS if all(getattr(answer, level) is None for answer in said)}
    return [msgspec.structs.replace(sample, **silent) for sample in gold]


def _arm_figure(arm: str, size: float, figure: str, tables: Iterable[Array]) -> ArmFigure:
    values = [round(float(contributions(table).mean()), 4) for table in tables]
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return ArmFigure(arm, size, figure, values, float(np.mean(values)), deviation)


def _delta(
    question: Question, size: float, sides: tuple[Sequence[Array], Sequence[Array]], settings: MreSettings
) -> Delta:
    ours, theirs = (np.stack([contributions(table) for table in tables], axis=1) for tables in sides)
    differences = ours - theirs
    test = crossed(differences)
    p_bootstrap, p_swap = resampled(differences)
    learned = any(table[:, 3].any() for tables in sides for table in tables)
    return Delta(
        question=question.name,
        figure=question.figure,
        arm=question.arm,
        beside=question.beside,
        asks=question.asks,
        size=size,
        by_seed=[round(float(value), 4) for value in differences.mean(axis=0)],
        test=test,
        p_bootstrap=p_bootstrap,
        p_swap=p_swap,
        learned=learned,
        verdict=verdict(test, test.p, settings, learned),
    )


class Flip(msgspec.Struct, frozen=True):
    """A test sample on which two arms differ: in how many seeds more the first is right, what each said in seed 0."""

    id: str
    gains: int
    gold: Sample
    ours: Sample
    theirs: Sample


def flips(study: Study, question: Question, size: float) -> list[Flip]:
    """The test samples on which the two arms of a question differ, those of most seeds first."""
    gold, seeds = Data.read(study).test, range(study.settings.seeds)
    ours, theirs = ([answers(study, Run(arm, size, s)) for s in seeds] for arm in (question.arm, question.beside))
    gains = _right(gold, ours, question.figure) - _right(gold, theirs, question.figure)
    rows = [
        Flip(gold[at].id, int(gains[at]), gold[at], ours[0][at], theirs[0][at]) for at in np.flatnonzero(gains).tolist()
    ]
    return sorted(rows, key=lambda row: (-abs(row.gains), row.id))


def _right(gold: Sequence[Sample], said: Sequence[Sequence[Sample]], figure: str) -> Array:
    """In how many seeds each sample (N,) is wholly right."""
    tables = [counts_of(_answered(gold, answers), answers, figure) for answers in said]
    whole = [(table[:, 1] == table[:, 3]) & (table[:, 2] == table[:, 3]) for table in tables]
    gains: Array = np.stack(whole).sum(axis=0).astype(np.float64)
    return gains
