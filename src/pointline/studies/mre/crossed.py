"""Is a mean difference chance? Test items and training runs (seeds) are both drawn, and both count.

A bootstrap over test items alone asks whether these very models would differ on other items; a claim about a level's
help is about other trainings too. The differences d (N items, S seeds) follow a two-way random model, so

    Var(mean) = (MS_seeds + MS_items - MS_rest) / (N S)

with the mean squares of the two-way table (Cornfield and Tukey 1956), and Satterthwaite's (1946) degrees of freedom.
"""

from __future__ import annotations

import math

import msgspec

from pointline.errors import MissingExtra
from pointline.studies.mre.contributions import Array

CONFIDENCE = 0.95
POWER = 0.8


class Crossed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A mean difference, in points, and how sure one may be.

    - `low`, `high`: 95 % interval; `p`: two-sided; `freedom`: degrees of freedom.
    - `seed_deviation`: spread of the difference from one training to the next, beyond what items explain; None with
      one seed, where the interval speaks of these very models only.
    - `item_error`: standard error that comes from the choice of test items.
    - `effect`: difference in standard deviations of one item's contribution (Cohen's d of paired differences).
    - `n_needed`: test items at which such a difference shows with 80 % power, seeds as they are; None where no number
      of items is enough.
    """

    delta: float
    low: float
    high: float
    p: float
    freedom: float
    n: int
    seeds: int
    item_error: float
    effect: float
    seed_deviation: float | None = None
    n_needed: int | None = None


def crossed(differences: Array) -> Crossed:
    """Test differences (N items, S seeds), two-sided against 0.

    Raises MissingExtra without scipy.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> found = crossed(rng.normal(1.0, 2.0, (500, 5)))
    >>> found.p < 0.001, round(found.delta)
    (True, 1)
    """
    try:
        from scipy.stats import t as student
    except ImportError:
        raise MissingExtra("studies", "scipy") from None
    n, seeds = differences.shape
    delta = float(differences.mean())
    over_seeds, over_items, rest = mean_squares(differences)
    variance, freedom = _variance(over_seeds, over_items, rest, (n, seeds))
    error = math.sqrt(variance)
    reach = float(student.ppf((1 + CONFIDENCE) / 2, freedom))
    p = float(2 * student.sf(abs(delta) / error, freedom)) if error else float(delta == 0)
    item_deviation = math.sqrt(over_items)
    run_variance = None if seeds == 1 else max(0.0, (over_seeds - rest) / n)
    return Crossed(
        delta=delta,
        low=delta - reach * error,
        high=delta + reach * error,
        p=p,
        freedom=freedom,
        n=n,
        seeds=seeds,
        item_error=math.sqrt(over_items / (n * seeds)),
        effect=delta / item_deviation * math.sqrt(seeds) if item_deviation else 0.0,
        seed_deviation=None if run_variance is None else math.sqrt(run_variance),
        n_needed=_needed(delta, over_items / seeds, (run_variance or 0.0) / seeds, freedom),
    )


def mean_squares(differences: Array) -> tuple[float, float, float]:
    """Mean squares of seeds, of items and of the rest; the first and last are 0 with one seed.

    >>> import numpy as np
    >>> mean_squares(np.array([[1.0, 3.0], [1.0, 3.0]]))
    (4.0, 0.0, 0.0)
    """
    n, seeds = differences.shape
    mean = differences.mean()
    by_item, by_seed = differences.mean(axis=1), differences.mean(axis=0)
    over_items = float(seeds * ((by_item - mean) ** 2).sum() / max(1, n - 1))
    if seeds == 1:
        return 0.0, over_items, 0.0
    over_seeds = float(n * ((by_seed - mean) ** 2).sum() / (seeds - 1))
    left = differences - by_item[:, None] - by_seed[None, :] + mean
    return over_seeds, over_items, float((left**2).sum() / max(1, (n - 1) * (seeds - 1)))


def _variance(over_seeds: float, over_items: float, rest: float, size: tuple[int, int]) -> tuple[float, float]:
    """The variance of the mean and its degrees of freedom; items that add less than noise add nothing."""
    n, seeds = size
    if seeds == 1:
        return over_items / n, max(1, n - 1)
    if over_items <= rest:
        return over_seeds / (n * seeds), seeds - 1
    total = over_seeds + over_items - rest
    parts = ((over_seeds, seeds - 1), (over_items, n - 1), (rest, (n - 1) * (seeds - 1)))
    freedom = total**2 / sum(square**2 / own for square, own in parts)
    return total / (n * seeds), freedom


def _needed(delta: float, item_variance: float, run_variance: float, freedom: float) -> int | None:
    from scipy.stats import t as student

    reach = float(student.ppf((1 + CONFIDENCE) / 2, freedom) + student.ppf(POWER, freedom))
    room = (delta / reach) ** 2 - run_variance
    return math.ceil(item_variance / room) if room > 0 else None
