"""The verb demo: the main job on the project's own sample data, told as it goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pointline.cli import console
from pointline.cli.options import Json, Seed

if TYPE_CHECKING:
    from pointline.recipes.demo_result import Demo


def demo(
    out: Annotated[Path, typer.Option("--out", help="A folder for data, models, answers and the report.")] = Path(
        "demo-out"
    ),
    data_only: Annotated[bool, typer.Option("--data-only", help="Write the sample data and stop.")] = False,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Clean, train, evaluate, compare joint against single, extract, report: on sample data, in a few minutes.

    Example: [bold]pointline demo --out demo-out[/]
    """
    from pointline.recipes.demo import demo as run
    from pointline.recipes.demo import write_data
    from pointline.recipes.demo_result import DemoSettings

    settings = DemoSettings(seed=seed)
    if data_only:
        made = write_data(out, settings)
        told = {split: len(samples) for split, samples in made.items()}
        if as_json:
            console.document({"data": str(out / "data"), **told})
        else:
            console.note(f"{out / 'data'}: " + ", ".join(f"{n:,} {split}" for split, n in told.items()))
        return
    with console.stages() as tell:
        found = run(out, settings, tell)
    console.document(found) if as_json else _tell(found)


def _tell(found: Demo) -> None:
    console.out(
        "Synthetic sentences made by templates: they show how pointline works and prove nothing about language.\n"
    )
    faults = [(row.fault, row.planted, row.removed) for row in found.found]
    console.table("cleaning: faults planted in train, and removed", ["fault", "planted", "removed"], faults)
    held: dict[str, list[int]] = {}
    for row in found.held:
        counts = held.setdefault(row.lang, [0, 0, 0, 0])
        for i, count in enumerate((row.sentences, row.entities, row.relations, row.events)):
            counts[i] += count
    console.out()
    columns = ["language", "sentences", "entities", "relations", "events"]
    console.table("after cleaning", columns, [(lang, *counts) for lang, counts in held.items()])
    rows = []
    for lang, score in found.scores.items():
        cells = [f"{f.value:.1f} ({f.low:.1f} - {f.high:.1f})" for f in score.figures.values() if f.low is not None]
        rows.append((lang, *cells))
    console.out()
    console.table("the joint model on test: F1 and 95 % interval, per cent", ["", *found.scores["all"].figures], rows)
    deltas = [
        (level, f"{d.a:.1f}", f"{d.b:.1f}", f"{d.delta:+.1f}", f"{d.low:+.1f} - {d.high:+.1f}", _verdict(d.low, d.high))
        for level, d in found.deltas.items()
    ]
    console.out()
    columns = ["level", "joint", "alone", "delta", "95 % interval", "joint learning"]
    console.table("did joint learning help? (F1 against the single-level model; this data, this seed)", columns, deltas)
    console.out()
    for answer in found.extracted:
        console.extraction(answer)
    console.out(f"\n{found.report}")


def _verdict(low: float, high: float) -> str:
    return "helped" if low > 0 else "hurt" if high < 0 else "no difference shown"
