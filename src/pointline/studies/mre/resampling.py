"""The papers' kind of test, over items alone: paired bootstrap and approximate randomization, seeds together."""

from __future__ import annotations

import numpy as np

from pointline.score.resample import bootstrap_sums, swapped_sums, two_sided
from pointline.studies.mre.contributions import Array

RESAMPLES = 10_000
SEED = 0
LEVELS = 128
"""Different values that are told apart where there are more: a step is far below what one item's noise is."""


def resampled(differences: Array) -> tuple[float, float]:
    """(p of the paired bootstrap, p of swapping both outputs item by item) of the mean of differences (N, S).

    The differences are contributions to F1, so that a mean of them is a difference of F1 to first order; all seeds of
    an item are drawn, or swapped, together (Noreen 1989; Efron and Tibshirani 1993, section 16.4).

    >>> import numpy as np
    >>> resampled(np.zeros((60, 2))), resampled(np.tile([[100.0]], (60, 1)))[1] < 0.001
    ((1.0, 1.0), True)
    """
    values, times = _told_apart(differences.mean(axis=1))
    rows, weights, n = values[:, None], times.astype(np.float64), len(differences)
    seen = float(weights @ values) / n
    drawn = bootstrap_sums(rows, weights, RESAMPLES, SEED)[:, 0] / n
    swapped = swapped_sums(rows, weights, RESAMPLES, SEED)[:, 0] / n
    return two_sided(drawn - seen, seen), two_sided(swapped, seen)


def _told_apart(values: Array) -> tuple[Array, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The different values and how often each occurs; rounded to LEVELS steps where they are more."""
    found, times = np.unique(values.round(9), return_counts=True)
    if len(found) <= LEVELS:
        return found, times
    step = float(found[-1] - found[0]) / LEVELS
    rounded, times = np.unique(np.round(values / step), return_counts=True)
    return rounded * step, times
