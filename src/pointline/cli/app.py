"""The verbs put together; faults become one line and an exit code: 0 done, 1 data or model, 2 usage."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from pointline.cli import (
    annotating,
    cleaning,
    console,
    corpus,
    datasets,
    factory,
    formatting,
    instructing,
    modelling,
    recipes,
    remote,
    reviewing,
    scoring,
    serving,
    shaping,
    studying,
    telling,
    training,
    translating,
    verbalizing,
)
from pointline.errors import PointlineError, SettingsFault
from pointline.version import __version__

VERBS: dict[str, Callable[..., None]] = {
    "demo": telling.demo,
    "readers": corpus.readers,
    "convert": corpus.convert,
    "export": shaping.export,
    "check": corpus.check,
    "stats": cleaning.stats,
    "diff": shaping.diff,
    "map": shaping.rename,
    "merge": shaping.merge,
    "split": shaping.split,
    "clean": cleaning.clean,
    "build": formatting.build,
    "decode": formatting.decode,
    "build-corpus": factory.build_corpus,
    "hard-negatives": instructing.hard_negatives,
    "train": training.train,
    "predict": modelling.predict,
    "extract": modelling.extract,
    "endpoint": remote.endpoint,
    "score": scoring.score,
    "translate": translating.translate,
    "mre": studying.mre,
    "mre-published": studying.mre_published,
    "verbalizer": verbalizing.verbalizer,
    "review": reviewing.review,
    "serve": serving.serve,
}

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


app.add_typer(datasets.app, name="datasets")
app.add_typer(annotating.app, name="annotate")
app.add_typer(recipes.app, name="recipes")
for name, verb in VERBS.items():
    app.command(name)(verb)


def main() -> None:
    """Run the command line; a fault of the input is one line on stderr and exit code 1."""
    console.log_to_stderr()
    try:
        app()
    except SettingsFault as fault:
        _stop(str(fault), 2)
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


def _stop(message: str, code: int = 1) -> None:
    sys.stdout.flush()
    console.note(f"pointline: {message}")
    sys.exit(code)
