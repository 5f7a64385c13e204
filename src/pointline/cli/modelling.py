"""Verbs about models: train, predict, extract."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Annotated, Literal

import typer

from pointline import jsonl
from pointline.cli import console
from pointline.cli.options import Json
from pointline.errors import InputFault, Refusal, SettingsFault
from pointline.formats.ask import parse_tasks
from pointline.models.coverage import coverage
from pointline.models.extractor import Extractor
from pointline.models.opening import Opening
from pointline.models.troubles import troubles
from pointline.schema import Schema, read_schema

SchemaFile = Annotated[str | None, typer.Option("--schema", help="A JSON file that says what to ask for.")]
BatchSize = Annotated[int, typer.Option("--batch-size", min=1, help="Texts read at once.")]


Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model folder; with --format a hub name too.")]
Format = Annotated[
    str | None, typer.Option("--format", help="The string format of a Hugging Face model that was not trained here.")
]
Task = Annotated[str | None, typer.Option("--task", help="What such a model is asked for: ner, re, ee, ...")]
Lang = Annotated[str | None, typer.Option("--lang", help="The language of its instruction words.")]
Setting = Annotated[
    list[str] | None,
    typer.Option("--set", help="A setting of a generative or served model: on_long=error."),
]
Free = Annotated[bool, typer.Option("--free", help="Without constraints on the form (generative models).")]


def predict(
    model: Model,
    data: Annotated[str, typer.Argument(metavar="S.jsonl", help="Samples; what they are annotated with is not read.")],
    out: Annotated[
        str | None, typer.Option("--out", help="Where to write; written aside and moved. A dry run writes nothing.")
    ] = None,
    schema: SchemaFile = None,
    batch_size: BatchSize = 64,
    free: Free = False,
    format: Format = None,
    task: Task = None,
    lang: Lang = None,
    setting: Setting = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes, each with the model; works shard by shard.")] = 1,
    engine: Annotated[Literal["local", "ray"], typer.Option(help="Where shards are worked on.")] = "local",
    address: Annotated[str | None, typer.Option(help="A Ray cluster; by default one on this machine.")] = None,
    shards: Annotated[int, typer.Option(min=1, help="Shards, where there are workers or an engine.")] = 16,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what a served model would cost, and ask nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Extract from a file: streaming, and resumed by the same command after a kill.

    Example: [bold]pointline predict model test.jsonl --out answers.jsonl[/]
    """
    wanted = read_schema(schema) if schema else None
    opening = _opening(model, (format, task, lang), (setting, free), wanted)
    if dry_run:
        _estimated(opening, data, wanted)
        return
    if out is None:
        raise SettingsFault("where to? give --out FILE, or --out - for stdout")
    if workers > 1 or engine == "ray":
        from pointline.models.spreading import predict_in_shards
        from pointline.shards import Sharding

        sharding = Sharding(shards=shards, workers=workers, engine=engine, address=address)
        count = predict_in_shards(opening, data, out, sharding, schema=wanted, batch_size=batch_size)
    else:
        from pointline.models.predicting import predict as run

        opened = opening()
        with _stopping(opened, out), console.bar("predict", None) as advance:
            count = run(opened, data, out, schema=wanted, batch_size=batch_size, tick=advance)
    if out == "-":
        return
    wrong, read = troubles(out), coverage(out)
    if as_json:
        long = {"long_texts": read} if read.texts or read.cut else {}
        console.document({"out": out, "samples": count, "problems": wrong, **long})
        return
    console.note(f"{count:,} predictions in {out}")
    if str(read):
        console.note(str(read))
    if wrong:
        told = ", ".join(f"{number:,} {problem}" for problem, number in wrong.items())
        console.note(f"problems: {told} (in the field `problems` of each)")


def extract(
    model: Model,
    texts: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT...", help="Texts; without any, lines of stdin.")
    ] = None,
    schema: SchemaFile = None,
    batch_size: BatchSize = 64,
    free: Free = False,
    format: Format = None,
    task: Task = None,
    lang: Lang = None,
    setting: Setting = None,
    as_json: Json = False,
) -> None:
    """Extract from texts given here or, a line each, on stdin.

    Example: [bold]pointline extract model "play jazz by Miles Davis"[/]
    """
    wanted: Schema | None = read_schema(schema) if schema else None
    opened = _opening(model, (format, task, lang), (setting, free), wanted)()
    stream = iter(texts) if texts else _stdin()
    answers = opened.extract(stream, schema=wanted, batch_size=batch_size)
    if as_json:
        console.document(list(answers))
        return
    for answer in answers:
        console.extraction(answer)


@contextlib.contextmanager
def _stopping(model: Extractor, out: str) -> Iterator[None]:
    """Ctrl-C: say what is kept."""
    try:
        yield
    except KeyboardInterrupt:
        from pointline.models.endpoint.remote import Remote

        kept = None if out == "-" else "rows that are done are kept"
        if isinstance(model, Remote) and model.client.cache:
            kept = f"{model.client.bill.answers:,} answers are kept in {model.client.cache}"
        console.note(f"stopped; {kept}, the same command goes on from there" if kept else "stopped; nothing is kept")
        raise typer.Exit(130) from None


def _estimated(opening: Opening, data: str, schema: Schema | None) -> None:
    from pointline.models.endpoint.remote import Remote

    opened = opening()
    if not isinstance(opened, Remote):
        raise Refusal("--dry-run is for models behind a server; this one costs nothing")
    console.document(opened.dry_run(jsonl.read(data), schema))


def _opening(
    model: str,
    asked: tuple[str | None, str | None, str | None],
    how: tuple[list[str] | None, bool],
    schema: Schema | None,
) -> Opening:
    """What the options say about the model."""
    (format, task, lang), (setting, free) = asked, how
    if format is None and (task or lang):
        raise SettingsFault("--task and --lang go with --format, for a model that was not trained here")
    words = (*(setting or ()), *(("grounded=false",) if free else ()))
    tasks = parse_tasks(task) if task else None
    return Opening(model, words, format, schema if format else None, tasks, lang)


def _stdin() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            text = line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise InputFault("is not UTF-8", path="stdin", line=number, fix="send it as UTF-8") from None
        if text:
            yield text
