"""The verb score: figures with intervals, tables, comparison."""

from __future__ import annotations

from typing import Annotated

import typer

from pointline.cli import console
from pointline.cli.options import Json, Seed
from pointline.score import Comparison, Score, Settings, compare
from pointline.score import score as measure


def score(
    gold: Annotated[str, typer.Argument(metavar="GOLD.jsonl")],
    answers: Annotated[str, typer.Argument(metavar="ANSWERS.jsonl")],
    protocol: Annotated[str, typer.Option(help="Who counts what.")] = "mre",
    other: Annotated[str | None, typer.Option("--compare", help="Other answers: tests the difference.")] = None,
    allow_missing: Annotated[bool, typer.Option("--allow-missing", help="A missing answer counts as empty.")] = False,
    resamples: Annotated[int, typer.Option(min=0, help="Bootstrap replicates.")] = 1000,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Measure answers against gold, with 95 % bootstrap intervals.

    Example: [bold]pointline score test.jsonl answers.jsonl[/]
    """
    settings = Settings(resamples=resamples, seed=seed)
    found = measure(gold, answers, protocol, allow_missing=allow_missing, settings=settings)
    compared = None
    if other is not None:
        compared = compare(gold, (answers, other), protocol, allow_missing=allow_missing, settings=settings)
    if as_json:
        console.document(found.to_dict() | ({"compare": compared.to_dict()} if compared else {}))
        return
    _tell(found)
    if compared is not None:
        _tell_comparison(compared, answers, str(other))


def _tell(found: Score) -> None:
    rows = []
    for name, figure in found.figures.items():
        spread = "" if figure.low is None or figure.high is None else f"{figure.low:.2f} - {figure.high:.2f}"
        parts = [f"{value:.2f}" if value is not None else "" for value in (figure.precision, figure.recall)]
        rows.append([name, f"{figure.value:.2f}", spread, *parts, f"{figure.n:,}"])
    kind = "F1" if any(figure.f1 is not None for figure in found.figures.values()) else "accuracy"
    console.table(f"{found.protocol}, per cent", ["level", kind, "95 % interval", "precision", "recall", "n"], rows)
    for level in dict.fromkeys(row.level for row in found.labels):
        shown = [row for row in found.labels if row.level == level]
        cells = [[r.label, f"{r.f1:.2f}", f"{r.precision:.2f}", f"{r.recall:.2f}", r.n, r.predicted] for r in shown]
        console.out()
        console.table(level, ["label", "F1", "precision", "recall", "gold", "predicted"], cells)
    wrong = [c for c in found.confusion if c.gold != c.predicted]
    if wrong:
        cells = [[c.gold or "(none)", c.predicted or "(none)", c.n] for c in sorted(wrong, key=lambda c: -c.n)[:20]]
        console.out()
        console.table("confused text labels (20 most frequent)", ["gold", "predicted", "n"], cells)
    if found.missing or found.extra:
        console.out(f"\nmissing answers (counted as empty): {found.missing}; answers without gold: {found.extra}")
    for line in found.notes:
        console.note(f"pointline: {line}")
    console.out(f"\n{found.signature}")


def _tell_comparison(compared: Comparison, first: str, second: str) -> None:
    rows = [
        [name, f"{d.a:.2f}", f"{d.b:.2f}", f"{d.delta:+.2f}", f"{d.low:+.2f} - {d.high:+.2f}", f"{d.p:.4f}", f"{d.n:,}"]
        for name, d in compared.figures.items()
    ]
    console.out(f"\nA = {first}\nB = {second}")
    columns = ["level", "A", "B", "A - B", "95 % interval", "p", "n"]
    console.table(f"{compared.protocol}, per cent", columns, rows)
    console.out(f"\n{compared.signature}")
