"""Score answers against gold: one pass over the pairs, then figures, intervals and tables from the counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pointline.errors import Refusal
from pointline.score import protocols
from pointline.score.matching import Matcher
from pointline.score.pairing import Pairing
from pointline.score.protocols import Protocol
from pointline.score.result import Confused, Figure, LabelFigure, Score, label_figure, ratio
from pointline.score.signature import signature
from pointline.score.sources import Samples
from pointline.score.tally import WIDTH, Rows

if TYPE_CHECKING:
    from pointline.score.tally import Array


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be set about a score; every field that is not at its default stands in the signature."""

    resamples: int = 1000
    """Bootstrap replicates for the intervals; 0 leaves intervals out."""
    seed: int = 0
    """Fixes every draw."""


DEFAULT = Settings()


def score(
    gold: Samples,
    answers: Samples,
    protocol: str = "mre",
    *,
    allow_missing: bool = False,
    settings: Settings = DEFAULT,
) -> Score:
    """Score answers against gold, both given as a path (streamed, memory flat) or as samples.

    Raises InputFault where ids do not match (a line that names file and line) and Refusal where the protocol does
    not apply. With `allow_missing` a sample without an answer counts as empty, an answer without gold is left out,
    and both are counted.

    >>> from pointline.sample import Sample
    >>> gold = [Sample("1", "a", labels=["x"]), Sample("2", "b", labels=["y"])]
    >>> score(gold, [Sample("1", "a", labels=["x"]), Sample("2", "b", labels=["x"])])["TL"].f1
    50.0
    """
    chosen = protocols.named(protocol)
    matcher, rows = chosen.matcher(), Rows()
    pairing = Pairing(gold, [answers], partial=allow_missing)
    count, add = matcher, rows.add
    for real, (made,) in pairing:
        add((real.lang, real.source), count(real, made))
    return assembled(protocol, chosen, matcher, rows, (pairing, settings))


def assembled(name: str, chosen: Protocol, matcher: Matcher, rows: Rows, given: tuple[Pairing, Settings]) -> Score:
    """Figures, tables and signature out of what one pass counted."""
    pairing, settings = given
    unique, times = rows.arrays()
    found = figures(chosen, matcher.figures, (unique, times), settings)
    if not found:
        raise Refusal(f"{name}: {pairing.gold.name} annotates nothing that this protocol scores")
    labels = label_figures(matcher)
    for figure, members in matcher.members().items():
        if figure in found and chosen.figure == "f1":
            scores = [row.f1 for row in labels if row.level in members]
            found[figure].macro_f1 = sum(scores) / len(scores) if scores else None
    return Score(
        protocol=name,
        signature=signature(name, chosen.version, pairing.n, pairing.digests(), settings),
        figures=found,
        n=pairing.n,
        missing=pairing.missing,
        extra=pairing.extra,
        labels=labels,
        confusion=[Confused(*row) for row in matcher.confusion.rows()],
        notes=[f"{key}: no answer holds any of it" for key, f in found.items() if f.gold and not f.predicted],
    )


def figures(
    chosen: Protocol, names: tuple[str, ...], counted: tuple[Array, Array], settings: Settings
) -> dict[str, Figure]:
    """Every figure that was scored at least once, with its interval."""
    from pointline.score.resample import bootstrap_sums, interval

    rows, times = counted
    totals = times @ rows
    sums = bootstrap_sums(rows, times, settings.resamples, settings.seed) if settings.resamples else None
    out: dict[str, Figure] = {}
    for i, name in enumerate(names):
        n, gold, predicted, hits = (float(total) for total in totals[WIDTH * i : WIDTH * i + WIDTH])
        if not n:
            continue
        figure = Figure(n=int(n), gold=gold, predicted=predicted, hits=hits)
        if chosen.figure == "f1":
            figure.precision, figure.recall = ratio(hits, predicted), ratio(hits, gold)
            figure.f1 = ratio(2 * hits, gold + predicted)
        else:
            figure.accuracy = ratio(hits, gold)
        if sums is not None:
            figure.low, figure.high = interval(values(chosen, sums[:, WIDTH * i : WIDTH * i + WIDTH]))
        out[name] = figure
    return out


def values(chosen: Protocol, sums: Array) -> Array:
    """The figure in per cent of each row of sums (R, 4); nan where nothing was scored."""
    import numpy as np

    n, gold, predicted, hits = sums.T
    part, whole = (2 * hits, gold + predicted) if chosen.figure == "f1" else (hits, gold)
    full = np.where(whole > 0, 100.0 * part / np.where(whole > 0, whole, 1), 100.0)
    return np.where(n > 0, full, np.nan)


def label_figures(matcher: Matcher) -> list[LabelFigure]:
    """The per-label table, facet by facet, labels by name."""
    return [label_figure(facet, *row) for facet, table in matcher.labels.items() for row in table.rows()]
