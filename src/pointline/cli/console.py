"""What the command line prints: results on stdout, everything else on stderr."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from pointline.sample import Sample

T = TypeVar("T")


def out(text: str = "") -> None:
    """Print a line of result on stdout."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """Print a line for the person on stderr."""
    sys.stderr.write(text + "\n")


def document(value: Any) -> None:
    """Print one JSON document on stdout."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    sys.stdout.flush()


def table(title: str, columns: list[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table on stdout; all columns but the first are set to the right."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table(box=None, pad_edge=False)
    for i, column in enumerate(columns):
        drawn.add_column(column, justify="right" if i else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(str(cell) for cell in row))
    out(title)
    sys.stdout.flush()
    width = None if sys.stdout.isatty() else 1000
    Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False).print(drawn)


@contextlib.contextmanager
def bar(what: str, total: int | None = None) -> Iterator[Any]:
    """A progress bar on stderr where that is a terminal; the block gets `advance(steps, text=None, of=None)`."""
    if not sys.stderr.isatty():
        yield lambda *told: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=total)

        def advance(steps: int = 1, text: str | None = None, of: int | None = None, at: int | None = None) -> None:
            if at is not None:
                shown.update(task, completed=at)
            shown.update(task, advance=steps, description=text, total=of)

        yield advance


@contextlib.contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """Tell of stages as they come: a bar on a terminal, else one line a stage; the block gets (stage, step, steps)."""
    said = ""
    with bar("", None) as advance:

        def tell(stage: str, step: int, steps: int) -> None:
            nonlocal said
            if stage != said and not sys.stderr.isatty():
                note(f"pointline: {stage}")
            said = stage
            advance(0, stage, steps, step)

        yield tell


def ticking(items: Iterable[T], advance: Callable[[int], None]) -> Iterator[T]:
    """Pass items through, telling a bar of every 100."""
    for count, item in enumerate(items, 1):
        yield item
        if count % 100 == 0:
            advance(100)


def extraction(answer: Sample) -> None:
    """Print one extracted sample: its text, labels with scores, and its spans."""
    out(answer.text)
    scores = answer.label_scores or {}
    if answer.labels is not None:
        said = ", ".join(f"{label} ({scores[label]:.2f})" if label in scores else label for label in answer.labels)
        out(f"  labels    {said or '(none)'}")
    if answer.entities is not None and not answer.entities:
        out("  entities  (none)")
    for entity in answer.entities or ():
        score = "" if entity.score is None else f" ({entity.score:.2f})"
        out(f"  {entity.start:>4}:{entity.end:<4} {entity.type}  {entity.text}{score}")


class _ToStderr(logging.Handler):
    """Log records as plain lines, through the stderr of the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        note(f"pointline: {record.getMessage()}")


def log_to_stderr() -> None:
    """Let the library's warnings reach the person, each as one line."""
    logger = logging.getLogger("pointline")
    if not any(isinstance(handler, _ToStderr) for handler in logger.handlers):
        logger.addHandler(_ToStderr())
        logger.setLevel(logging.INFO)
        logger.propagate = False
