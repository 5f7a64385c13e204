"""Surfaces to offsets: where in the text a string that carries no offsets stands.

Surfaces come in the order in which a model or a source names them. The search runs left to right: each repeat takes
the next occurrence, an occurrence that starts or ends inside a word of a spaced script ("it" in "with") counts only
where there is no other, and what does not stand in the text as it is said is searched piece by piece (a line break
where it has a space) and then by its folded form (width, case, compatibility forms, spaces, quotes around it).
"""

from __future__ import annotations

import itertools
import re
from typing import Literal, NamedTuple, TypeAlias

from pointline.text.normalize import Folded, fold

How: TypeAlias = Literal["exact", "broken", "normalised", "repeated", "absent"]

MANY = 500
"""After so many spans of one text the search only runs on to the right."""
SPACED_BELOW = "\u0e00"
QUOTES = ('""', "''", "``", "“”", "‘’", "「」", "『』", "《》", "<>", "()", "[]", "【】")


class Place(NamedTuple):
    """Where a surface stands (code points, half-open; None where nowhere) and how it was found.

    `broken`: its pieces stand one after another with other white space between them, each a fragment.
    """

    start: int | None
    end: int | None
    how: How
    fragments: list[tuple[int, int]] | None = None


ABSENT = Place(None, None, "absent")


class Locator:
    """Places the surfaces of one text, one after another; remembers what is taken.

    >>> locator = Locator("play jazz, more jazz by Ｍiles")
    >>> [locator.place(s)[:3] for s in ("jazz", "jazz", "miles", "rock")]
    [(5, 9, 'exact'), (16, 20, 'exact'), (24, 29, 'normalised'), (None, None, 'absent')]
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._cursor = 0
        self._last = 0
        self._taken: list[tuple[int, int]] = []
        self._used: set[tuple[str, int, int]] = set()
        self._seen: dict[str, list[tuple[int, int]]] = {}
        self._folded: Folded | None = None

    def restart(self) -> None:
        """Begin again at the left end (a new list of surfaces); what is taken stays taken."""
        self._cursor = self._last = 0

    def place(self, surface: str, key: str = "") -> Place:
        """The next place of `surface`; the same surface under another `key` (its type) may share a place."""
        if not surface:
            return ABSENT
        if surface in self.text:
            found = self._next(self._occurrences(surface), key)
            return self._take(found, key, "exact")
        broken = self._broken_places(surface)
        if broken:
            start, end = self._next(_clean(self.text, list(broken)), key)
            return self._take((start, end), key, "broken")._replace(fragments=broken[start, end])
        folded = self._fold_places(surface)
        if not folded:
            return ABSENT
        return self._take(self._next(_clean(self.text, folded), key), key, "normalised")

    def first(self, surface: str) -> Place:
        """The first place of `surface` whatever is taken: the ends of relations share mentions."""
        if surface and surface in self.text:
            start, end = self._occurrences(surface)[0]
            return Place(start, end, "exact")
        broken = self._broken_places(surface) if surface else {}
        if broken:
            start, end = _clean(self.text, list(broken))[0]
            return Place(start, end, "broken", broken[start, end])
        places = self._fold_places(surface) if surface else []
        return Place(*places[0], "normalised") if places else ABSENT

    def _take(self, found: tuple[int, int], key: str, how: How) -> Place:
        start, end = found
        if (key, start, end) in self._used:
            how = "repeated"
        self._used.add((key, start, end))
        self._taken.append(found)
        self._last, self._cursor = start, end
        return Place(start, end, how)

    def _next(self, places: list[tuple[int, int]], key: str) -> tuple[int, int]:
        """Choose: whole words first, then right of the last one, then nested in it, then free, then shared."""
        if len(self._taken) > MANY:
            return next((p for p in places if p[0] >= self._cursor), places[-1])
        free = [p for p in places if (key, *p) not in self._used]
        apart = [p for p in free if not self._overlaps(p)]
        choices = (
            next((p for p in apart if p[0] >= self._cursor), None),
            next((p for p in free if p[0] >= self._last), None),
            next(iter(apart), None),
            next(iter(free), None),
        )
        return next((choice for choice in choices if choice is not None), places[-1])

    def _overlaps(self, place: tuple[int, int]) -> bool:
        start, end = place
        return any(start < b and a < end for a, b in self._taken)

    def _occurrences(self, surface: str) -> list[tuple[int, int]]:
        """Where a surface stands as a whole word, or else at all."""
        if surface not in self._seen:
            self._seen[surface] = mentions(self.text, surface)
        return self._seen[surface]

    def _broken_places(self, surface: str) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """Places where single spaces of the surface are other white space in the text, with the fragments."""
        pieces = surface.split(" ")
        if len(pieces) < 2 or pieces != surface.split():
            return {}
        pattern = r"\s+".join(f"({re.escape(piece)})" for piece in pieces)
        groups = range(1, len(pieces) + 1)
        found = itertools.islice(re.finditer(pattern, self.text), 100)
        return {match.span(): _joined(self.text, [match.span(i) for i in groups]) for match in found}

    def _fold_places(self, surface: str) -> list[tuple[int, int]]:
        if self._folded is None:
            self._folded = fold(self.text)
        wanted = fold(surface).text.strip()
        places = _folded_places(self._folded, wanted)
        if not places and len(wanted) > 2 and wanted[0] + wanted[-1] in QUOTES:
            places = _folded_places(self._folded, wanted[1:-1].strip())
        return places


def _joined(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Fragments out of pieces: those that a single space divides belong together."""
    fragments = pieces[:1]
    for start, end in pieces[1:]:
        if text[fragments[-1][1] : start] == " ":
            fragments[-1] = (fragments[-1][0], end)
        else:
            fragments.append((start, end))
    return fragments


