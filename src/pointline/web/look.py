"""How every page of ours looks: one style sheet, the colours of spans, light and dark."""

from __future__ import annotations

from importlib.resources import files

from pointline.web.colours import palette_css


def style(*more: str) -> str:
    """The shared style, the marks of spans and what a page has beyond it.

    >>> style("b { color: red }").endswith("b { color: red }")
    True
    """
    return "\n".join((sheet("page.css"), sheet("marks.css"), palette_css(), *more))


def sheet(name: str) -> str:
    """One of the shared style sheets."""
    return files("pointline.web").joinpath(name).read_text(encoding="utf-8")
