"""The command line: the only place that prints and exits. Each verb stands in the file of its group."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich")


def main() -> None:
    """Run the command line."""
    app()