def occurrences(text: str, surface: str, limit: int = 500) -> list[tuple[int, int]]:
    """Every place of `surface`, overlapping ones too, left to right, at most `limit`.

    >>> occurrences("aaa", "aa")
    [(0, 2), (1, 3)]
    """
    found: list[tuple[int, int]] = []
    at = text.find(surface)
    while at >= 0 and len(found) < limit:
        found.append((at, at + len(surface)))
        at = text.find(surface, at + 1)
    return found


def mentions(text: str, surface: str) -> list[tuple[int, int]]:
    """Every place of `surface` that cuts no word, or every place where each one does.

    >>> mentions("it is with it", "it"), mentions("with", "it")
    ([(0, 2), (11, 13)], [(1, 3)])
    """
    return _clean(text, occurrences(text, surface))


def cuts_word(text: str, start: int, end: int) -> bool:
    """True where a place starts or ends inside a word of a script that writes spaces.

    >>> cuts_word("with it", 1, 3), cuts_word("with it", 5, 7), cuts_word("東京都", 0, 2)
    (True, False, False)
    """
    return inside_word(text, start) or inside_word(text, end)


def inside_word(text: str, at: int) -> bool:
    """True where an offset lies between two letters or digits of scripts that write spaces.

    >>> [inside_word("with it", at) for at in (0, 1, 4)]
    [False, True, False]
    """
    if not 0 < at < len(text):
        return False
    left, right = text[at - 1], text[at]
    return left < SPACED_BELOW and right < SPACED_BELOW and left.isalnum() and right.isalnum()


def _clean(text: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return [p for p in places if not cuts_word(text, *p)] or places


def _folded_places(folded: Folded, wanted: str) -> list[tuple[int, int]]:
    if not wanted:
        return []
    found = occurrences(folded.text, wanted)
    return [(folded.starts[a], folded.ends[b - 1]) for a, b in found if _whole(folded, a, b)]


def _whole(folded: Folded, a: int, b: int) -> bool:
    """True where a folded place begins and ends with whole characters of the original."""
    return (a == 0 or folded.starts[a - 1] != folded.starts[a]) and (
        b == len(folded.text) or folded.ends[b] != folded.ends[b - 1]
    )
