"""The papers' own kind of test, over items alone: paired bootstrap and approximate randomization, seeds together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pointline.score.resample import bootstrap_sums, swapped_sums, two_sided
from pointline.studies.mre.contributions import Array

RESAMPLES = 10_000
SEED = 0


def resampled(sides: tuple[Sequence[Array], Sequence[Array]]) -> tuple[float, float]:
    """(p of the paired bootstrap, p of swapping both outputs item by item) for the difference of the mean F1.

    `sides`: for each arm the count tables (N, 4) of its seeds. All seeds of an item are drawn, or swapped, together.

    >>> import numpy as np
    >>> good = np.tile([1.0, 1, 1, 1], (60, 1)); bad = good * [1, 1, 1, 0]
    >>> resampled(([good], [good])), resampled(([good], [bad]))[1] < 0.001
    ((1.0, 1.0), True)
    """
    tables = [np.hstack([table[:, 1:] for table in tables]) for tables in sides]
    rows, times = np.unique(np.hstack(tables), axis=0, return_counts=True)
    half = rows.shape[1] // 2
    weights = times.astype(np.float64)
    total = weights @ rows
    seen = _mean_f1(total[None, :half]) - _mean_f1(total[None, half:])
    sums = bootstrap_sums(rows, weights, RESAMPLES, SEED)
    drawn = _mean_f1(sums[:, :half]) - _mean_f1(sums[:, half:])
    flips = swapped_sums(rows[:, :half] - rows[:, half:], weights, RESAMPLES, SEED)
    both = total[:half] + total[half:]
    swapped = _mean_f1((both + flips) / 2) - _mean_f1((both - flips) / 2)
    return two_sided(drawn - seen, float(seen[0])), two_sided(swapped, float(seen[0]))


def _mean_f1(sums: Array) -> Array:
    """Mean over seeds of F1 in per cent, from sums (R, 3 S): gold, predicted, hits of each seed."""
    parts = sums.reshape(len(sums), -1, 3)
    asked = parts[:, :, 0] + parts[:, :, 1]
    f1 = 200 * parts[:, :, 2] / np.maximum(asked, 1)
    return np.asarray(f1.mean(axis=1), np.float64)
