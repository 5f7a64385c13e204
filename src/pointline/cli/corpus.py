"""Verbs that bring data in and look it over: readers, convert, check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pointline import jsonl
from pointline.cli import console
from pointline.cli.options import Json, Out
from pointline.corpora import cards
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request
from pointline.corpora.convert import convert as converted
from pointline.corpora.readers import READERS
from pointline.corpora.reading import docs_of
from pointline.errors import InputFault, SettingsFault
from pointline.inspection import every_fault


def readers(
    name: Annotated[str | None, typer.Argument(help="One reader, to see its options.")] = None, as_json: Json = False
) -> None:
    """List the readers, or the options of one.

    Example: [bold]pointline readers columns[/]
    """
    if name is not None and name not in READERS:
        raise SettingsFault(f"unknown reader {name!r}; known: {', '.join(READERS)}")
    if as_json:
        chosen = {name: READERS[name]} if name else READERS
        console.document({key: {"about": r.about, "options": docs_of(r.settings)} for key, r in chosen.items()})
    elif name:
        console.out(f"{name}: {READERS[name].about}\n")
        for option, meaning in docs_of(READERS[name].settings).items():
            console.out(f"  --set {option}=...\n      {meaning}")
    else:
        for key, reader in READERS.items():
            console.out(f"{key:14} {reader.about}")
        console.out(f"\ncards: {', '.join(cards.names())}")


def convert(
    inputs: Annotated[list[Path], typer.Argument(metavar="INPUT...", help="Files or folders.")],
    out: Out,
    reader: Annotated[str | None, typer.Option(help="The shape of the input; `pointline readers` lists them.")] = None,
    card: Annotated[str | None, typer.Option(help="The data set: a card's name or a TOML file.")] = None,
    split: Annotated[str | None, typer.Option(help="The split to read, or to write into the samples.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="An option of the reader, as key=value; may be repeated.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse the first repair instead of counting it.")] = False,
    as_json: Json = False,
) -> None:
    """Any known format to samples; every repair is counted and told.

    Example: [bold]pointline convert snips/train --reader parallel --set lang=en --out train.jsonl[/]
    """
    request = Request(reader, cards.load(card) if card else None, tuple(setting or ()), split)
    report = Report(strict)
    with console.bar("convert", None) as advance:
        count = jsonl.write(out, console.ticking(converted(inputs, request, report), advance))
    if as_json and out != "-":
        console.document({"out": out, **report.as_dict()})
        return
    for line in report.lines():
        console.note(line)
    console.note(f"{count:,} samples in {out}")


def check(data: Annotated[str, typer.Argument(metavar="S.jsonl")], as_json: Json = False) -> None:
    """List every fault of a samples file with line and field; exit code 1 if there is one.

    Example: [bold]pointline check train.jsonl[/]
    """
    found = list(every_fault(data))
    broken = sum(fault.breaks for fault in found)
    if as_json:
        console.document({"path": data, "faults": found})
    else:
        for fault in found:
            console.out(f"{data}:{fault.line}: {fault.field + ': ' if fault.field else ''}{fault.what}")
    if broken:
        raise InputFault(f"{broken:,} faults", path=data, fix="mend the lines listed")
    if not as_json:
        console.note(f"{data}: no fault" + (f", {len(found):,} oddities" if found else ""))
