"""The main job on the synthetic data: clean, train, evaluate, joint against single, extract, report."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from pointline import jsonl
from pointline.clean.corpus import clean
from pointline.corpora.synthetic.generator import generate
from pointline.errors import MissingExtra
from pointline.models.extractor import load
from pointline.models.predicting import predict
from pointline.recipes.demo_page import page
from pointline.recipes.demo_result import ARMS, Demo, DemoSettings, Dropped, Point, faults_found, held
from pointline.report.render import write as write_page
from pointline.sample import Sample
from pointline.score import Score, Settings, compare, score
from pointline.score.comparing import Delta

if TYPE_CHECKING:
    from pointline.train.record import Progress, Record

Tell = Callable[[str, int, int], None]
"""Told what is being done, how many steps of it are done, and of how many."""

SENTENCES = {
    "en": "Asked about the new Kestrel 4, Alma Brightwater of Harrow Bank only smiled.",
    "ja": "若杉製作所の早瀬結衣社長は、朝凪市でコハクの価格について問われ、笑っただけだった。",
    "zh": "被问到云雀7的价格时，长林集团的林若川在云州只是笑了笑。",
}


def demo(out: str | Path, settings: DemoSettings = DemoSettings(), tell: Tell | None = None) -> Demo:  # noqa: B008
    """Tell the whole story in the folder `out` and write `out/report.html`; returns everything that was found.

    Leaves the data (`data/`), what cleaning made of it (`clean/`), three models (`models/`), the test split on the
    levels that they answer (`gold.jsonl`), their answers (`answers/`), and `result.json`.
    Raises MissingExtra without the extras `train` and `report`.
    """
    folder, say = Path(out), tell or _silent
    _need_extras()

    say("generate", 0, 1)
    made = write_data(folder, settings)

    say("clean", 0, 1)
    cleaned = clean({split: folder / "data" / f"{split}.jsonl" for split in made}, folder / "clean")
    kept = {split: list(jsonl.read(folder / "clean" / f"{split}.jsonl")) for split in made}

    records = {arm: _train(arm, folder, settings, say) for arm in ARMS}
    gold = list(map(_askable, kept["test"]))
    jsonl.write(folder / "gold.jsonl", gold)
    answers = {arm: _answers(arm, folder, say) for arm in ARMS}

    say("score", 0, 1)
    result = Demo(
        report=str(folder / "report.html"),
        settings=settings,
        dropped=[Dropped(file.split, *row) for file in cleaned.files for row in file.dropped.items()],
        found=faults_found(made["train"], kept["train"]),
        held=held(kept),
        parameters=records["joint"].parameters,
        curve=_curve(records["joint"]),
        scores=_scores(gold, answers["joint"], settings.seed),
        deltas=_deltas(gold, answers, settings.seed),
        extracted=_extracted(folder / "models" / "joint"),
        seconds={arm: record.seconds for arm, record in records.items()},
    )
    with jsonl.writing(folder / "result.json") as file:
        file.write(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    write_page(result.report, page(result, kept["test"], answers["joint"]))
    say("done", 1, 1)
    return result


def write_data(folder: Path, settings: DemoSettings = DemoSettings()) -> dict[str, list[Sample]]:  # noqa: B008
    """Write the synthetic splits to `folder/data`, as raw as they come: with duplicates, conflicts and leaks."""
    made = generate(settings.seed, settings.per_task)
    for split, samples in made.items():
        jsonl.write(folder / "data" / f"{split}.jsonl", samples)
    return made


def _silent(stage: str, step: int, steps: int) -> None:
    pass


def _need_extras() -> None:
    """Say what is missing now, not after minutes of training."""
    for package, extra in (
        ("torch", "train"),
        ("safetensors", "train"),
        ("jinja2", "report"),
        ("matplotlib", "report"),
    ):
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(extra, package)


def _train(arm: str, folder: Path, settings: DemoSettings, say: Tell) -> Record:
    """Train one arm; the three differ in nothing but the levels they see, and take as many steps."""
    from pointline.train.tagger import fit
    from pointline.train.tagger.settings import TaggerTraining

    def progress(told: Progress) -> None:
        say(f"train {arm}", told.step, told.steps)

    steps = settings.steps
    chosen = TaggerTraining(
        seed=settings.seed,
        preset="words",
        levels=ARMS[arm],
        epochs=steps,
        max_steps=steps,
        patience=steps,
        links="none",
    )
    train, dev = (jsonl.read(folder / "clean" / f"{split}.jsonl") for split in ("train", "dev"))
    return fit(train, dev, chosen, folder / "models" / arm, progress=progress)


def _askable(sample: Sample) -> Sample:
    """The sample on the levels that the demo compares: relations and events are not learned, so not scored."""
    return replace(sample, relations=None, events=None)


def _answers(arm: str, folder: Path, say: Tell) -> list[Sample]:
    say(f"predict {arm}", 0, 1)
    out = folder / "answers" / f"{arm}.jsonl"
    predict(load(folder / "models" / arm), folder / "gold.jsonl", out)
    return list(jsonl.read(out))


def _curve(record: Record) -> list[Point]:
    return [Point(e.epoch + 1, e.dev.TL, e.dev.WL, e.dev.ALL) for e in record.curve if e.dev is not None]


def _scores(gold: list[Sample], answers: list[Sample], seed: int) -> dict[str, Score]:
    """The joint model's scores, over all and by language."""
    settings = Settings(seed=seed)
    scores = {"all": score(gold, answers, settings=settings)}
    for lang in SENTENCES:
        scores[lang] = score(_of(lang, gold), _of(lang, answers), settings=settings)
    return scores


def _of(lang: str, samples: list[Sample]) -> list[Sample]:
    return [sample for sample in samples if sample.lang == lang]


def _deltas(gold: list[Sample], answers: dict[str, list[Sample]], seed: int) -> dict[str, Delta]:
    """Joint against each single-level model, on the level it knows and the same sentences, resampled together."""
    settings = Settings(seed=seed)
    return {
        level: compare(gold, (answers["joint"], answers[arm]), settings=settings)[level]
        for arm, level in (("text", "TL"), ("word", "WL"))
    }


def _extracted(model: Path) -> list[Sample]:
    """One new sentence a language, read by the joint model."""
    return list(load(model).extract(Sample(f"demo/{lang}", text, lang) for lang, text in SENTENCES.items()))
