"""Spans to their place in a text: offsets checked, snapped to what they say, or searched left to right."""

from __future__ import annotations

from typing import NamedTuple

from pointline.corpora.conversion import Report


class Place(NamedTuple):
    """Where a span stands: its wording and its offsets, both None where the text does not hold it."""

    text: str
    start: int | None
    end: int | None


def stands(text: str, wording: str, start: int, end: int) -> bool:
    """Whether a wording stands at these offsets: the quick look before `placed`.

    >>> stands("a dog", "dog", 2, 5), stands("a dog", "dog", 2, 6)
    (True, False)
    """
    return start >= 0 and end == start + len(wording) and wording != "" and text.startswith(wording, start)


def placed(text: str, surface: str | None, start: int, end: int | None, report: Report) -> Place | None:
    """Check a span's offsets against its wording; mend and count what does not fit. None: nothing is left of it.

    A wrong offset moves to the nearest occurrence of the wording; without one the offsets go and the wording stays.

    >>> placed("a big dog", "dog", 5, 8, Report())
    Place(text='dog', start=6, end=9)
    """
    if end is None:
        end = start + len(surface or "")
    if 0 <= start < end <= len(text):
        found = text[start:end]
        if surface is None or found == surface:
            return Place(found, start, end)
    elif surface is None:
        start, behind = max(start, 0), min(end, len(text))
        if start >= behind:
            report.repair("span_dropped", f"{start}:{end} in a text of {len(text)} characters")
            return None
        report.repair("offsets_clipped", f"{start}:{end} in a text of {len(text)} characters")
        return Place(text[start:behind], start, behind)
    return _snapped(text, surface, start, report)


def _snapped(text: str, surface: str, start: int, report: Report) -> Place | None:
    trimmed = surface.strip()
    if not trimmed:
        report.repair("span_dropped", f"wording {surface!r} at {start}")
        return None
    for wording in dict.fromkeys((surface, trimmed)):
        at = nearest(text, wording, start)
        if at is not None:
            report.repair("offsets_snapped", f"{wording!r} from {start} to {at}")
            return Place(wording, at, at + len(wording))
    report.repair("span_not_in_text", repr(surface))
    return Place(surface, None, None)


def nearest(text: str, surface: str, start: int) -> int | None:
    """The occurrence of `surface` nearest to `start` (the earlier of two), or None.

    >>> nearest("ab ab", "ab", 2)
    3
    """
    start = max(start, 0)
    left = text.rfind(surface, 0, start + len(surface) - 1) if start else -1
    right = text.find(surface, start)
    if left < 0 or right < 0:
        return None if left == right else max(left, right)
    return left if start - left <= right - start else right


class Search:
    """Finds spans that come without offsets: each repeat goes to the next occurrence.

    >>> search = Search("ab ab", Report())
    >>> search("ab").start, search("ab").start, search("ab", again=True).start
    (0, 3, 0)
    """

    def __init__(self, text: str, report: Report) -> None:
        self.text, self._report = text, report
        self._next: dict[str, int] = {}

    def __call__(self, surface: str, again: bool = False) -> Place:
        """The next place of `surface`; with `again` the first one always. A repeat beyond the last keeps the last."""
        at = self.text.find(surface, 0 if again else self._next.get(surface, 0)) if surface else -1
        if at < 0 and surface in self._next:
            at = self.text.rfind(surface)
        if at < 0:
            self._report.notice("span_not_found", repr(surface))
            return Place(surface, None, None)
        if not again:
            self._next[surface] = at + len(surface)
        self._report.notice("span_by_search")
        return Place(surface, at, at + len(surface))
