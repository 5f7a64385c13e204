"""Long texts in overlapping windows, and their spans put together again: nothing is cut off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Window(NamedTuple):
    """Units `start` to `end` of a text; it answers for spans that begin in `own_start` to `own_end`."""

    start: int
    end: int
    own_start: int
    own_end: int


class Piece(NamedTuple):
    """A span of units with what was said of it."""

    start: int
    end: int
    type: str
    score: float


def windows(length: int, size: int, overlap: int) -> list[Window]:
    """Cut `length` units into windows of at most `size` that share `overlap` units with their neighbours.

    Each unit is owned by exactly one window; borders of ownership lie in the middle of the overlaps. A span no
    longer than half the overlap lies whole in the window that owns its first unit.

    >>> windows(10, 6, 2)
    [Window(start=0, end=6, own_start=0, own_end=5), Window(start=4, end=10, own_start=5, own_end=10)]
    """
    if not 0 <= overlap < size:
        raise ValueError(f"an overlap of {overlap} does not fit a window of {size}")
    if length <= size:
        return [Window(0, length, 0, length)]
    starts = [*range(0, length - size, size - overlap), length - size]
    ends = [start + size for start in starts]
    borders = [0, *((a + b) // 2 for a, b in zip(starts[1:], ends, strict=False)), length]
    return [Window(*row) for row in zip(starts, ends, borders[:-1], borders[1:], strict=True)]


def merge(found: Iterable[tuple[Window, Iterable[Piece]]]) -> list[Piece]:
    """Put the pieces of all windows, counted from each window's start, into one list counted from the text's.

    A piece is taken from the window that owns its first unit; one that runs into an earlier piece is left out.

    >>> left, right = windows(10, 6, 2)
    >>> merge([(left, [Piece(4, 6, "X", 1.0)]), (right, [Piece(0, 2, "X", 1.0), Piece(3, 4, "Y", 1.0)])])
    [Piece(start=4, end=6, type='X', score=1.0), Piece(start=7, end=8, type='Y', score=1.0)]
    """
    merged: list[Piece] = []
    for window, pieces in found:
        for piece in pieces:
            moved = piece
            if window.start:
                moved = piece._replace(start=piece.start + window.start, end=piece.end + window.start)
            owned = window.own_start <= moved.start < window.own_end
            if owned and (not merged or merged[-1].end <= moved.start):
                merged.append(moved)
    return merged
