"""What a corpus recipe leaves beside its rows: the data record, the corpus card, one manifest of hashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from pointline import jsonl
from pointline.clean.corpus import CleanReport
from pointline.instruct.record import InstructionRecord, card, whole
from pointline.recipes.corpus_settings import SPLITS, Opened
from pointline.recipes.corpus_sources import write_json
from pointline.shards.manifest import file_hash
from pointline.version import __version__


class Made(msgspec.Struct):
    """A corpus: its folder, a record for each data set and task, the record of the whole, rows by split."""

    out: str
    records: list[InstructionRecord]
    whole: InstructionRecord
    rows: dict[str, int]
    files: int
    bytes: int


def write_result(
    opened: Opened, folder: Path, records: dict[str, list[InstructionRecord]], report: CleanReport
) -> Made:
    """Write `record.json`, `README.md` and `manifest.json` into `folder`, the manifest last."""
    sizes: dict[str, dict[str, int]] = {}
    for file in report.files:
        sizes.setdefault(file.corpus, {})[file.split] = file.kept
    shown = _with_held_out(records, sizes)
    all_of_it = whole(shown, opened.recipe.name)
    all_of_it.instances = _summed(sizes)
    rows = {split: sum(record.instructions for record in records[split]) for split in SPLITS}
    said = {"all": all_of_it.paper_form(), **{f"{r.name} {r.task}": r.paper_form() for r in shown}}
    write_json(folder / "record.json", said)
    with jsonl.writing(folder / "README.md") as page:
        tables = card(shown, opened.recipe.name, all_of_it) + _refused(shown)
        page.write(_page(opened, tables, report, rows).encode())
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]
    listed = [
        {"path": str(path.relative_to(folder)), "bytes": path.stat().st_size, "sha256": file_hash(path)}
        for path in files
        if path != folder / "manifest.json"
    ]
    write_json(
        folder / "manifest.json",
        {"pointline": __version__, "recipe": _told(opened), "rows": rows, "files": listed},
    )
    total = sum(path.stat().st_size for split in SPLITS for path in (folder / split).glob("rows-*"))
    return Made(str(folder), shown, all_of_it, rows, len(listed), total)


def _with_held_out(
    records: dict[str, list[InstructionRecord]], sizes: dict[str, dict[str, int]]
) -> list[InstructionRecord]:
    """The records of training, samples of all splits in them; a corpus for tests alone has no instructions."""
    found = {(record.name, record.task): record for record in records["train"]}
    for record in [*records["dev"], *records["test"]]:
        found.setdefault((record.name, record.task), replace(record, instructions=0, split_distribution={}))
    return [replace(record, instances=sizes[record.name]) for record in found.values()]


def _summed(sizes: dict[str, dict[str, int]]) -> dict[str, int]:
    found = {split: sum(by_split.get(split, 0) for by_split in sizes.values()) for split in SPLITS}
    return {split: count for split, count in found.items() if count}


def _told(opened: Opened) -> dict[str, Any]:
    """The recipe without what changes no byte."""
    told: dict[str, Any] = msgspec.to_builtins(opened.recipe)
    told.pop("data")
    for name in ("workers", "engine", "address"):
        told["shards"].pop(name, None)
    return told


def _refused(records: list[InstructionRecord]) -> str:
    told = [
        f"{record.name} {record.task}: {', '.join(f'{count} {reason}' for reason, count in record.refused.items())}"
        for record in records
        if record.refused
    ]
    return f"\nSamples that the format cannot hold: {'; '.join(told)}.\n" if told else ""


def _page(opened: Opened, table: str, report: CleanReport, rows: dict[str, int]) -> str:
    """The corpus card: the table of data records, then where the corpora are from and what cleaning took."""
    told = ", ".join(f"{count:,} of {split}" for split, count in rows.items() if count)
    lines = [
        table,
        f"Rows: {told}. Format {opened.recipe.format}, seed {opened.recipe.seed}.",
        "",
        "## Sources",
        "",
        "| corpus | languages | licence | home |",
        "|---|---|---|---|",
    ]
    for source in opened.recipe.corpus:
        held = opened.cards.get(source.title)
        cells = [", ".join(held.langs), held.licence, held.home] if held else ["", "the samples' own", ""]
        lines.append("| " + " | ".join([source.title, *(cell.replace("|", "\\|") for cell in cells)]) + " |")
    lines += ["", "## Cleaning", "", "| corpus | split | read | kept | dropped |", "|---|---|---|---|---|"]
    for file in report.files:
        dropped = ", ".join(f"{reason} {count}" for reason, count in file.dropped.items())
        lines.append(f"| {file.corpus} | {file.split} | {file.read} | {file.kept} | {dropped} |")
    return "\n".join(lines) + "\n"
