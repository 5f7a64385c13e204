"""Intervals and tests by resampling samples, vectorised over unique count rows.

A bootstrap replicate of n samples is a multinomial draw of how often each unique row occurs, so the cost does not
grow with n while rows repeat; where they hardly do, indices are drawn and counted instead.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

# Cells drawn at a time: bounds memory, and stays in the processor's cache.
CHUNK_CELLS = 1 << 18
# Cost of one multinomial cell against one drawn and counted index; measured, only speed depends on it.
CELL_COST = 15


def bootstrap_sums(rows: Array, times: Array, resamples: int, seed: int) -> Array:
    """Column sums (resamples, K) of bootstrap replicates of the samples behind `rows` (U, K) and `times` (U,).

    >>> sums = bootstrap_sums(np.array([[1.0], [0.0]]), np.array([50.0, 50.0]), 1000, seed=1)
    >>> sums.shape, bool(abs(sums.mean() - 50) < 1)
    ((1000, 1), True)
    """
    rng = np.random.default_rng(seed)
    count, n = len(rows), int(times.sum())
    chances = times / n
    out = np.empty((resamples, rows.shape[1]))
    by_cells = count * CELL_COST < n
    step = max(1, CHUNK_CELLS // (count if by_cells else max(count, n)))
    owner = None if by_cells else np.repeat(np.arange(count), times.astype(np.int64))
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        if owner is None:
            weights = rng.multinomial(n, chances, size=size)
        else:
            weights = _counted(owner[rng.integers(0, n, size=(size, n))], count)
        out[start : start + size] = weights.astype(np.float64) @ rows
    return out


def swapped_sums(differences: Array, times: Array, resamples: int, seed: int) -> Array:
    """Column sums (resamples, K) of per-sample differences whose signs are flipped at random (Noreen 1989).

    Of m samples that share a row, a binomial number keeps its sign.
    """
    rng = np.random.default_rng(seed)
    whole = times.astype(np.int64)
    kept = rng.binomial(whole, 0.5, size=(resamples, len(whole)))
    return (2.0 * kept - times) @ differences


def interval(values: Array, confidence: float = 0.95) -> tuple[float, float]:
    """The percentile interval of bootstrap values (Efron 1979); replicates without a value are left out."""
    tail = (1 - confidence) / 2
    scored = values[~np.isnan(values)]
    low, high = np.quantile(scored if len(scored) else np.full(1, np.nan), [tail, 1 - tail])
    return float(low), float(high)


def _counted(picked: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    shifted = picked + (np.arange(len(picked)) * count)[:, None]
    return np.bincount(shifted.ravel(), minlength=len(picked) * count).reshape(len(picked), count)


def two_sided(chance: Array, seen: float) -> float:
    """The share of `chance` differences at least as large as `seen`, the one seen counted with them.

    >>> two_sided(np.array([0.0, 1.0, -2.0]), 2.0)
    0.5
    """
    chance = chance[~np.isnan(chance)]
    # A hair below `seen`, lest equal differences are told apart by rounding.
    large = np.abs(chance) >= abs(seen) - 1e-9
    return float((large.sum() + 1) / (len(chance) + 1))
