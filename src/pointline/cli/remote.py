"""The verb endpoint: a model behind a server as a model folder."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from pointline import jsonl, settings
from pointline.cli import console
from pointline.cli.options import Json, Out
from pointline.errors import SettingsFault
from pointline.formats.ask import parse_tasks
from pointline.formats.table import FORMATS
from pointline.schema import Schema, read_schema


def endpoint(
    out: Out,
    url: Annotated[str, typer.Option(help="The server's address up to /v1.")],
    model: Annotated[str, typer.Option(help="The model's name on that server.")],
    format: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")] = "oiellm",
    schema: Annotated[
        str | None, typer.Option("--schema", help="What is asked; by default what the examples show.")
    ] = None,
    examples: Annotated[
        str | None, typer.Option(metavar="TRAIN.jsonl", help="Samples to choose examples from; copied beside.")
    ] = None,
    shots: Annotated[int, typer.Option(min=0, help="Examples in context.")] = 0,
    kind: Annotated[Literal["chat", "completion"], typer.Option(help="Which route is asked.")] = "chat",
    key_env: Annotated[str | None, typer.Option(help="The environment variable that holds the key.")] = None,
    task: Annotated[str | None, typer.Option(help="The task, several joined by a comma.")] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the instruction; by default the sample's.")] = None,
    config: Annotated[str | None, typer.Option(help="A TOML file of settings.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="One setting, as key=value; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a model folder for a model behind an OpenAI-compatible server; predict, extract and serve open it.

    Example: [bold]pointline endpoint --url http://127.0.0.1:8000/v1 --model small --examples train.jsonl --shots 5 --out remote[/]
    """  # noqa: E501 - a command is one line
    from pointline.llm import Endpoint
    from pointline.models.endpoint.card import EndpointCard, write
    from pointline.models.endpoint.instructions import SAID
    from pointline.models.endpoint.remote import Remote
    from pointline.models.endpoint.settings import EndpointSettings

    if lang is not None and lang.split("-")[0].lower() not in SAID:
        console.note(f"--lang {lang}: instructions are in {', '.join(SAID)}; this one is in English")
    if schema is None and examples is None:
        raise SettingsFault("what is to be asked? give --schema FILE, or --examples TRAIN.jsonl that shows it")
    words = [*(setting or []), *([f"shots={shots}"] if shots else [])]
    card = EndpointCard(
        endpoint=Endpoint(url, model, key_env, kind),
        format=format,
        schema=read_schema(schema) if schema else Schema.of(jsonl.read(str(examples))),
        tasks=parse_tasks(task) or None,
        lang=lang,
        settings=settings.load(EndpointSettings, config, words),
    )
    with jsonl.writing_folder(out) as folder:
        write(card, folder, examples)
        Remote.load(folder)
    if as_json:
        console.document(card)
    else:
        console.note(f"{out}: {card.endpoint.model} at {card.endpoint.shown}, asked in {format}")
