"""Verbs about the state of a corpus: stats, clean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from pointline import jsonl, settings
from pointline.clean.record import LEVELS, Record
from pointline.clean.rules import CleanSettings
from pointline.cli import console
from pointline.cli.options import Json
from pointline.corpora.cards import of_source
from pointline.corpora.licences import strictest
from pointline.errors import InputFault, MissingExtra, Refusal, SettingsFault

if TYPE_CHECKING:
    from pointline.clean.corpus import CleanReport


def stats(
    data: Annotated[list[Path], typer.Argument(metavar="S.jsonl...", help="Samples, or records that --out wrote.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write the record as JSON; stats reads it again.")] = None,
    as_json: Json = False,
) -> None:
    """The data record: how much is annotated, on which level, in which split and language; several files add up.

    Example: [bold]pointline stats train.jsonl test.jsonl[/]
    """
    record = Record()
    for path in data:
        record.join(_record(path))
    cards = [of_source(source) for source in sorted(record.by_source)]
    domains = dict.fromkeys(card.domain for card in cards if card and card.domain)
    licence = strictest(card.licence if card else None for card in cards)
    whole = {
        "record": record.paper_form(", ".join(domains) or None),
        "licence": licence,
        **msgspec.structs.asdict(record),
    }
    if out:
        with jsonl.writing(out) as file:
            file.write(msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n")
    console.document(whole) if as_json else _show(record, licence)


def clean(
    out: Annotated[Path, typer.Option("--out", help="A folder; all its files are moved there when whole.")],
    train: Annotated[Path | None, typer.Option(help="Samples to train on.")] = None,
    dev: Annotated[Path | None, typer.Option(help="Samples to choose by.")] = None,
    test: Annotated[Path | None, typer.Option(help="Samples to measure on; their texts leave the others.")] = None,
    corpus: Annotated[
        list[Path] | None,
        typer.Option(help="A folder with train.jsonl, dev.jsonl, test.jsonl; several are cleaned of one another."),
    ] = None,
    rules: Annotated[str | None, typer.Option(help="default: everything; iepile-published: two rules.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that read; the bytes are the same.")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file of settings.")] = None,
    setting: Annotated[list[str] | None, typer.Option("--set", help="One setting, as key=value.")] = None,
    as_json: Json = False,
) -> None:
    """Duplicates, conflicts, leakage and low quality leave, each with its reason in dropped.jsonl.

    Example: [bold]pointline clean --train train.jsonl --test test.jsonl --out clean[/]
    """
    from pointline.clean.corpus import clean as cleaned
    from pointline.clean.corpus import clean_corpora, folder_splits

    named = [*([f"rules={rules}"] if rules else []), *([f"workers={workers}"] if workers is not None else [])]
    chosen = settings.load(CleanSettings, config, [*(setting or []), *named])
    splits = {k: v for k, v in {"train": train, "dev": dev, "test": test}.items() if v}
    if corpus:
        if splits:
            raise SettingsFault("give folders by --corpus or files by --train, --dev and --test, not both")
        report = clean_corpora(_by_name(corpus, folder_splits), out, chosen)
    else:
        report = cleaned(splits, out, chosen)
    page = _write_page(report, out / "report.html")
    console.document(report) if as_json else _tell(report, out, page)


def _record(path: Path) -> Record:
    if path.suffix == ".json":
        return Record.read(path)
    record = Record.of(jsonl.read(path))
    if not record.total.samples:
        raise InputFault("holds no sample", path=path, fix="give a file with at least one JSON line")
    return record


def _by_name(folders: list[Path], splits: Callable[[Path], dict[str, Path]]) -> dict[str, dict[str, Path]]:
    """The corpora by the names of their folders."""
    named = {folder.resolve().name: folder for folder in folders}
    if len(named) < len(folders):
        raise Refusal("two folders bear one name; each corpus is written under its folder's name, so rename one")
    return {name: splits(folder) for name, folder in named.items()}


def _write_page(report: CleanReport, path: Path) -> bool:
    """Write the page where the extra `report` is installed, else name it; the other files say the same."""
    from pointline.report.cleaning import cleaning_page
    from pointline.report.render import write

    try:
        write(path, cleaning_page(report))
    except MissingExtra as missing:
        path.unlink(missing_ok=True)
        console.note(f"pointline: no report.html: {missing}")
        return False
    return True


def _show(record: Record, licence: str) -> None:
    held = [level for level in LEVELS if getattr(record.total, level).annotated]
    columns = ["", "samples", *held, "unannotated", "median length", "longest"]
    rows = [_counted(row, held) for row in record.overview()]
    console.table("samples; items of each level; characters", columns, rows)
    names = record.names()
    for level in held:
        cells = [(row["name"], row["count"], *row["splits"].values()) for row in names if row["level"] == level]
        console.out()
        console.table(level, ["name", "all", *sorted(record.by_split)], cells)
    console.out(f"\nlicence of the whole: {licence}")


def _counted(row: dict[str, Any], held: list[str]) -> list[object]:
    name = f"{row['by']} {row['name']}".strip()
    items = [f"{row[level]:,}" if row[f"{level}_annotated"] else "not annotated" for level in held]
    return [name, f"{row['samples']:,}", *items, f"{row['unannotated']:,}", row["length_median"], row["length_max"]]


def _tell(report: CleanReport, out: Path, page: bool) -> None:
    reasons = list(dict.fromkeys(reason for file in report.files for reason in file.dropped))
    rows = [
        [
            "/".join(filter(None, (file.corpus, file.split))),
            f"{file.read:,}",
            f"{file.kept:,}",
            *(f"{file.dropped.get(reason, 0):,}" for reason in reasons),
        ]
        for file in report.files
    ]
    console.table("read, kept, and dropped by reason", ["split", "read", "kept", *reasons], rows)
    for shared in report.shared:
        console.out(f"texts in both {' and '.join(shared.files)}: {shared.texts:,}")
    found = [(finding.about, f"{finding.count:,}") for finding in report.findings if finding.count]
    if found:
        console.table("found in what stays, for a person to judge", ["what", "count"], found)
    for skipped in report.skipped:
        console.note(f"pointline: not looked at: {skipped}")
    files = [f"{file.name}.jsonl" for file in report.files]
    console.note(f"{out}: {', '.join([*files, 'dropped.jsonl', 'report.json', *(['report.html'] if page else [])])}")
