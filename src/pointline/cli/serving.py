"""The verb serve: a model over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from pointline import settings
from pointline.cli import console
from pointline.cli.options import Json
from pointline.errors import MissingExtra


def serve(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model folder.")],
    host: Annotated[str, typer.Option(help="Where to listen; by default this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(envvar="POINTLINE_TOKEN", help="What clients must show; needed where others can reach the host."),
    ] = None,
    config: Annotated[str | None, typer.Option(help="A TOML file of limits.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="One limit, as key=value; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Serve a model over HTTP: /extract, a page to try it, and a route for clients of the OpenAI protocol.

    Example: [bold]pointline serve model --port 8000[/]
    """
    try:
        from pointline.serve.server import Address
        from pointline.serve.server import serve as run
        from pointline.serve.settings import ServeSettings
    except ModuleNotFoundError as error:
        raise MissingExtra("serve", error.name or "starlette") from None
    chosen = settings.load(ServeSettings, config, setting or [])

    def ready(url: str) -> None:
        if as_json:
            console.document({"url": url, "model": model})
        else:
            console.note(f"pointline: serving {model} at {url} (stop with Ctrl-C)")

    run(model, Address(host, port, token), chosen, ready)
