"""Verbs about the state of a corpus: stats, clean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pointline import jsonl, settings
from pointline.clean.record import LEVELS, Record
from pointline.clean.rules import CleanSettings
from pointline.cli import console
from pointline.cli.options import Json
from pointline.errors import InputFault

if TYPE_CHECKING:
    from pointline.clean.corpus import CleanReport


def stats(
    data: Annotated[list[str], typer.Argument(metavar="S.jsonl...", help="One file or several, counted together.")],
    as_json: Json = False,
) -> None:
    """The data record: how much is annotated, on which level, in which split and language.

    Example: [bold]pointline stats train.jsonl test.jsonl[/]
    """
    record = Record()
    for path in data:
        one = Record.of(jsonl.read(path))
        if not one.total.samples:
            raise InputFault("holds no sample", path=path, fix="give a file with at least one JSON line")
        record.join(one)
    if as_json:
        console.document(record)
        return
    held = [level for level in LEVELS if getattr(record.total, level).annotated]
    columns = ["", "samples", *held, "unannotated", "median length", "longest"]
    rows = [_counted(row, held) for row in record.overview()]
    console.table("samples; items of each level; characters", columns, rows)
    names = record.names()
    for level in held:
        cells = [(row["name"], row["count"], *row["splits"].values()) for row in names if row["level"] == level]
        console.out()
        console.table(level, ["name", "all", *sorted(record.by_split)], cells)


def clean(
    out: Annotated[Path, typer.Option("--out", help="A folder; all its files are moved there when whole.")],
    train: Annotated[Path | None, typer.Option(help="Samples to train on.")] = None,
    dev: Annotated[Path | None, typer.Option(help="Samples to choose by.")] = None,
    test: Annotated[Path | None, typer.Option(help="Samples to measure on; their texts leave the others.")] = None,
    rules: Annotated[str | None, typer.Option(help="default: everything; iepile-published: two rules.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file of settings.")] = None,
    setting: Annotated[list[str] | None, typer.Option("--set", help="One setting, as key=value.")] = None,
    as_json: Json = False,
) -> None:
    """Duplicates, conflicts, leakage and low quality leave, each with its reason in dropped.jsonl.

    Example: [bold]pointline clean --train train.jsonl --test test.jsonl --out clean[/]
    """
    from pointline.clean.corpus import clean as cleaned

    given = {"train": train, "dev": dev, "test": test}
    words = [*(setting or []), *([f"rules={rules}"] if rules else [])]
    report = cleaned({k: v for k, v in given.items() if v}, out, settings.load(CleanSettings, config, words))
    console.document(report) if as_json else _tell(report, out)


def _counted(row: dict[str, Any], held: list[str]) -> list[object]:
    name = f"{row['by']} {row['name']}".strip()
    items = [f"{row[level]:,}" if row[f"{level}_annotated"] else "not annotated" for level in held]
    return [name, f"{row['samples']:,}", *items, f"{row['unannotated']:,}", row["length_median"], row["length_max"]]


def _tell(report: CleanReport, out: Path) -> None:
    reasons = list(dict.fromkeys(reason for file in report.files for reason in file.dropped))
    rows = [
        [file.split, f"{file.read:,}", f"{file.kept:,}", *(f"{file.dropped.get(reason, 0):,}" for reason in reasons)]
        for file in report.files
    ]
    console.table("read, kept, and dropped by reason", ["split", "read", "kept", *reasons], rows)
    for shared in report.shared:
        console.out(f"texts in both {' and '.join(shared.files)}: {shared.texts:,}")
    console.note(f"{out}: {', '.join(f'{file.split}.jsonl' for file in report.files)}, dropped.jsonl, report.json")
