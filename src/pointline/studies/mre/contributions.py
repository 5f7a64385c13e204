"""What each test item adds to a figure: F1 as a mean over items, so that items and training runs can be told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pointline.errors import Refusal
from pointline.sample import Sample
from pointline.score.options import DEFAULT
from pointline.score.protocols import named
from pointline.score.tally import WIDTH

Array: TypeAlias = NDArray[np.float64]


def counts_of(golds: Sequence[Sample], answers: Sequence[Sample], figure: str, protocol: str = "mre") -> Array:
    """Counts (N, 4) of each sample for one figure (TL, WL): scored, gold, predicted, hits; answers in gold's order.

    >>> gold, answer = Sample("1", "a", labels=["x"]), Sample("1", "a", labels=["y"])
    >>> counts_of([gold], [answer], "TL").tolist()
    [[1.0, 1.0, 1.0, 0.0]]
    """
    if [gold.id for gold in golds] != [answer.id for answer in answers]:
        raise Refusal("answers are not in the order of the gold samples")
    matcher = named(protocol).matcher(DEFAULT)
    if figure not in matcher.figures:
        raise Refusal(f"{protocol} has no figure {figure}; it has {', '.join(matcher.figures)}")
    at = matcher.figures.index(figure) * WIDTH
    rows = [
        row
        for start in range(0, len(golds), 64)
        for row in matcher(golds[start : start + 64], answers[start : start + 64])
    ]
    return matcher.table(rows)[:, at : at + WIDTH]


def contributions(counts: Array) -> Array:
    """F1 in per cent as a mean over items: values (N,) whose mean is F1 = 2 hits / (gold + predicted).

    An item's value is F1 plus its influence on it, the first-order term of the infinitesimal jackknife (Efron and
    Tibshirani 1993, section 21.3); the spread of the values over items is what the delta method gives F1's variance.

    >>> import numpy as np
    >>> contributions(np.array([[1.0, 1, 1, 1], [1, 1, 1, 0]])).tolist()
    [100.0, 0.0]
    """
    n = len(counts)
    asked = counts[:, 1] + counts[:, 2]
    total = float(asked.sum())
    if not total:
        return np.zeros(n)
    share = 2 * float(counts[:, 3].sum()) / total
    return 100 * (share + n * (2 * counts[:, 3] - share * asked) / total)
