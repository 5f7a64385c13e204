"""One self-contained HTML page out of plain data.

Nothing is fetched, nothing runs: no script, no font, no image from elsewhere. The same input gives the same bytes.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from pointline import jsonl
from pointline.errors import MissingExtra
from pointline.report.highlight import SIGNS, WORDS, compared, highlight, marks_of
from pointline.report.page import Cell, Example, Examples, Figure, Page
from pointline.sample import Sample
from pointline.web.colours import colours_of
from pointline.web.look import style


def render(page: Page) -> str:
    """The page as one HTML document; raises MissingExtra without Jinja2 or matplotlib.

    >>> "&lt;b&gt;" in render(Page("<b>", "", ()))
    True
    """
    from pointline.report.plot import svg

    templates = _environment()
    one_line = re.sub(r"\s+", " ", style())
    colours = colours_of(name for name in _names(page))
    return str(
        templates.get_template("page.html.j2").render(
            page=page,
            style=one_line,
            kind=lambda block: type(block).__name__,
            cell=_cell,
            strip=_strip,
            view=lambda example: _view(example, colours),
            svg=svg,
            types_of=lambda examples: sorted(
                {m.name for e in examples.items for s in (e.gold, e.prediction) if s is not None for m in marks_of(s)}
            ),
            colours=colours,
            signs=SIGNS,
            words=WORDS,
            anchor=lambda number: f"s{number}",
        )
    )


def write(path: str | Path, page: Page) -> Path:
    """Render the page into a file, written aside and moved; returns its path."""
    with jsonl.writing(path) as file:
        file.write(render(page).encode("utf-8"))
    return Path(path)


def _environment() -> Any:
    try:
        import jinja2
    except ImportError:
        raise MissingExtra("report", "jinja2") from None
    loader = jinja2.FunctionLoader(_asset)
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _asset(name: str) -> str:
    return files("pointline.report").joinpath(name).read_text(encoding="utf-8")


def _names(page: Page) -> list[str]:
    """Every span name that the page's examples show."""
    examples = [e for s in page.sections for b in s.blocks if isinstance(b, Examples) for e in b.items]
    return [mark.name for e in examples for s in (e.gold, e.prediction) if s is not None for mark in marks_of(s)]


def _cell(cell: Cell) -> dict[str, str]:
    if not isinstance(cell, Figure):
        return {"value": f"{cell:,}" if isinstance(cell, int) else cell, "interval": ""}
    sign = "+" if cell.signed else ""
    if cell.value is None:
        return {"value": "–", "interval": ""}
    interval = "" if cell.low is None or cell.high is None else f"{cell.low:{sign}.1f} to {cell.high:{sign}.1f}"
    return {"value": _minus(f"{cell.value:{sign}.1f}"), "interval": _minus(interval)}


def _minus(number: str) -> str:
    return number.replace("-", "−")


def _strip(cell: Cell, scale: tuple[float, float] | None) -> dict[str, float] | None:
    """Where a figure's interval lies on the scale, in per cent of its width."""
    if scale is None or not isinstance(cell, Figure) or cell.value is None or cell.low is None or cell.high is None:
        return None
    start, end = scale

    def place(value: float) -> float:
        return round(100 * (min(max(value, start), end) - start) / (end - start), 2)

    low, high = place(cell.low), place(cell.high)
    return {"low": low, "width": round(high - low, 2), "value": place(cell.value), "zero": place(0.0)}


def _view(example: Example, colours: dict[str, int]) -> dict[str, Any]:
    """What the template needs of one example: marked texts, labels with their state, relations and events in words."""
    gold, prediction = example.gold, example.prediction
    sides: list[dict[str, Any]] = []
    marks_gold, marks_answered = compared(gold, prediction) if gold is not None and prediction is not None else ([], [])
    for name, sample, other, marks in (
        ("gold", gold, prediction, marks_gold),
        ("predicted", prediction, gold, marks_answered),
    ):
        if sample is None:
            continue
        if other is None or sample.entities is None or other.entities is None:
            marks = marks_of(sample)
        absent = "missed" if name == "gold" else "wrong"
        sides.append(
            {
                "name": name,
                "labels": [(label, _state(label, other, absent)) for label in sample.labels or ()],
                "html": highlight(sample.text, marks, colours),
                "lang": sample.lang,
                "lines": lines(sample),
                "bare": sample.entities is None and sample.relations is None and sample.events is None,
            }
        )
    return {"sides": sides, "note": example.note}


def _state(label: str, other: Sample | None, absent: str) -> str:
    if other is None or other.labels is None:
        return "plain"
    return "right" if label in other.labels else absent


def lines(sample: Sample) -> list[str]:
    """Relations and events in words."""
    lines = [f"{r.head.text} — {r.type} → {r.tail.text}" for r in sample.relations or ()]
    for event in sample.events or ():
        trigger = event.trigger.text if event.trigger else "–"
        arguments = ", ".join(f"{argument.role}: {argument.text}" for argument in event.arguments)
        lines.append(f"{event.type} ({trigger}){': ' if arguments else ''}{arguments}")
    return lines
