"""The page to try a model: one HTML file, one script, one style; a model's answers as a piece of HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files

from starlette.responses import Response

from pointline.report.highlight import highlight, marks_of
from pointline.report.render import lines
from pointline.sample import Sample
from pointline.web.colours import colours_of
from pointline.web.look import style

FILES = {"/": ("page.html", "text/html"), "/page.js": ("page.js", "text/javascript"), "/page.css": ("", "text/css")}


def held() -> dict[str, Response]:
    """The page's files, by path."""
    folder = files("pointline.serve")
    own = folder.joinpath("page.css").read_text(encoding="utf-8")
    return {
        path: Response(folder.joinpath(name).read_text(encoding="utf-8") if name else style(own), media_type=kind)
        for path, (name, kind) in FILES.items()
    }


def fragment(samples: Iterable[Sample]) -> str:
    """Answers as HTML, every text escaped.

    >>> fragment([Sample("1", "<b>", labels=["x"], label_scores={"x": 0.5})])
    '<article><p class="labels"><span class="label">x 0.50</span></p><p class="text">&lt;b&gt;</p></article>'
    """
    return "".join(map(_article, samples))


def _article(sample: Sample) -> str:
    marks = marks_of(sample)
    colours = colours_of(mark.name for mark in marks)
    lang = f' lang="{escape(sample.lang)}"' if sample.lang else ""
    body = highlight(sample.text, marks, colours)
    labels = "".join(_labels(sample))
    return f'<article><p class="labels">{labels}</p><p class="text"{lang}>{body}</p>{_told(sample)}</article>'


def _labels(sample: Sample) -> Iterator[str]:
    scores = sample.label_scores or {}
    for label in sample.labels or ():
        score = f" {scores[label]:.2f}" if label in scores else ""
        yield f'<span class="label">{escape(label)}{score}</span>'


def _told(sample: Sample) -> str:
    """What the marks do not show: that nothing was found, relations and events in words."""
    said = [escape(line) for line in lines(sample)]
    if sample.entities == []:
        said.append("no spans found")
    items = "".join(f"<li>{line}</li>" for line in said)
    return f'<ul class="lines">{items}</ul>' if said else ""
