"""The verbs put together; faults become one line and an exit code: 0 done, 1 data or model, 2 usage."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from pointline.cli import (
    cleaning,
    console,
    corpus,
    datasets,
    formatting,
    instructing,
    modelling,
    scoring,
    shaping,
    telling,
)
from pointline.errors import PointlineError
from pointline.version import __version__

app = typer.Typer(
    name="pointline",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        console.out(f"pointline {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Two levels of one text: the labels of the whole and the spans in it, learned and measured together."""


app.command()(telling.demo)
app.command()(corpus.readers)
app.command()(corpus.convert)
app.add_typer(datasets.app, name="datasets")
app.command()(corpus.check)
app.command()(cleaning.stats)
app.command()(cleaning.clean)
app.command()(shaping.export)
app.command("map")(shaping.rename)
app.command()(shaping.merge)
app.command()(shaping.split)
app.command()(shaping.diff)
app.command()(formatting.build)
app.command()(formatting.decode)
app.command("hard-negatives")(instructing.hard_negatives)
app.command()(modelling.train)
app.command()(modelling.predict)
app.command()(modelling.extract)
app.command()(scoring.score)


def main() -> None:
    """Run the command line; a fault of the input is one line on stderr and exit code 1."""
    console.log_to_stderr()
    try:
        app()
    except PointlineError as fault:
        _stop(str(fault))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (OSError, MemoryError) as fault:
        _stop(f"{type(fault).__name__}: {fault}")
    except Exception as fault:
        if os.environ.get("POINTLINE_DEBUG"):
            raise
        what = f"{type(fault).__name__}: {fault}".splitlines()[0]
        _stop(f"a defect in pointline itself ({what}); set POINTLINE_DEBUG=1 to see where, and report it")


def _stop(message: str) -> None:
    sys.stdout.flush()
    console.note(f"pointline: {message}")
    sys.exit(1)
