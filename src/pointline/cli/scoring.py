"""The verb score: figures with intervals, tables, errors, every protocol side by side, comparison."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pointline.cli import console
from pointline.cli.options import Json, Seed
from pointline.score import PROTOCOLS, Board, Comparison, Figure, Score, Settings, compare, score_all
from pointline.score import score as measure


def score(
    gold: Annotated[str, typer.Argument(metavar="GOLD.jsonl")],
    answers: Annotated[str, typer.Argument(metavar="ANSWERS.jsonl")],
    protocol: Annotated[str, typer.Option(help=f"Who counts what: {', '.join(PROTOCOLS)}.")] = "mre",
    other: Annotated[str | None, typer.Option("--compare", help="Other answers: tests the difference.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every protocol that applies, side by side.")] = False,
    allow_missing: Annotated[bool, typer.Option("--allow-missing", help="A missing answer counts as empty.")] = False,
    strict_all: Annotated[bool, typer.Option("--strict-all", help="mre-accuracy: spurious pairs break ALL.")] = False,
    errors: Annotated[bool, typer.Option("--errors", help="Sort the errors by kind; the worst samples.")] = False,
    draws: Annotated[int, typer.Option(min=0, help="Average over so many random draws, as the papers do (3).")] = 0,
    draw_size: Annotated[int, typer.Option(min=1, help="Samples in a draw.")] = 1000,
    resamples: Annotated[int, typer.Option(min=0, help="Bootstrap replicates.")] = 1000,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Measure answers against gold, with 95 % bootstrap intervals.

    Example: [bold]pointline score test.jsonl answers.jsonl --errors[/]
    """
    settings = Settings(resamples, seed, strict_all, draws, draw_size, errors)
    found: Score | Board
    if every:
        found = score_all(gold, answers, allow_missing=allow_missing, settings=settings)
    else:
        found = measure(gold, answers, protocol, allow_missing=allow_missing, settings=settings)
    compared = None
    if other is not None:
        compared = compare(gold, (answers, other), protocol, allow_missing=allow_missing, settings=settings)
    if as_json:
        document: dict[str, Any] = found.to_dict() | ({"compare": compared.to_dict()} if compared else {})
        console.document(document)
        return
    if isinstance(found, Board):
        _tell_board(found)
    else:
        _tell(found)
    if compared is not None:
        _tell_comparison(compared, answers, str(other))


def _tell(found: Score) -> None:
    kind = "F1" if any(figure.f1 is not None for figure in found.figures.values()) else "accuracy"
    columns = ["level", kind, "95 % interval", "precision", "recall", "n"]
    rows = [[name, *_cells(figure)] for name, figure in found.figures.items()]
    console.table(f"{found.protocol}, per cent", columns, rows)
    for what, parts in (("language", found.languages), ("source", found.sources)):
        if len(parts) > 1:
            rows = [[part, name, *_cells(figure)] for part, held in parts.items() for name, figure in held.items()]
            console.out()
            console.table(f"by {what}", [what, *columns], rows)
    for level in dict.fromkeys(row.level for row in found.labels):
        shown = [row for row in found.labels if row.level == level]
        cells = [[r.label, f"{r.f1:.2f}", f"{r.precision:.2f}", f"{r.recall:.2f}", r.n, r.predicted] for r in shown]
        console.out()
        console.table(level, ["label", "F1", "precision", "recall", "gold", "predicted"], cells)
    never = [f"{r.label} ({r.n})" for r in found.labels if r.n and not r.predicted]
    if never:
        console.note(f"pointline: gold names that no answer bears: {', '.join(never)}")
    wrong = [c for c in found.confusion if c.gold != c.predicted]
    if wrong:
        cells = [[c.gold or "(none)", c.predicted or "(none)", c.n] for c in sorted(wrong, key=lambda c: -c.n)[:20]]
        console.out()
        console.table("confused text labels (the most frequent, up to 20)", ["gold", "predicted", "n"], cells)
    _tell_errors(found)
    if found.missing or found.extra:
        console.out(f"\nmissing answers (counted as empty): {found.missing}; answers without gold: {found.extra}")
    for line in found.notes:
        console.note(f"pointline: {line}")
    console.out(f"\n{found.signature}")


def _cells(figure: Figure) -> list[str]:
    spread = "" if figure.low is None or figure.high is None else f"{figure.low:.2f} - {figure.high:.2f}"
    parts = [f"{value:.2f}" if value is not None else "" for value in (figure.precision, figure.recall)]
    return [f"{figure.value:.2f}", spread, *parts, f"{figure.n:,}"]


def _tell_errors(found: Score) -> None:
    if found.errors is None:
        return
    rows = [(level, kind, n) for level, kinds in found.errors.kinds.items() for kind, n in kinds.items()]
    console.out()
    console.table("errors", ["level", "kind", "n"], rows)
    for failure in found.errors.worst:
        console.out(f"\n{failure.id}: {failure.text}")
        for mistake in failure.mistakes:
            console.out(f"  {mistake.kind:14} gold {_said(mistake.gold)}  said {_said(mistake.predicted)}")


def _said(item: tuple[str, ...] | None) -> str:
    return "-" if item is None else " | ".join(map(str, item))


def _tell_board(board: Board) -> None:
    rows = [[name, part, *_cells(f)] for name, score in board.scores.items() for part, f in score.figures.items()]
    columns = ["protocol", "figure", "value", "95 % interval", "precision", "recall", "n"]
    console.table("every protocol that applies, per cent", columns, rows)
    console.out()
    for name, reason in board.refused.items():
        console.out(f"does not apply: {name}: {reason}")
    console.out()
    for score in board.scores.values():
        console.out(score.signature)


def _tell_comparison(compared: Comparison, first: str, second: str) -> None:
    rows = []
    for name, d in compared.figures.items():
        figures = [f"{d.a:.2f}", f"{d.b:.2f}", f"{d.delta:+.2f}", f"{d.low:+.2f} - {d.high:+.2f}"]
        needed = "" if d.n_needed is None else f"{d.n_needed:,}"
        rows.append([name, *figures, f"{d.p:.4f}", f"{d.p_swap:.4f}", f"{d.effect:+.3f}", needed, f"{d.n:,}"])
    console.out(f"\nA = {first}\nB = {second}")
    columns = ["level", "A", "B", "A - B", "95 % interval", "p", "p swap", "effect", "n needed", "n"]
    console.table(f"{compared.protocol}, per cent", columns, rows)
    console.out(f"\n{compared.signature}")
