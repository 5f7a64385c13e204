"""Intervals and tests: against plain resampling one by one, against worked cases, and the same on every run."""

from __future__ import annotations

import os
import random
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.sample import Sample
from pointline.score import Settings, compare, corrected, holm, score
from pointline.score.resample import bootstrap_sums, swapped_sums, two_sided


def answered(right: list[bool], source: str | None = None) -> list[Sample]:
    return [Sample(f"{source}/{i}", "t", labels=["x" if yes else "y"], source=source) for i, yes in enumerate(right)]


def coin(seed: int, n: int, chance: float) -> list[bool]:
    rng = random.Random(seed)
    return [rng.random() < chance for _ in range(n)]


@pytest.mark.parametrize("times", [[400, 300, 300], [1] * 60])
def test_both_ways_to_draw_agree_with_resampling_one_by_one(times: list[int]) -> None:
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 5, size=(len(times), 3)).astype(float)
    sums = bootstrap_sums(rows, np.array(times, dtype=float), 4000, seed=1)
    samples = np.repeat(rows, times, axis=0)
    naive = np.array([samples[rng.integers(0, len(samples), len(samples))].sum(axis=0) for _ in range(4000)])
    assert np.allclose(sums.mean(axis=0), naive.mean(axis=0), rtol=0.02)
    assert np.allclose(sums.std(axis=0), naive.std(axis=0), rtol=0.07)
    assert np.allclose(np.corrcoef(sums.T), np.corrcoef(naive.T), atol=0.06)


def test_swapping_agrees_with_swapping_one_by_one() -> None:
    rng = np.random.default_rng(5)
    differences, times = np.array([[1.0], [-1.0], [0.0]]), np.array([30.0, 20.0, 50.0])
    sums = swapped_sums(differences, times, 4000, seed=2)[:, 0]
    each = np.repeat(differences[:, 0], times.astype(int))
    naive = (rng.choice([-1, 1], size=(4000, 100)) * each).sum(axis=1)
    assert abs(sums.mean()) < 0.5
    assert sums.std() == pytest.approx(naive.std(), rel=0.05)


def test_the_interval_of_an_accuracy_is_the_binomial_one() -> None:
    right = [True] * 80 + [False] * 20
    figure = score(answered([True] * 100), answered(right), "mre-accuracy", settings=Settings(resamples=4000))["TL"]
    assert figure.accuracy == 80
    assert figure.low == pytest.approx(80 - 1.96 * 4, abs=1)
    assert figure.high == pytest.approx(80 + 1.96 * 4, abs=1)


def test_without_resamples_there_is_no_interval() -> None:
    gold = answered([True] * 5)
    figure = score(gold, gold, settings=Settings(resamples=0))["TL"]
    assert (figure.low, figure.high) == (None, None)


def test_two_sided_counts_the_one_seen() -> None:
    assert two_sided(np.array([0.0, 0.5, -3.0, np.nan]), 2.0) == 0.5
    assert two_sided(np.zeros(9), 0.0) == 1.0


def test_equal_systems_do_not_differ() -> None:
    gold, same = answered([True] * 50), answered(coin(1, 50, 0.7))
    delta = compare(gold, (same, same))["TL"]
    assert (delta.delta, delta.low, delta.high, delta.p, delta.p_swap) == (0, 0, 0, 1, 1)
    assert (delta.effect, delta.n_needed) == (0, None)


def test_a_difference_is_seen_where_there_are_enough_samples() -> None:
    gold = answered([True] * 2000)
    result = compare(gold, (answered(coin(1, 2000, 0.9)), answered(coin(2, 2000, 0.8))))["TL"]
    assert result.p < 0.01
    assert result.p_swap < 0.01
    assert result.low > 0
    assert result.a - result.b == result.delta
    few = compare(gold[:40], (answered(coin(1, 2000, 0.9))[:40], answered(coin(2, 2000, 0.8))[:40]))["TL"]
    assert few.p > 0.05


def test_the_number_needed_is_that_of_a_paired_z_test() -> None:
    a, b = coin(1, 3000, 0.9), coin(2, 3000, 0.8)
    result = compare(answered([True] * 3000), (answered(a), answered(b)))["TL"]
    differences = np.array(a, dtype=float) - np.array(b, dtype=float)
    effect = differences.mean() / differences.std()
    assert result.effect == pytest.approx(effect, rel=0.08)
    assert result.n_needed == pytest.approx(((1.96 + 0.8416) / effect) ** 2, rel=0.15)


def test_p_values_are_uniform_where_nothing_differs() -> None:
    ps = []
    for seed in range(150):
        a, b = coin(2 * seed, 120, 0.7), coin(2 * seed + 1, 120, 0.7)
        result = compare(answered([True] * 120), (answered(a), answered(b)), settings=Settings(resamples=300))["TL"]
        ps.append((result.p, result.p_swap))
    for column in zip(*ps, strict=True):
        assert 0.0 <= sum(p < 0.05 for p in column) / 150 <= 0.11
        assert 0.35 <= sum(p < 0.5 for p in column) / 150 <= 0.65


def test_holm_by_hand() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"a": 0.03, "b": 0.06, "c": 0.06, "d": 0.02}
    )
    assert holm({}) == {}


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_never_lowers_and_keeps_the_order(ps: dict[str, float]) -> None:
    out = holm(ps)
    assert list(out) == list(ps)
    assert all(ps[name] <= out[name] <= 1 for name in ps)
    assert all(out[a] <= out[b] for a in ps for b in ps if ps[a] < ps[b])


def test_sources_are_compared_one_by_one_and_corrected() -> None:
    gold = answered([True] * 300, "a") + answered([True] * 300, "b")
    better = answered(coin(1, 300, 0.9), "a") + answered(coin(1, 300, 0.8), "b")
    worse = answered(coin(3, 300, 0.7), "a") + answered(coin(1, 300, 0.8), "b")
    result = compare(gold, (better, worse))
    assert result.sources["a"]["TL"].n == 300
    assert result.sources["b"]["TL"].delta == 0
    assert result.sources["a"]["TL"].p_holm == 2 * result.sources["a"]["TL"].p_swap
    assert result["TL"].p_holm is None
    assert corrected({}) == {}


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    code = """
from pointline.sample import Entity, Sample
from pointline.score import Settings, compare, score_all
gold = [Sample(str(i), "ab", "en" if i % 3 else "ja", ["x", "y"][: i % 2 + 1], source="st"[i % 2],
        entities=[Entity("AB"[i % 2], "a", 0, 1), Entity("C", "b", 1, 2)]) for i in range(90)]
made = [Sample(s.id, "ab", labels=["xyz"[i % 3]], entities=s.entities[i % 2:]) for i, s in enumerate(gold)]
settings = Settings(resamples=50, draws=2, draw_size=20, errors=True)
print(score_all(gold, made, settings=settings).to_json())
print(compare(gold, (gold, made), settings=settings).to_json())
"""
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
    assert len(told.pop()) > 1000
