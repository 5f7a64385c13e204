"""The verb train: the embedded tagger, or a generative Hugging Face model."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from pointline import jsonl, settings
from pointline.cli import console
from pointline.cli.options import Json, Out, Seed
from pointline.errors import InputFault, MissingExtra, Refusal
from pointline.sample import Sample
from pointline.schema import read_schema

if TYPE_CHECKING:
    from pointline.train.record import Progress, Record

ONLY_GENERATORS = "belongs to generative models; --model tagger learns samples as they are"


def train(
    data: Annotated[str, typer.Argument(metavar="TRAIN.jsonl", help="Samples to learn from, or pairs.")],
    out: Out,
    dev: Annotated[
        str | None, typer.Option(help="Samples to choose the best epoch by; without it 10 % of TRAIN by id hash.")
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            help="[bold]tagger[/] is the embedded joint model; a folder holds a Hugging Face model; "
            "[bold]new:causal[/] and [bold]new:seq2seq[/] are small ones made on the spot."
        ),
    ] = "tagger",
    format: Annotated[str | None, typer.Option(help="What a generative model writes; oiellm by default.")] = None,
    task: Annotated[str | None, typer.Option(help="The task, several joined by a comma; by default by sample.")] = None,
    schema: Annotated[str | None, typer.Option(help="What may be asked; by default what the samples show.")] = None,
    encoder: Annotated[
        str | None, typer.Option(help="Tagger: a Hugging Face encoder (BERT, XLM-R, ...) to read the words with.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="A row of settings; by default by language, or by kind of model.")
    ] = None,
    lora: Annotated[bool, typer.Option("--lora", help="Train adapters, not every weight.")] = False,
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

    Example: [bold]pointline train train.jsonl --model new:causal --format oiellm --out model[/]
    """
    words = [f"seed={seed}", *(setting or [])]
    words += [f"preset={preset}"] if preset else []
    words += [f"max_steps={max_steps}"] if max_steps else []
    if model == "tagger":
        for name, given in (("--format", format), ("--task", task), ("--schema", schema), ("--lora", lora)):
            if given:
                raise Refusal(f"{name} {ONLY_GENERATORS}")
        words += [f"encoder={encoder}"] if encoder else []
        run = _tagger(data, dev, config, words)
    else:
        if encoder:
            raise Refusal("--encoder belongs to --model tagger; a generative model is named by --model")
        words += [f"format={format}"] if format else []
        words += ["method=lora"] if lora else []
        run = _generator(data, dev, (config, words), (model, task, schema))
    with _training_bar() as progress:
        record = run(out, resume=resume, progress=progress)
    if as_json:
        console.document(record)
    else:
        _tell(record, out)


def _tagger(data: str, dev: str | None, config: str | None, words: list[str]) -> Any:
    try:
        from pointline.train.tagger import fit
        from pointline.train.tagger.settings import TaggerTraining
    except ModuleNotFoundError as error:
        raise MissingExtra("train", error.name or "torch") from None
    chosen = settings.load(TaggerTraining, config, words)
    held = None if dev is None else _some(dev)
    return lambda out, **rest: fit(_some(data), held, chosen, out, **rest)


def _generator(
    data: str, dev: str | None, told: tuple[str | None, list[str]], asked: tuple[str, str | None, str | None]
) -> Any:
    from pointline.formats.ask import parse_tasks
    from pointline.train.generator.settings import GeneratorTraining

    model, task, schema = asked
    chosen = settings.load(GeneratorTraining, *told)
    chosen = msgspec.structs.replace(chosen, model=model, tasks=parse_tasks(task) or chosen.tasks)
    try:
        from pointline.train.generator.data import read_records
        from pointline.train.generator.fitting import train_generator
    except ModuleNotFoundError as error:
        raise MissingExtra("hf", error.name or "transformers") from None
    held = None if dev is None else read_records(dev)
    wanted = read_schema(schema) if schema else None
    return lambda out, **rest: train_generator(read_records(data), held, chosen, out, schema=wanted, **rest)


def _some(path: str) -> Iterator[Sample]:
    """The samples of a file that must hold some."""
    count = 0
    for sample in jsonl.read(path):
        count += 1
        yield sample
    if not count:
        raise InputFault("holds no sample", path=path, fix="give a file with at least one JSON line")


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
    learned = ", ".join(f"{count:,} {what}" for what, count in record.learned().items())
    if learned:
        console.note(f"pointline: learned beside labels and entities: {learned}")
    best = next((epoch for epoch in record.curve if epoch.epoch == record.best_epoch), None)
    dev = "" if best is None or best.dev is None else f", dev {_dev(best.dev)}"
    console.out(
        f"{out}: {record.train_samples:,} samples, {len(record.curve)} epochs, best {record.best_epoch + 1}{dev}, "
        f"{record.parameters / 1e6:.1f} M parameters, {record.cpu_seconds / 60:.1f} CPU minutes"
    )


def _dev(dev: Any) -> str:
    figures = msgspec.to_builtins(dev)
    return " ".join(f"{name} {value:.1f}" for name, value in figures.items() if isinstance(value, int | float))
