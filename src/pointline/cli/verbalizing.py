"""The verb verbalizer: do words from annotations help to classify from a few samples?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from pointline.cli import console
from pointline.cli.options import Json, Out
from pointline.errors import SettingsFault

if TYPE_CHECKING:
    from pointline.studies.verbalizer.judging import Delta, Result
    from pointline.studies.verbalizer.running import Study


def verbalizer(
    train: Annotated[str, typer.Argument(metavar="TRAIN.jsonl", help="Samples with both levels, one label each.")],
    test: Annotated[str, typer.Option(help="Test samples.")],
    out: Out,
    model: Annotated[
        str, typer.Option(help="[bold]light[/] (no pretrained weights), or a masked, T5-like or causal model.")
    ] = "light",
    lists: Annotated[
        str, typer.Option(help="What is compared, a comma between: plain, origin, all-words, wli-texts, wli-types.")
    ] = "plain,wli-texts",
    seeds: Annotated[int, typer.Option(min=1, help="Draws of shots and trainings of each.")] = 5,
    shots: Annotated[int, typer.Option(min=0, help="Samples a class; 0 asks a pretrained model as it is.")] = 20,
    source: Annotated[
        str, typer.Option("--from", help="Annotated lists are made of all of [bold]train[/] or of the [bold]shots[/].")
    ] = "train",
    told: Annotated[str | None, typer.Option(help="A TOML or JSON file label -> words: the lists of origin.")] = None,
    ask: Annotated[
        str | None, typer.Option(metavar="ENDPOINT", help="An endpoint's folder that is asked for the lists of origin.")
    ] = None,
    types: Annotated[str | None, typer.Option(help="A TOML file type -> label, for wli-types.")] = None,
    template: Annotated[
        str, typer.Option(help="topic, intent, sentiment, or a sentence with {text}, {word}.")
    ] = "topic",
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="One setting as key=value; light.key=value is the tagger's.")
    ] = None,
    beside: Annotated[
        list[Path] | None, typer.Option(help="Folders of other studies; verdicts are corrected for all of them.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Classify from a few samples with word lists of each kind and without, over seeds, and say whether they help.

    Example: [bold]pointline verbalizer train.jsonl --test test.jsonl --out verbalizer[/]
    """
    from pointline.settings import fill
    from pointline.studies.verbalizer.judging import judge_together
    from pointline.studies.verbalizer.listing import Sources
    from pointline.studies.verbalizer.running import Study
    from pointline.studies.verbalizer.settings import VerbalizerSettings
    from pointline.studies.verbalizer.study import read_result, run

    words = setting or []
    table = {
        "arms": _arms(lists),
        "seeds": seeds, "shots": shots, "source": source, "template": template,
    }  # fmt: skip
    settings = fill(VerbalizerSettings, table, [word for word in words if not word.startswith("light.")])
    tagger = tuple(word.removeprefix("light.") for word in words if word.startswith("light."))
    study = Study(train, test, out, model, settings, Sources(told, types), tagger)
    others = [read_result(folder) for folder in beside or ()]
    if ask is not None:
        study = _asked(study, ask)
    with console.bar("run", None) as advance:
        result = run(study, lambda name, total: advance(1, name, total))
    if others:
        judge_together([result, *others])
    if as_json:
        console.document({"studies": [result, *others]} if others else result)
        return
    _tell(result, out)


def _arms(lists: str) -> list[str]:
    from pointline.studies.verbalizer.settings import Arm

    names, known = [name.strip() for name in lists.split(",") if name.strip()], get_args(Arm)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SettingsFault(f"--lists knows no {unknown[0]!r}; it knows {', '.join(known)}")
    return names


def _asked(study: Study, endpoint: str) -> Study:
    """Have the lists of origin made, in the file that --told names or beside the results."""
    import msgspec

    from pointline.studies.verbalizer.asking import ask_lists
    from pointline.studies.verbalizer.listing import Sources
    from pointline.studies.verbalizer.running import Data
    from pointline.text.scripts import language

    data = Data.read(study)
    path = study.sources.lists or str(Path(study.out, "origin.toml"))
    lang = language(data.train[0].text, data.train[0].lang)
    ask_lists(endpoint, data.labels, path, size=study.settings.size, lang=lang)
    return msgspec.structs.replace(study, sources=Sources(path, study.sources.types))


def _tell(result: Result, out: str) -> None:
    rows = []
    for arm in result.arms:
        first = arm.runs[0]
        covered = "" if first.covered is None else f"{100 * first.covered:.1f} %"
        weight = (
            "" if first.weight is None else ", ".join(f"{run.weight:g}" for run in arm.runs if run.weight is not None)
        )
        shared = "" if first.pieces is None else f"{100 * first.pieces.shared_first_bare:.1f} %"
        spread = "" if arm.deviation is None else f"{arm.deviation:.2f}"
        rows.append([arm.arm, f"{arm.mean:.2f}", spread, sum(first.words.values()), covered, weight, shared])
    columns = ["lists", "F1", "spread", "words", "texts with one", "weights", "first pieces shared"]
    shots = result.settings.shots
    console.table(f"{shots} shots a class, mean over {result.settings.seeds} seeds", columns, rows)
    console.out()
    columns = ["question", "delta", "95 % interval", "p (Holm)", "verdict"]
    console.table(f"differences, n = {result.n:,}", columns, [_cells(delta) for delta in result.deltas])
    if any(arm.arm.startswith("wli") for arm in result.arms):
        made = (
            "all of train: they know more labels than the shots" if result.settings.source == "train" else "the shots"
        )
        console.note(f"pointline: annotated lists were made of {made}")
    if result.seen:
        console.note(f"pointline: the texts of {result.seen:,} test samples stand in train too; see pointline clean")
    if result.left_out:
        console.note(f"pointline: {result.left_out:,} test samples whose label comes from their words were left out")
    cut = max((run.cut for arm in result.arms for run in arm.runs), default=0)
    if cut:
        console.note(f"pointline: {cut:,} texts were longer than the model reads and lost their end")
    console.note(f"{out}: verbalizer.json")


def _cells(delta: Delta) -> list[str]:
    test = delta.test
    interval = f"{test.low:+.2f} - {test.high:+.2f}"
    return [delta.question, f"{test.delta:+.2f}", interval, f"{delta.p_holm:.4f}", delta.verdict]
