"""What a report page holds, as plain data: facts, tables with intervals, curves, texts with their spans."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from pointline.sample import Sample


class Figure(msgspec.Struct, frozen=True):
    """A number with its interval, drawn on the table's scale; `value` None is shown as a dash."""

    value: float | None
    low: float | None = None
    high: float | None = None
    signed: bool = False


Cell: TypeAlias = str | int | Figure


class Facts(msgspec.Struct, frozen=True, tag=True):
    """Names and what they stand for."""

    rows: tuple[tuple[str, str], ...]


class Prose(msgspec.Struct, frozen=True, tag=True):
    """A paragraph."""

    text: str


class Table(msgspec.Struct, frozen=True, tag=True):
    """Rows of cells under a header; the first cell of a row is its heading.

    Attributes:
        caption: What the table shows.
        header: One word a column.
        rows: As many cells a row as the header has.
        note: What the reader must know beside it.
        scale: From where to where intervals are drawn; None draws none.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str | None = None
    scale: tuple[float, float] | None = (0.0, 100.0)


class Series(msgspec.Struct, frozen=True):
    """One line of a curve."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]

    def points(self) -> list[tuple[float, float]]:
        """The line's points in order."""
        return list(zip(self.x, self.y, strict=True))


class Curve(msgspec.Struct, frozen=True, tag=True):
    """Lines over one axis; a table of the same numbers stands below, folded."""

    caption: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]


class Example(msgspec.Struct, frozen=True):
    """A text with its gold annotation, a prediction, or both side by side."""

    gold: Sample | None = None
    prediction: Sample | None = None
    note: str | None = None


class Examples(msgspec.Struct, frozen=True, tag=True):
    """Texts with their spans; `folded` hides them behind their caption."""

    caption: str
    items: tuple[Example, ...]
    folded: bool = False

    def compares(self) -> bool:
        """Whether gold stands beside a prediction somewhere."""
        return any(item.gold is not None and item.prediction is not None for item in self.items)


Block: TypeAlias = Facts | Prose | Table | Curve | Examples


class Section(msgspec.Struct, frozen=True):
    """A heading and what stands under it."""

    heading: str
    blocks: tuple[Block, ...]


class Page(msgspec.Struct, frozen=True):
    """A whole page: title, one line of lead, sections."""

    title: str
    lead: str
    sections: tuple[Section, ...]
    lang: str = "en"
    footer: str = ""
