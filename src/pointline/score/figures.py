"""Counts become figures: sums of rows to F1 or accuracy, with bootstrap intervals."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from pointline.score.options import Settings
from pointline.score.result import Drawn, Figure, ratio
from pointline.score.tally import WIDTH

if TYPE_CHECKING:
    from pointline.score.tally import Array, Counted


def figures(kind: str, names: tuple[str, ...], counted: Counted, settings: Settings) -> dict[str, Figure]:
    """Every figure that was scored at least once, from unique rows (U, 4 per figure) and multiplicities (U,)."""
    from pointline.score.resample import bootstrap_sums, interval

    rows, times = counted
    totals = times @ rows
    sums = bootstrap_sums(rows, times, settings.resamples, settings.seed) if settings.resamples else None
    out: dict[str, Figure] = {}
    for i, name in enumerate(names):
        at = slice(WIDTH * i, WIDTH * i + WIDTH)
        if totals[at][0]:
            out[name] = figure(kind, totals[at].tolist())
            if sums is not None:
                out[name].low, out[name].high = interval(values(kind, sums[:, at]))
    return out


def figure(kind: str, sums: list[float]) -> Figure:
    """One figure from n, gold, predicted, hits.

    >>> figure("f1", [2, 4, 4, 1]).f1
    25.0
    """
    n, gold, predicted, hits = (int(value) if value == int(value) else value for value in sums)
    made = Figure(n=int(n), gold=gold, predicted=predicted, hits=hits)
    if kind == "accuracy":
        made.accuracy = ratio(hits, gold)
    else:
        made.precision, made.recall = ratio(hits, predicted), ratio(hits, gold)
        made.f1 = ratio(2 * hits, gold + predicted)
    return made


def values(kind: str, sums: Array) -> Array:
    """The figure in per cent of each row of sums (R, 4); nan where nothing was scored."""
    import numpy as np

    n, gold, predicted, hits = sums.T
    part, whole = (hits, gold) if kind == "accuracy" else (2 * hits, gold + predicted)
    full = np.where(whole > 0, 100.0 * part / np.where(whole > 0, whole, 1), 100.0)
    return np.where(n > 0, full, np.nan)


def draw_figures(kind: str, names: tuple[str, ...], sums: Array, found: dict[str, Figure]) -> None:
    """Add to each figure the mean of the draws, whose sums (draws, 4 per figure) are given, and their deviation."""
    for i, name in enumerate(names):
        if name in found:
            drawn = [figure(kind, each[WIDTH * i : WIDTH * i + WIDTH]) for each in sums.tolist()]
            scores = [f.value for f in drawn if f.n]
            if scores:
                spread = statistics.stdev(scores) if len(scores) > 1 else 0.0
                found[name].draws = Drawn(statistics.fmean(scores), spread, scores)
