"""Is one system better than another? The same samples, resampled together (paired)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pointline.errors import Refusal
from pointline.score import protocols
from pointline.score.figures import values
from pointline.score.options import DEFAULT, Settings
from pointline.score.pairing import Pairing
from pointline.score.result import Figures
from pointline.score.signature import signature
from pointline.score.sources import Samples
from pointline.score.tally import WIDTH, Row, Rows

if TYPE_CHECKING:
    from pointline.score.tally import Array, Counted

# Two-sided 5 %, power 80 %: the normal quantiles at .975 and .8.
REACH = 1.959964 + 0.841621


class Delta(msgspec.Struct, omit_defaults=True):
    """One figure of both systems, in per cent; `delta` = a - b with its 95 % interval.

    - `p`: two-sided, paired bootstrap: how often the replicates' deltas, centred, are as large as the one seen
      (Efron and Tibshirani 1993, section 16.4; Koehn 2004).
    - `p_swap`: two-sided, approximate randomization: how often swapping the two outputs sample by sample gives a
      delta as large (Noreen 1989; Yeh 2000).
    - `p_holm`: `p_swap` corrected for the number of data sets compared at once (Holm 1979).
    - `effect`: delta in standard deviations of one sample's contribution (Cohen's d of paired differences).
    - `n_needed`: samples to see such a difference with 80 % power at the 5 % level; None where there is none.
    """

    a: float
    b: float
    delta: float
    low: float
    high: float
    p: float
    p_swap: float
    n: int
    effect: float
    n_needed: int | None = None
    p_holm: float | None = None


class Comparison(Figures[Delta]):
    """Two systems on one gold file; `comparison["WL"].delta` reads one figure.

    `sources` compares each source of the gold file by itself, corrected for their number.
    """

    sources: dict[str, dict[str, Delta]] = msgspec.field(default_factory=dict)


def compare(
    gold: Samples,
    answers: tuple[Samples, Samples],
    protocol: str = "mre",
    *,
    allow_missing: bool = False,
    settings: Settings = DEFAULT,
) -> Comparison:
    """Compare two systems' answers (a, b) to one gold file, sample by sample; delta = a - b.

    Raises InputFault and Refusal as `score` does.

    >>> from pointline.sample import Sample
    >>> gold = [Sample(str(i), "a", labels=["x"]) for i in range(40)]
    >>> worse = [Sample(str(i), "a", labels=["x" if i % 2 else "y"]) for i in range(40)]
    >>> result = compare(gold, (gold, worse))
    >>> result["TL"].delta, result["TL"].p < 0.01
    (50.0, True)
    """
    chosen = protocols.named(protocol)
    first, second, rows = chosen.matcher(settings), chosen.matcher(settings), Rows()
    pairing = Pairing(gold, answers, partial=allow_missing)
    for golds, ours, theirs in pairing.blocks():
        groups = [(None, gold.source) for gold in golds]
        rows.add(groups, zip(first(golds, ours), second(golds, theirs), strict=True))

    def joint(pairs: list[Row]) -> Array:
        import numpy as np

        return np.hstack([first.table([a for a, _ in pairs]), second.table([b for _, b in pairs])])

    found = deltas(chosen.figure, first.figures, rows.arrays(joint), settings)
    if not found:
        raise Refusal(f"{protocol}: {pairing.gold.name} annotates nothing that this protocol scores")
    names = rows.groups(1)
    parts = {s or "": deltas(chosen.figure, first.figures, rows.arrays(joint, (1, s)), settings) for s in names}
    return Comparison(
        protocol=protocol,
        signature=signature(protocol, chosen.version, pairing, settings),
        figures=found,
        n=pairing.n,
        missing=pairing.missing,
        extra=pairing.extra,
        sources=corrected(parts) if len(names) > 1 else {},
    )


def deltas(kind: str, names: tuple[str, ...], counted: Counted, settings: Settings) -> dict[str, Delta]:
    """Every figure's difference, from unique joint rows (U, 8 per figure) and their multiplicities (U,)."""
    from pointline.score.resample import bootstrap_sums, interval, swapped_sums, two_sided

    rows, times = counted
    half, resamples = rows.shape[1] // 2, max(settings.resamples, 1)
    totals = (times @ rows)[None, :]
    sums = bootstrap_sums(rows, times, resamples, settings.seed)
    # Swapping a sample's two outputs moves the difference of the counts and keeps their sum.
    flips = swapped_sums(rows[:, :half] - rows[:, half:], times, resamples, settings.seed)
    both = totals[:, :half] + totals[:, half:]
    out: dict[str, Delta] = {}
    for i, name in enumerate(names):
        at, beside = slice(WIDTH * i, WIDTH * i + WIDTH), slice(half + WIDTH * i, half + WIDTH * i + WIDTH)
        n = int(totals[0, at][0])
        if n:
            a, b = (float(values(kind, totals[:, side])[0]) for side in (at, beside))
            replicates = values(kind, sums[:, at]) - values(kind, sums[:, beside])
            swapped = values(kind, (both + flips)[:, at] / 2) - values(kind, (both - flips)[:, at] / 2)
            low, high = interval(replicates)
            p = two_sided(replicates - (a - b), a - b)
            effect, needed = power(a - b, replicates, n)
            out[name] = Delta(a, b, a - b, low, high, p, two_sided(swapped, a - b), n, effect, needed)
    return out


def power(delta: float, replicates: Array, n: int) -> tuple[float, int | None]:
    """The paired effect size and the samples needed to see it, from the bootstrap's standard error over n samples."""
    import math

    import numpy as np

    deviation = float(np.nanstd(replicates)) * math.sqrt(n)
    if not delta or not deviation:
        return 0.0, None
    effect = delta / deviation
    return effect, math.ceil((REACH / effect) ** 2)


def holm(ps: dict[str, float]) -> dict[str, float]:
    """Correct p values for their number (Holm 1979); the names stay.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    out, highest = {}, 0.0
    for rank, name in enumerate(sorted(ps, key=lambda name: (ps[name], name))):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[name]))
        out[name] = highest
    return {name: out[name] for name in ps}


def corrected(parts: dict[str, dict[str, Delta]]) -> dict[str, dict[str, Delta]]:
    """Set `p_holm` of every figure across data sets; returns the same parts.

    Takes the figures of several comparisons by name, for example one per data set.
    """
    for figure in sorted({name for part in parts.values() for name in part}):
        ps = holm({name: part[figure].p_swap for name, part in parts.items() if figure in part})
        for name, p in ps.items():
            parts[name][figure].p_holm = p
    return parts
