"""The test stage of the lab: as many false alarms as it says, and what is planted is found."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pointline.studies.mre.contributions import contributions, counts_of
from pointline.studies.mre.crossed import crossed, mean_squares
from pointline.studies.mre.judging import verdict
from pointline.studies.mre.resampling import resampled
from pointline.studies.mre.settings import MreSettings

pytest.importorskip("scipy")
ITEMS, SEEDS, RUNS = 300, 5, 10_000


def simulated(rng: np.random.Generator, help_: float = 0.0, noise: float = 0.1) -> tuple[list, list]:
    """Count tables of two arms over the same items: items differ in difficulty, trainings in skill.

    Neither arm knows the other level, unless `help_` (in logits) is planted in the first.
    """
    difficulty = rng.normal(2.0, 1.5, (ITEMS, 1))
    arms = []
    for gain in (help_, 0.0):
        skill = rng.normal(gain, noise, (1, SEEDS))
        right = rng.random((ITEMS, SEEDS)) < 1 / (1 + np.exp(-(difficulty + skill)))
        one = np.ones(ITEMS)
        arms.append([np.column_stack([one, one, one, right[:, seed]]) for seed in range(SEEDS)])
    return arms[0], arms[1]


def difference(arms: tuple[list, list]) -> np.ndarray:
    ours, theirs = (np.stack([contributions(table) for table in tables], axis=1) for tables in arms)
    return ours - theirs


def test_false_alarms_are_as_frequent_as_alpha_says() -> None:
    rng = np.random.default_rng(20)
    settings = MreSettings()
    found = [crossed(difference(simulated(rng))) for _ in range(RUNS)]
    alarms = sum(verdict(test, test.p, settings) in ("helps", "hurts") for test in found)
    share = alarms / RUNS
    reach = 1.96 * math.sqrt(share * (1 - share) / RUNS)
    assert share - reach <= 0.05 <= share + reach, f"{alarms} alarms in {RUNS} runs"


def test_planted_reinforcement_is_found() -> None:
    rng = np.random.default_rng(1)
    verdicts = [
        verdict(test, test.p, MreSettings()) for test in (crossed(difference(simulated(rng, 1.0))) for _ in range(50))
    ]
    assert verdicts.count("helps") >= 45
    assert "hurts" not in verdicts


def test_items_alone_raise_too_many_alarms_where_trainings_differ() -> None:
    """Why the papers' kind of test does not decide here: it takes the luck of a training for a level's help."""
    rng = np.random.default_rng(2)
    luck = [simulated(rng, noise=0.5) for _ in range(60)]
    assert sum(resampled(difference(arms))[1] < 0.05 for arms in luck) > 10
    assert sum(crossed(difference(arms)).p < 0.05 for arms in luck) < 10


def test_contributions_average_to_f1_and_their_spread_is_that_of_the_bootstrap() -> None:
    rng = np.random.default_rng(3)
    gold = rng.integers(1, 5, 400).astype(float)
    hits = rng.binomial(gold.astype(int), 0.7).astype(float)
    said = hits + rng.integers(0, 2, 400)
    table = np.column_stack([np.ones(400), gold, said, hits])
    values = contributions(table)
    f1 = 200 * hits.sum() / (gold.sum() + said.sum())
    assert values.mean() == pytest.approx(f1)
    drawn = table[rng.integers(0, 400, (4000, 400))].sum(axis=1)
    replicates = 200 * drawn[:, 3] / (drawn[:, 1] + drawn[:, 2])
    assert values.std(ddof=1) / 20 == pytest.approx(replicates.std(), rel=0.05)


def test_mean_squares_take_the_table_apart() -> None:
    rng = np.random.default_rng(4)
    d = rng.normal(size=(30, 4)) + rng.normal(size=(30, 1)) + rng.normal(size=(1, 4))
    over_seeds, over_items, rest = mean_squares(d)
    whole = ((d - d.mean()) ** 2).sum()
    assert 3 * over_seeds + 29 * over_items + 29 * 3 * rest == pytest.approx(whole)


def test_one_seed_is_the_paired_t_test() -> None:
    from scipy.stats import ttest_1samp

    d = np.random.default_rng(5).normal(0.3, 1, (200, 1))
    oracle = ttest_1samp(d[:, 0], 0)
    found = crossed(d)
    assert found.p == pytest.approx(oracle.pvalue)
    interval = oracle.confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.seed_deviation is None


def test_seeds_alone_are_the_t_test_over_seeds() -> None:
    from scipy.stats import ttest_1samp

    by_seed = np.array([0.5, 1.5, 1.0, -0.2])
    found = crossed(np.tile(by_seed, (50, 1)))
    assert found.p == pytest.approx(ttest_1samp(by_seed, 0).pvalue)
    assert found.seed_deviation == pytest.approx(by_seed.std(ddof=1))
    assert found.n_needed is None or found.n_needed <= 1


def test_no_difference_at_all() -> None:
    found = crossed(np.zeros((10, 3)))
    assert (found.delta, found.p, found.low, found.high) == (0.0, 1.0, 0.0, 0.0)
    assert verdict(found, found.p, MreSettings()) == "no difference shown"


def test_n_needed_is_where_power_is_eighty_percent() -> None:
    rng = np.random.default_rng(6)
    needed = crossed(rng.normal(0.1, 1, (100_000, 1))).n_needed
    assert needed is not None
    shown = [crossed(rng.normal(0.1, 1, (needed, 1))).p < 0.05 for _ in range(400)]
    assert 0.7 < np.mean(shown) < 0.9


def test_answers_out_of_order_are_refused() -> None:
    from pointline.errors import Refusal
    from pointline.sample import Sample

    with pytest.raises(Refusal, match="order"):
        counts_of([Sample("1", "a"), Sample("2", "a")], [Sample("2", "a"), Sample("1", "a")], "TL")


def test_resampling_agrees_with_the_scores_own() -> None:
    from pointline.sample import Sample
    from pointline.score import compare

    rng = np.random.default_rng(8)
    gold = [Sample(str(i), "a", labels=["x"]) for i in range(400)]
    sides = [[Sample(g.id, "a", labels=["x" if rng.random() < p else "y"]) for g in gold] for p in (0.86, 0.81)]
    theirs = compare(gold, (sides[0], sides[1]))["TL"]
    ours = resampled(difference(([counts_of(gold, sides[0], "TL")], [counts_of(gold, sides[1], "TL")])))
    assert ours == pytest.approx((theirs.p, theirs.p_swap), abs=0.05)
