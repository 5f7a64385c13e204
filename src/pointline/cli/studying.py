"""The verb mre: does one level help the other?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pointline.cli import console
from pointline.cli.options import Json, Out
from pointline.errors import SettingsFault

if TYPE_CHECKING:
    from pointline.studies.mre.judging import Delta, Result


def mre(
    train: Annotated[str, typer.Argument(metavar="TRAIN.jsonl", help="Samples with both levels.")],
    test: Annotated[str, typer.Option(help="Test samples.")],
    out: Out,
    dev: Annotated[str | None, typer.Option(help="Samples to choose epochs by; without it 10 % of TRAIN.")] = None,
    model: Annotated[
        str,
        typer.Option(help="[bold]tagger[/], a Hugging Face model, new:causal, new:seq2seq, or an endpoint's folder."),
    ] = "tagger",
    arms: Annotated[
        str, typer.Option(help="Arms, a comma between: joint, text, word, text+gold, word+shuffled, ...; or all.")
    ] = "joint,text,word",
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each arm.")] = 5,
    sizes: Annotated[str, typer.Option(help="Shares of TRAIN in per cent, a comma between.")] = "10",
    smallest: Annotated[float, typer.Option(help="The smallest difference, in points, that would matter.")] = 1.0,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="One setting of the model's training, as key=value.")
    ] = None,
    beside: Annotated[
        list[Path] | None, typer.Option(help="Folders of other studies; verdicts are corrected for all of them.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Trainings at once.")] = 1,
    as_json: Json = False,
) -> None:
    """Train with both levels and with one alone, over seeds and sizes, and say whether one helps the other.

    Example: [bold]pointline mre train.jsonl --dev dev.jsonl --test test.jsonl --out mre[/]
    """
    from pointline.studies.mre.arms import ARMS
    from pointline.studies.mre.learners import Learner
    from pointline.studies.mre.running import Study
    from pointline.studies.mre.settings import MreSettings
    from pointline.studies.mre.study import judge_together, read_result, run

    chosen = tuple(ARMS) if arms == "all" else tuple(name.strip() for name in arms.split(",") if name.strip())
    settings = MreSettings(chosen, seeds, _sizes(sizes), smallest=smallest, workers=workers)
    others = [read_result(folder) for folder in beside or ()]
    study = Study(train, dev, test, out, Learner(model, tuple(setting or ())), settings)
    with console.bar("train", None) as advance:
        result = run(study, lambda name, total: advance(1, name, total))
    overall = judge_together([result, *others]) if others else None
    if as_json:
        console.document(result if overall is None else {"studies": [result, *others], "overall": overall})
        return
    _tell(result, out)
    for name, verdict in (overall or {}).items():
        console.out(f"over {1 + len(others)} data sets, {name}: {verdict}")


def mre_published(
    table: Annotated[
        str, typer.Argument(metavar="TABLE.csv", help="Columns language, dataset, target_level, setting, f1.")
    ],
    results: Annotated[str | None, typer.Option(help="The paper's main table; cells far from it are named.")] = None,
    n: Annotated[list[int] | None, typer.Option("--n", min=2, help="Test samples to suppose; may be repeated.")] = None,
    as_json: Json = False,
) -> None:
    """Look at a published ablation again: what is positive, and what could be noise.

    Example: [bold]pointline mre-published mmm_ablation.csv --n 1000 --n 3000[/]
    """
    from pointline.studies.mre.published import read_published

    sizes = n or [1000, 3000]
    found = read_published(table, sizes, results)
    if as_json:
        console.document(found)
        return
    rows = [
        [d.language, d.dataset, d.level, f"{d.delta:+.2f}", *("could be noise" if d.noise[k] else "" for k in sizes)]
        for d in found.deltas
    ]
    console.table(
        "published differences", ["language", "data set", "level", "delta", *(f"n = {k:,}" for k in sizes)], rows
    )
    means = ", ".join(f"{level} {mean:+.2f}" for level, mean in found.mean.items())
    console.out(f"\n{found.positive} of {len(found.deltas)} differences are positive (mean {means})")
    console.out(
        f"of {found.datasets} data sets {found.both_positive} gain on both levels, {found.one_positive} on one at least"
    )
    for size in sizes:
        noise = sum(delta.noise[size] for delta in found.deltas)
        console.out(f"with {size:,} test samples {noise} of {len(found.deltas)} could be noise")
    for line in found.suspicious:
        console.note(f"pointline: perhaps a misprint: {line}")


def _sizes(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part.strip().removesuffix("%")) for part in text.split(","))
    except ValueError:
        raise SettingsFault(f"--sizes {text!r} must be numbers with commas between, for example 1,5,10,100") from None


def _tell(result: Result, out: str) -> None:
    rows = [
        [f"{a.size:g} %", a.arm, a.figure, f"{a.mean:.2f}", "" if a.deviation is None else f"{a.deviation:.2f}"]
        for a in result.arms
    ]
    console.table(f"F1, mean over {result.settings.seeds} seeds", ["train", "arm", "figure", "F1", "spread"], rows)
    console.out()
    columns = ["train", "question", "delta", "95 % interval", "p", "over seeds", "over items", "n needed", "verdict"]
    console.table(f"differences, n = {result.n:,}", columns, [_cells(delta) for delta in result.deltas])
    if result.left_out:
        console.note(f"pointline: {result.left_out:,} test samples whose label comes from their words were left out")
    if result.seen:
        console.note(f"pointline: {result.seen:,} test texts stand in train too; pointline clean takes them out")
    console.out()
    for delta in result.deltas:
        if delta.size == max(result.settings.sizes):
            console.out(f"{delta.asks} {delta.verdict}")
    console.note(f"{out}: mre.json, flips-TL.jsonl, flips-WL.jsonl")


def _cells(delta: Delta) -> list[str]:
    test = delta.test
    spread = "" if test.seed_deviation is None else f"{test.seed_deviation:.2f}"
    needed = "" if test.n_needed is None else f"{test.n_needed:,}"
    interval = f"{test.low:+.2f} - {test.high:+.2f}"
    p = delta.p_holm if delta.p_holm is not None else test.p
    return [
        f"{delta.size:g} %", delta.question, f"{test.delta:+.2f}", interval, f"{p:.4f}", spread,
        f"{test.item_error:.2f}", needed, delta.verdict,
    ]  # fmt: skip
