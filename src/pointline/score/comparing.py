"""Is one system better than another? The same samples, resampled together (paired)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from pointline.errors import Refusal
from pointline.score import protocols
from pointline.score.pairing import Pairing
from pointline.score.protocols import Protocol
from pointline.score.scoring import DEFAULT, Settings, values
from pointline.score.signature import signature
from pointline.score.sources import Samples
from pointline.score.tally import WIDTH, Rows

if TYPE_CHECKING:
    from pointline.score.tally import Array


class Delta(msgspec.Struct):
    """One figure of both systems, in per cent; `delta` = a - b with its 95 % interval.

    `p` is two-sided, from the paired bootstrap: how often the replicates' deltas, centred, are as large as the one
    seen (Berg-Kirkpatrick et al. 2012, shifted as in Efron and Tibshirani 1993); `p_swap` from approximate
    randomization (Noreen 1989): how often swapping the two outputs sample by sample gives a delta as large.
    """

    a: float
    b: float
    delta: float
    low: float
    high: float
    p: float
    p_swap: float
    n: int


class Comparison(msgspec.Struct):
    """Two systems on one gold file; `comparison["WL"].delta` reads one figure."""

    protocol: str
    signature: str
    figures: dict[str, Delta]
    n: int
    missing: int = 0
    extra: int = 0

    def __getitem__(self, figure: str) -> Delta:
        return self.figures[figure]

    def __contains__(self, figure: object) -> bool:
        return figure in self.figures

    def to_dict(self) -> dict[str, Any]:
        """Plain values with the figures at the top."""
        whole: dict[str, Any] = msgspec.to_builtins(self)
        figures = whole.pop("figures")
        head = {name: whole.pop(name) for name in ("protocol", "signature")}
        return {**head, **figures, **whole}

    def to_json(self) -> str:
        """One JSON document."""
        return msgspec.json.encode(self.to_dict()).decode()


def compare(
    gold: Samples,
    answers: tuple[Samples, Samples],
    protocol: str = "mre",
    *,
    allow_missing: bool = False,
    settings: Settings = DEFAULT,
) -> Comparison:
    """Compare two systems' answers (a, b) to one gold file, sample by sample.

    Raises InputFault and Refusal as `score` does.

    >>> from pointline.sample import Sample
    >>> gold = [Sample(str(i), "a", labels=["x"]) for i in range(40)]
    >>> worse = [Sample(str(i), "a", labels=["x" if i % 2 else "y"]) for i in range(40)]
    >>> result = compare(gold, (gold, worse))
    >>> result["TL"].delta, result["TL"].p < 0.01
    (50.0, True)
    """
    chosen = protocols.named(protocol)
    first, second, rows = chosen.matcher(), chosen.matcher(), Rows()
    pairing = Pairing(gold, answers, partial=allow_missing)
    for real, (a, b) in pairing:
        rows.add((None, None), first(real, a) + second(real, b))
    found = deltas(chosen, first.figures, rows.arrays(), settings)
    if not found:
        raise Refusal(f"{protocol}: {pairing.gold.name} annotates nothing that this protocol scores")
    return Comparison(
        protocol=protocol,
        signature=signature(protocol, chosen.version, pairing.n, pairing.digests(), settings),
        figures=found,
        n=pairing.n,
        missing=pairing.missing,
        extra=pairing.extra,
    )


def deltas(
    chosen: Protocol, names: tuple[str, ...], counted: tuple[Array, Array], settings: Settings
) -> dict[str, Delta]:
    """Every figure's difference, from unique joint rows (U, 8 per figure) and their multiplicities (U,)."""
    from pointline.score.resample import bootstrap_sums, interval, swapped_sums, two_sided

    rows, times = counted
    half = rows.shape[1] // 2
    resamples = max(settings.resamples, 1)
    totals = (times @ rows)[None, :]
    sums = bootstrap_sums(rows, times, resamples, settings.seed)
    # Swapping a sample's two outputs moves the difference of the counts and keeps their sum.
    flips = swapped_sums(rows[:, :half] - rows[:, half:], times, resamples, settings.seed)
    both = totals[:, :half] + totals[:, half:]
    out: dict[str, Delta] = {}
    for i, name in enumerate(names):
        at, beside = slice(WIDTH * i, WIDTH * i + WIDTH), slice(half + WIDTH * i, half + WIDTH * i + WIDTH)
        if not totals[0, at][0]:
            continue
        a, b = (float(values(chosen, totals[:, place])[0]) for place in (at, beside))
        replicates = values(chosen, sums[:, at]) - values(chosen, sums[:, beside])
        swapped = values(chosen, (both + flips)[:, at] / 2) - values(chosen, (both - flips)[:, at] / 2)
        low, high = interval(replicates)
        p = two_sided(replicates - (a - b), a - b)
        out[name] = Delta(a, b, a - b, low, high, p, two_sided(swapped, a - b), int(totals[0, at][0]))
    return out
