"""Verbs that reshape a corpus: map, merge, split, diff, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pointline import jsonl
from pointline.cli import console
from pointline.cli.options import Json, Out, Seed
from pointline.cli.trainers import TRAINERS, Recipe, for_trainer
from pointline.corpora import diff as differences
from pointline.corpora import labelmap
from pointline.corpora import merge as merging
from pointline.corpora import split as splitting
from pointline.corpora.conversion import Report
from pointline.corpora.export import WRITERS
from pointline.corpora.export import export as exported
from pointline.errors import SettingsFault

Samples = Annotated[str, typer.Argument(metavar="S.jsonl")]


def rename(
    data: Samples,
    names: Annotated[Path, typer.Option("--map", help='A TOML file: [labels] old = "new"; "" drops a name.')],
    out: Out,
    as_json: Json = False,
) -> None:
    """Rename or merge labels, types and roles by a TOML map.

    Example: [bold]pointline map train.jsonl --map names.toml --out renamed.jsonl[/]
    """
    read = labelmap.read_map(names)
    told = labelmap.Renamed(read)
    count = jsonl.write(out, labelmap.apply(jsonl.read(data), read, told))
    unused = [f"{level}: {name}" for level, name in told.unused()]
    if as_json and out != "-":
        console.document({"out": out, "samples": count, "renamed": told.rows(), "unused": unused})
        return
    for (level, old, new), times in told.counts.items():
        console.note(f"{level}: {old} -> {new or '(dropped)'}: {times:,}")
    for name in unused:
        console.note(f"pointline: the map names what no sample bears: {name}")
    console.note(f"{count:,} samples in {out}")


def merge(data: Annotated[list[Path], typer.Argument(metavar="S.jsonl...")], out: Out, as_json: Json = False) -> None:
    """Join files; ids that two files share get their source in front; the strictest licence of the parts is told.

    Example: [bold]pointline merge a.jsonl b.jsonl --out all.jsonl[/]
    """
    merged = merging.merge([merging.Part(path) for path in data], out)
    if as_json:
        console.document(merged)
    else:
        console.note(
            f"{merged.samples:,} samples in {out}; {merged.renamed_ids:,} ids renamed; licence: {merged.licence}"
        )


def split(
    data: Samples,
    out: Annotated[Path, typer.Option("--out", help="A folder.")],
    preset: Annotated[str | None, typer.Option(help=f"One of {', '.join(splitting.PRESETS)}.")] = None,
    size: Annotated[
        list[str] | None, typer.Option("--size", help='name=count, name=share or name=rest; for example "train=0.8".')
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="A plain draw, not stratified by label.")] = False,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Cut a corpus into splits: one text in one split only, stratified, seeded.

    Example: [bold]pointline split all.jsonl --size train=500 --size test=rest --out cut[/]
    """
    if preset is not None and preset not in splitting.PRESETS:
        raise SettingsFault(f"unknown preset {preset!r}; known: {', '.join(splitting.PRESETS)}")
    sizes = dict(splitting.PRESETS[preset or "80-10-10"]) if not size else dict(map(_size, size))
    cut = splitting.split(data, out, splitting.SplitSettings(sizes, seed, not plain))
    if as_json:
        console.document({"out": str(out), **cut.counts, "left_out": cut.left_out})
    else:
        console.note(f"{out}: " + ", ".join(f"{count:,} {name}" for name, count in cut.counts.items()))
        if cut.left_out:
            console.note(f"pointline: {cut.left_out:,} samples are in no split; --size name=rest takes them")


def diff(
    a: Annotated[Path, typer.Argument(metavar="A.jsonl")],
    b: Annotated[Path, typer.Argument(metavar="B.jsonl")],
    by: Annotated[str, typer.Option(help="Pair samples by `id` or by `text`.")] = "id",
    as_json: Json = False,
) -> None:
    """What differs between two files: by sample, level and item.

    Example: [bold]pointline diff before.jsonl after.jsonl[/]
    """
    if by not in ("id", "text"):
        raise SettingsFault(f"--by {by}: samples are paired by id or by text")
    found = list(differences.diff(a, b, by))  # type: ignore[arg-type]
    if as_json:
        console.document({"summary": differences.summary(found), "differences": found})
        return
    for one in found:
        sides = " -> ".join(msgspec.json.encode(side).decode() for side in (one.a, one.b) if side is not None)
        console.out(f"{one.id}: {one.level}: {one.kind} {sides}")
    rows = [row.values() for row in differences.summary(found)]
    console.table("what differs", ["level", "kind", "count", "samples"], rows)


def export(
    data: Samples,
    to: Annotated[str, typer.Option(help=f"One of {', '.join(WRITERS)}; for trainers {', '.join(TRAINERS)}.")],
    out: Annotated[Path, typer.Option("--out", help="A file or a folder, as the format has it.")],
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="An option of the writer, or of the training, as key=value.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse what the format cannot hold.")] = False,
    model: Annotated[str | None, typer.Option(help="Trainers: the model to be trained, a name or a folder.")] = None,
    format: Annotated[str | None, typer.Option(help="Trainers: the strings to be learned; oiellm by default.")] = None,
    task: Annotated[str | None, typer.Option(help="Trainers: the task; by default by sample.")] = None,
    schema: Annotated[str | None, typer.Option(help="Trainers: what may be asked.")] = None,
    preset: Annotated[str | None, typer.Option(help="Trainers: a row of settings; oiellm by default.")] = None,
    end: Annotated[str | None, typer.Option(help="axolotl: the end-of-sequence token, where MODEL is a name.")] = None,
    as_json: Json = False,
) -> None:
    """Samples to other tools' formats, and data with a configuration for other trainers.

    What a format cannot hold is counted.

    Example: [bold]pointline export train.jsonl --to conll --out train.conll[/]

    Example: [bold]pointline export train.jsonl --to trl --model Qwen/Qwen2.5-0.5B --format oiellm --out for-trl[/]
    """
    if to in TRAINERS:
        told = _given(format=format, preset=preset)
        words = [*(setting or ()), *(f"{name}={value}" for name, value in told.items())]
        for_trainer(data, to, out, Recipe(model, task, schema, end, words, strict, as_json))
        return
    if to not in WRITERS:
        raise SettingsFault(f"unknown format {to!r}; known: {', '.join([*WRITERS, *TRAINERS])}")
    for name, given in _given(model=model, format=format, task=task, schema=schema, preset=preset, end=end).items():
        raise SettingsFault(f"--{name} belongs to trainers ({', '.join(TRAINERS)}), not to {to}: {given!r}")
    report = Report(strict)
    count = exported(jsonl.read(data), to, out, setting or (), report)
    if as_json:
        console.document({"out": str(out), "written": count, **report.as_dict()})
        return
    for line in report.lines():
        console.note(line)
    console.note(f"{count:,} samples in {out}")
    back = " ".join(f"--set {option}" for option in WRITERS[to].options)
    console.note(f"read it again with: pointline convert {out} --reader {WRITERS[to].reader} {back}".rstrip())


def _given(**options: str | None) -> dict[str, str]:
    return {name: value for name, value in options.items() if value is not None}


def _size(word: str) -> tuple[str, int | float | str]:
    name, _, text = word.partition("=")
    try:
        return name, int(text)
    except ValueError:
        pass
    try:
        return name, float(text)
    except ValueError:
        if text == splitting.REST:
            return name, text
    raise SettingsFault(f"--size {word}: write name=count, name=share or name=rest")
