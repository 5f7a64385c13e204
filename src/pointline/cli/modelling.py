"""Verbs about models: train, predict, extract."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from pointline.cli import console
from pointline.cli.options import Json, Out
from pointline.errors import InputFault, Refusal
from pointline.schema import Schema, read_schema

if TYPE_CHECKING:
    pass

SchemaFile = Annotated[str | None, typer.Option("--schema", help="A JSON file that says what to ask for.")]
BatchSize = Annotated[int, typer.Option("--batch-size", min=1, help="Texts read at once.")]


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


def _stdin() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, 1):
        try:
            text = line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise InputFault("is not UTF-8", path="stdin", line=number, fix="send it as UTF-8") from None
        if text:
            yield text
