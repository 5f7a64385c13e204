"""The verb datasets: the cards that ship, what they say, where to get the data, and conversion by card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pointline.cli import console
from pointline.cli.corpus import convert as convert_verb
from pointline.cli.options import Json, Out
from pointline.corpora import cards

app = typer.Typer(no_args_is_help=True, help="Data sets that have a card: list, show, fetch-help, convert.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="A card's name, or a TOML file.")]


@app.command("list")
def listed(as_json: Json = False) -> None:
    """List the cards.

    Example: [bold]pointline datasets list[/]
    """
    held = [cards.load(name) for name in cards.names()]
    if as_json:
        console.document([{"name": c.name, "task": c.task, "langs": c.langs, "licence": c.licence} for c in held])
        return
    rows = [(c.name, ", ".join(c.langs), c.task, c.reader or "described only", c.licence) for c in held]
    console.table(f"{len(rows)} data sets", ["name", "languages", "task", "reader", "licence"], rows)


@app.command()
def show(name: Name, as_json: Json = False) -> None:
    """Show what a card says.

    Example: [bold]pointline datasets show snips_slotgated[/]
    """
    card = cards.load(name)
    if as_json:
        console.document(card)
        return
    console.out(f"{card.title} ({card.name})")
    for what, said in (
        ("task", card.task),
        ("languages", ", ".join(card.langs)),
        ("domain", card.domain),
        ("licence", card.licence),
        ("home", card.home),
        ("reader", card.reader or "none: the card only describes"),
    ):
        if said:
            console.out(f"  {what:10} {said}")
    for entry in card.files:
        count = "" if entry.samples is None else f"{entry.samples:,} samples"
        console.out(f"  {'file':10} {entry.glob}  {entry.split or ''}  {entry.lang or ''}  {count}".rstrip())
    for corpus, sizes in card.published.items():
        console.out(f"  {'published':10} {corpus}: " + ", ".join(f"{key} {size:,}" for key, size in sizes.items()))
    if card.notes:
        console.out(f"\n{card.notes.strip()}")


@app.command("fetch-help")
def fetch_help(name: Name) -> None:
    """Say where a data set is to be had, and under which licence; nothing is downloaded.

    Example: [bold]pointline datasets fetch-help stockmark_ner_wikipedia_ja[/]
    """
    card = cards.load(name)
    console.out(f"{card.title}: {card.fetch or 'follow its home'}")
    console.out(f"home: {card.home or 'not stated'}\nlicence: {card.licence}")


@app.command()
def convert(
    name: Name,
    root: Annotated[Path, typer.Option("--root", help="The data set's folder, or the folder that holds it.")],
    out: Out,
    split: Annotated[str | None, typer.Option(help="One split only.")] = None,
    setting: Annotated[list[str] | None, typer.Option("--set", help="An option of the reader, as key=value.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse the first repair instead of counting it.")] = False,
    as_json: Json = False,
) -> None:
    """Convert a data set by its card.

    Example: [bold]pointline datasets convert snips_slotgated --root data --out snips.jsonl[/]
    """
    convert_verb(
        [cards.root_of(cards.load(name), root)],
        out,
        card=name,
        split=split,
        setting=setting,
        strict=strict,
        as_json=as_json,
    )
