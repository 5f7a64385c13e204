"""The CRF against enumeration of every path, and its rules."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

import torch

from pointline.models.tagger.crf import CRF, bio_rules


def chain(types: int, lengths: list[int], seed: int, spread: float = 2.0):
    generator = torch.Generator().manual_seed(seed)
    crf = CRF(types)
    for parameter in crf.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    emissions = spread * torch.randn(len(lengths), max(lengths), 2 * types + 1, generator=generator)
    return crf, emissions, torch.tensor(lengths)


def paths(crf, emissions):
    """All paths of one row with their scores, the forbidden ones left out."""
    length, tags = emissions.shape
    start, steps = bio_rules((tags - 1) // 2)
    for path in itertools.product(range(tags), repeat=length):
        if not start[path[0]] or not all(steps[a, b] for a, b in itertools.pairwise(path)):
            continue
        score = float(crf.start.data[path[0]]) + sum(float(crf.steps.data[a, b]) for a, b in itertools.pairwise(path))
        yield path, score + sum(float(emissions[t, tag]) for t, tag in enumerate(path))


shapes = {"types": st.integers(1, 2), "lengths": st.lists(st.integers(1, 4), min_size=1, max_size=3)}
seeds = st.integers(0, 2**16)


@given(**shapes, seed=seeds)
def test_loss_is_the_exact_negative_log_likelihood(types, lengths, seed):
    crf, emissions, sizes = chain(types, lengths, seed)
    best = crf.decode(emissions, sizes)
    losses = crf.loss(emissions, best, sizes).detach()
    for row, length in enumerate(lengths):
        scored = dict(paths(crf, emissions[row, :length].detach()))
        log_z = torch.tensor(list(scored.values())).logsumexp(0)
        assert float(losses[row]) == pytest.approx(float(log_z) - scored[tuple(best[row, :length].tolist())], abs=1e-3)


@given(**shapes, seed=seeds)
def test_decode_finds_the_best_allowed_path(types, lengths, seed):
    crf, emissions, sizes = chain(types, lengths, seed)
    best = crf.decode(emissions, sizes)
    for row, length in enumerate(lengths):
        scored = dict(paths(crf, emissions[row, :length].detach()))
        assert scored[tuple(best[row, :length].tolist())] == pytest.approx(max(scored.values()), abs=1e-4)


@given(**shapes, seed=seeds)
def test_marginals_are_exact(types, lengths, seed):
    crf, emissions, sizes = chain(types, lengths, seed)
    marginals = crf.marginals(emissions, sizes)
    for row, length in enumerate(lengths):
        scored = list(paths(crf, emissions[row, :length].detach()))
        weights = torch.tensor([score for _, score in scored]).softmax(0)
        expected = torch.zeros(length, emissions.shape[2])
        for (path, _), weight in zip(scored, weights, strict=True):
            for t, tag in enumerate(path):
                expected[t, tag] += weight
        torch.testing.assert_close(marginals[row, :length], expected, atol=1e-4, rtol=1e-3)


@given(**shapes, seed=seeds)
def test_gradients_equal_those_of_the_enumerated_sum(types, lengths, seed):
    crf, emissions, sizes = chain(types, lengths, seed)
    emissions.requires_grad_()
    tags = crf.decode(emissions, sizes)
    inputs = [emissions, crf.start, crf.steps]
    found = torch.autograd.grad(crf.loss(emissions, tags, sizes).sum(), inputs)
    total = torch.zeros(())
    for row, length in enumerate(lengths):
        scores = {}
        for path, _ in paths(crf, emissions[row, :length].detach()):
            steps = [crf.steps[a, b] for a, b in itertools.pairwise(path)]
            scores[path] = sum(steps, crf.start[path[0]]) + sum(emissions[row, t, y] for t, y in enumerate(path))
        total = total + torch.stack(list(scores.values())).logsumexp(0) - scores[tuple(tags[row, :length].tolist())]
    expected = torch.autograd.grad(total, inputs, materialize_grads=True)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-3)


@given(types=st.integers(1, 5), length=st.integers(1, 30), seed=seeds)
def test_rules_hold_whatever_the_scores(types, length, seed):
    crf, emissions, sizes = chain(types, [length], seed, spread=50.0)
    path = crf.decode(emissions, sizes)[0].tolist()
    start, steps = bio_rules(types)
    assert start[path[0]]
    assert all(steps[a, b] for a, b in itertools.pairwise(path))
    assert torch.isfinite(crf.loss(emissions, crf.decode(emissions, sizes), sizes)).all()


def test_padding_changes_nothing():
    crf, emissions, sizes = chain(2, [2, 5], 3)
    alone = emissions[:1, :2]
    torch.testing.assert_close(crf.marginals(emissions, sizes)[:1, :2], crf.marginals(alone, sizes[:1]))
    assert crf.decode(emissions, sizes)[0, :2].tolist() == crf.decode(alone, sizes[:1])[0].tolist()
