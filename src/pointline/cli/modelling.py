"""Verbs about models: train, predict, extract."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from pointline import jsonl, settings
from pointline.cli import console
from pointline.cli.options import Json, Out, Seed
from pointline.errors import InputFault, MissingExtra, Refusal
from pointline.sample import Sample
from pointline.schema import Schema, read_schema

if TYPE_CHECKING:
    from pointline.train.record import Progress, Record

SchemaFile = Annotated[str | None, typer.Option("--schema", help="A JSON file that says what to ask for.")]
BatchSize = Annotated[int, typer.Option("--batch-size", min=1, help="Texts read at once.")]


def train(
    data: Annotated[str, typer.Argument(metavar="TRAIN.jsonl", help="Samples to learn from.")],
    out: Out,
    dev: Annotated[
        str | None, typer.Option(help="Samples to choose the best epoch by; without it 10 % of TRAIN by id hash.")
    ] = None,
    model: Annotated[str, typer.Option(help="What to train: [bold]tagger[/] is the embedded joint model.")] = "tagger",
    preset: Annotated[
        str | None, typer.Option(help="A row of measured settings; by default chosen by language.")
    ] = None,
    config: Annotated[str | None, typer.Option(help="A TOML file of settings.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="One setting, as key=value; may be repeated.")
    ] = None,
    max_steps: Annotated[int | None, typer.Option(min=1, help="Stop after so many steps.")] = None,
    seed: Seed = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after an interrupted run; same weights.")] = False,
    as_json: Json = False,
) -> None:
    """Fit one model to both levels.

    Example: [bold]pointline train train.jsonl --dev dev.jsonl --model tagger --out model[/]
    """
    if model != "tagger":
        raise Refusal(f"--model {model}: this version trains the embedded model only; say --model tagger")
    fit, cls = _tagger_training()
    words = [f"seed={seed}", *(setting or [])]
    words += [f"preset={preset}"] if preset else []
    words += [f"max_steps={max_steps}"] if max_steps else []
    chosen = settings.load(cls, config, words)
    with _training_bar() as progress:
        record = fit(_some(data), None if dev is None else _some(dev), chosen, out, resume=resume, progress=progress)
    if as_json:
        console.document(record)
    else:
        _tell(record, out)


def predict(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model folder.")],
    data: Annotated[str, typer.Argument(metavar="S.jsonl", help="Samples; what they are annotated with is not read.")],
    out: Out,
    schema: SchemaFile = None,
    batch_size: BatchSize = 64,
    free: Annotated[bool, typer.Option("--free", help="Without constraints on the form (generative models).")] = False,
    as_json: Json = False,
) -> None:
    """Extract from a file: streaming, and resumed by the same command after a kill.

    Example: [bold]pointline predict model test.jsonl --out answers.jsonl[/]
    """
    from pointline.models.extractor import load
    from pointline.models.predicting import predict as run

    if free:
        raise Refusal("--free: the embedded model has no free mode, its answers are always in form")
    opened = load(model)
    wanted = read_schema(schema) if schema else None
    with console.bar("predict", None) as advance:
        count = run(opened, data, out, schema=wanted, batch_size=batch_size, tick=advance)
    if as_json and out != "-":
        console.document({"out": out, "samples": count})
    elif out != "-":
        console.note(f"{count:,} predictions in {out}")


def extract(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model folder.")],
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT...", help="Texts; without any, lines of stdin.")
    ] = None,
    schema: SchemaFile = None,
    batch_size: BatchSize = 64,
    as_json: Json = False,
) -> None:
    """Extract from texts given here or, a line each, on stdin.

    Example: [bold]pointline extract model "play jazz by Miles Davis"[/]
    """
    from pointline.models.extractor import load

    opened = load(model)
    wanted: Schema | None = read_schema(schema) if schema else None
    stream = iter(texts) if texts else _stdin()
    answers = opened.extract(stream, schema=wanted, batch_size=batch_size)
    if as_json:
        console.document(list(answers))
        return
    for answer in answers:
        console.extraction(answer)


def _tagger_training() -> tuple[Any, type[msgspec.Struct]]:
    try:
        from pointline.train.tagger import fit
        from pointline.train.tagger.settings import TaggerTraining
    except ModuleNotFoundError as error:
        raise MissingExtra("train", error.name or "torch") from None
    return fit, TaggerTraining


def _some(path: str) -> Iterator[Sample]:
    """The samples of a file that must hold some."""
    count = 0
    for sample in jsonl.read(path):
        count += 1
        yield sample
    if not count:
        raise InputFault("holds no sample", path=path, fix="give a file with at least one JSON line")


def _stdin() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            text = line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise InputFault("is not UTF-8", path="stdin", line=number, fix="send it as UTF-8") from None
        if text:
            yield text


@contextlib.contextmanager
def _training_bar() -> Iterator[Any]:
    with console.bar("train", None) as advance:
        done = 0

        def tell(progress: Progress) -> None:
            nonlocal done
            text = "train"
            if progress.last is not None and progress.last.dev is not None:
                text = f"train (dev {progress.last.dev.mean():.1f})"
            advance(progress.step - done, text, progress.steps)
            done = progress.step

        yield tell


def _tell(record: Record, out: str) -> None:
    for what, count in record.not_learned().items():
        console.note(f"pointline: not learned from: {count:,} {what}")
    best = next((epoch for epoch in record.curve if epoch.epoch == record.best_epoch), None)
    dev = "" if best is None or best.dev is None else f", dev {_dev(best.dev)}"
    console.out(
        f"{out}: {record.train_samples:,} samples, {len(record.curve)} epochs, best {record.best_epoch + 1}{dev}, "
        f"{record.parameters / 1e6:.1f} M parameters, {record.cpu_seconds / 60:.1f} CPU minutes"
    )


def _dev(dev: Any) -> str:
    figures = msgspec.to_builtins(dev)
    return " ".join(f"{name} {value:.1f}" for name, value in figures.items() if isinstance(value, int | float))
