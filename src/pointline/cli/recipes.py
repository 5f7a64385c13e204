"""The verbs of recipes: whole stories on text that the project writes itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pointline import settings
from pointline.cli import console
from pointline.cli.options import Json, Seed

if TYPE_CHECKING:
    from pointline.recipes.tcree import Tcree

ABOUT = "Whole stories on text that the project writes itself."
app = typer.Typer(no_args_is_help=True, help=ABOUT)


@app.callback(help=ABOUT)
def _recipes() -> None:
    pass


@app.command()
def tcree(
    out: Annotated[Path, typer.Option("--out", help="A folder for documents, candidates, rounds and models.")] = Path(
        "tcree-out"
    ),
    setting: Annotated[list[str] | None, typer.Option("--set", help="One setting, as key=value: rounds=3.")] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Candidates by rules, review, training, the next batch by the model, review again: scores and labels by round.

    Example: [bold]pointline recipes tcree --out tcree-out[/]
    """
    from pointline.recipes.tcree import TcreeSettings
    from pointline.recipes.tcree import tcree as run

    words = [*(setting or []), *([f"seed={seed}"] if seed else [])]
    chosen = settings.load(TcreeSettings, None, words)
    with console.stages() as tell:
        found = run(out, chosen, tell)
    console.document(found) if as_json else _tell(found, out)


def _tell(found: Tcree, out: Path) -> None:
    console.out(
        "Sentences made by templates, review simulated by their truth: this shows how the loop works and proves "
        "nothing about language.\n"
    )
    made = found.candidates
    console.out(
        f"{made.documents:,} documents, {made.sentences:,} sentences, {made.matched:,} matched a rule: "
        f"{made.relations:,} relation and {made.events:,} event samples; {found.pool:,} in the pool, {found.test:,} "
        "in test\n"
    )
    rows = [
        (
            one.number,
            "rules" if one.model is None else f"model {one.number - 1}",
            f"{one.decided:,}",
            one.accepted,
            one.fixed,
            one.rejected,
            "" if one.saved is None else f"{one.saved:.1f} %",
            texts,
            *(f"{scores.get(level, float('nan')):.1f}" for level in ("TL", "WL", "ALL")),
        )
        for one, texts, scores in zip(found.book.rounds, found.trained_on, found.scores, strict=True)
    ]
    title = "rounds, and the model trained after each on held-out gold"
    columns = ["round", "drafts by", "reviewed", "accepted", "fixed", "rejected", "labels saved", "texts"]
    console.table(title, [*columns, "TL", "WL", "ALL"], rows)
    right = "" if found.sure_right is None else f", {found.sure_right:.1f} % of them right as a whole"
    console.out(f"\n{found.sure:,} samples were left aside as sure{right}; {out}/result.json")
