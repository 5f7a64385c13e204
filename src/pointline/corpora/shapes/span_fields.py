"""How one span is written in JSON: which fields hold its wording and its offsets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.fields import MISSING, kind_of, pick
from pointline.corpora.placing import Place, Search, placed

Look: TypeAlias = Callable[[Any, str], tuple[str, int, int] | None]

FIX = "set the reader's field names (entities, type, start, end or span, surface)"


class SpanFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where one span's wording and offsets stand; a number is an index into a list."""

    start: str | int = "start"
    """Field with the first character; where it is missing, the wording is searched."""
    end: str | int = "end"
    """Field with the end; where it is missing, the wording's length tells."""
    span: str | int | None = None
    """Field with both offsets as [start, end]."""
    surface: str | int | None = None
    """Field with the wording; offsets that do not fit it are mended."""
    inclusive: bool = False
    """Whether the end is the last character's own offset."""


def place_of(item: Any, fields: SpanFields, search: Search, report: Report) -> Place | None:
    """Where one span stands: checked at its offsets, or searched where it has none.

    >>> place_of({"w": "jazz", "start": 5}, SpanFields(surface="w"), Search("play jazz", Report()), Report())
    Place(text='jazz', start=5, end=9)
    """
    surface = None if fields.surface is None else pick(item, fields.surface)
    if surface is MISSING:
        surface = None
    if surface is not None and not isinstance(surface, str):
        raise report.fault(f"is {kind_of(surface)}, not a string", field=str(fields.surface), fix=FIX)
    if fields.span is None:
        start, end = pick(item, fields.start), pick(item, fields.end)
    else:
        pair = pick(item, fields.span)
        start, end = pair if isinstance(pair, list) and len(pair) == 2 else (MISSING, MISSING)
    field = str(fields.start if fields.span is None else fields.span)
    if start is MISSING or start is None:
        if not surface:
            raise report.fault("a span has neither offsets nor wording", field=field, fix=FIX)
        return search(surface)
    if end is MISSING:
        end = None
    if type(start) is not int or not (end is None or type(end) is int) or (end is None and surface is None):
        raise report.fault(f"offsets {start!r}, {end!r} are no whole numbers", field=field, fix=FIX)
    return placed(search.text, surface, start, end + 1 if fields.inclusive and end is not None else end, report)


def quick_look(fields: SpanFields) -> Look:
    """A quick look at a span written plainly: (item, text) to wording, start, end; None where `place_of` must look.

    >>> look = quick_look(SpanFields(surface="w"))
    >>> look({"w": "jazz", "start": 5, "end": 9}, "play jazz"), look({"w": "jazz", "start": 4, "end": 9}, "play jazz")
    (('jazz', 5, 9), None)
    """
    at_start, at_end, at_span, at_surface = fields.start, fields.end, fields.span, fields.surface
    more = 1 if fields.inclusive else 0

    def look(item: Any, text: str) -> tuple[str, int, int] | None:
        try:
            wording: Any = None if at_surface is None else item[at_surface]
            if at_span is not None:
                start, end = item[at_span]
            else:
                start = item[at_start]
                end = start + len(wording) - more if type(item) is dict and at_end not in item else item[at_end]
        except (LookupError, TypeError, ValueError):
            return None
        if type(start) is not int or type(end) is not int:
            return None
        end += more
        found = text[start:end] if start >= 0 else ""
        if found == "" or end > len(text) or not (wording is None or wording == found):
            return None
        return found, start, end

    return look
