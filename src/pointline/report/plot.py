"""A curve as inline SVG, drawn by matplotlib: the page's own text colour, no date, the same bytes each time."""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

from pointline.errors import MissingExtra

if TYPE_CHECKING:
    from pointline.report.page import Curve

# Line colours with a contrast of 3 or more on white and on near-black; dash and marker tell lines apart without colour.
LINES = (("#2f7fc4", "-", "o"), ("#d2622a", "--", "s"), ("#2a9565", "-.", "^"), ("#a365cf", ":", "D"))
INK = "#010203"
GRID = "#030201"
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "pointline",
    "font.size": 9,
    "text.parse_math": False,
}


def svg(curve: Curve, prefix: str = "p") -> str:
    """The curve as an `<svg>` element, ids prefixed so that several share a page.

    Raises MissingExtra without matplotlib.

    >>> from pointline.report.page import Curve, Series
    >>> svg(Curve("c", "epoch", "F1", (Series("dev", (1, 2), (50, 60)),))).startswith("<svg")
    True
    """
    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
        from matplotlib.ticker import MaxNLocator
    except ImportError:
        raise MissingExtra("report", "matplotlib") from None
    with matplotlib.rc_context(SETTINGS), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name in another script is laid out by the browser, not by matplotlib
        figure = Figure(figsize=(5.2, 3.0), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        for (colour, dash, marker), series in zip(LINES * len(curve.series), curve.series, strict=False):
            axes.plot(series.x, series.y, dash, color=colour, marker=marker, markersize=3.5, label=series.name)
        axes.set_xlabel(curve.x_label, color=INK)
        axes.set_ylabel(curve.y_label, color=INK)
        axes.tick_params(colors=INK)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(color=GRID, linewidth=0.5, alpha=0.2)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["bottom", "left"]].set_color(INK)
        if len(curve.series) > 1:
            axes.legend(frameon=False, labelcolor=INK)
        file = io.StringIO()
        figure.savefig(
            file, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Type": None, "Format": None}
        )
    return _inline(file.getvalue(), prefix)


def _inline(document: str, prefix: str) -> str:
    """Make an SVG file fit into a page: no prologue, no style of its own, own ids, the page's ink and font."""
    text = document[document.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.S)
    text = re.sub(r'(\sid="|href="#|url\(#)', rf"\g<1>{prefix}-", text)
    text = re.sub(
        r'<svg [^>]*?viewBox="([^"]+)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', text, count=1, flags=re.S
    )
    text = text.replace(INK, "currentColor").replace(GRID, "currentColor")
    text = re.sub(r"font:\s*([\d.]+)px [^;\"]*", r"font-size: \1px", text)
    return re.sub(r">\s+<", "><", text).strip()
