"""The verb build-corpus: a recipe of many data sets to shards of instructions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pointline.cli import console
from pointline.cli.options import Json

if TYPE_CHECKING:
    from pointline.recipes.corpus_result import Made


def build_corpus(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE.toml", help="Data sets and settings.")],
    out: Annotated[Path, typer.Option("--out", help="A folder; a killed run goes on where it stopped.")],
    data: Annotated[Path | None, typer.Option(help="The folder of the data sets; by default the recipe's.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that build; the bytes are the same.")] = None,
    engine: Annotated[Literal["local", "ray"] | None, typer.Option(help="Where shards are built.")] = None,
    address: Annotated[str | None, typer.Option(help="A Ray cluster; by default one on this machine.")] = None,
    as_json: Json = False,
) -> None:
    """Data sets to a corpus of instructions: convert, clean, hard negatives, mixture, shards, record, manifest.

    Example: [bold]pointline build-corpus recipe.toml --data data --out corpus[/]
    """
    from pointline.recipes.corpus import build
    from pointline.recipes.corpus_settings import read_recipe

    running = {"workers": workers, "engine": engine, "address": address}
    with console.stages() as tell:
        made = build(read_recipe(recipe, data), out, {k: v for k, v in running.items() if v is not None}, tell)
    console.document(made) if as_json else _tell(made)


def _tell(made: Made) -> None:
    rows = [
        [r.name, r.task, len(r.schema), *(f"{r.instances.get(s, 0):,}" for s in made.rows), f"{r.instructions:,}"]
        for r in [*made.records, made.whole]
    ]
    console.table("samples kept by split, instructions", ["corpus", "task", "labels", *made.rows, "instructions"], rows)
    told = ", ".join(f"{split} {count:,}" for split, count in made.rows.items())
    console.note(f"{made.out}: rows {told}; {made.bytes / 1e6:,.1f} MB; README.md, record.json, manifest.json")
