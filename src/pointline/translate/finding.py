"""Where words that an answer says stand in a text: as said, in another form, or nearly so."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from pointline.errors import MissingExtra
from pointline.text.locate import Locator, cuts_word, occurrences
from pointline.text.normalize import fold, fold_name
from pointline.text.segment import tokens

SHORTEST = 4
"""Characters that words must have to be found by similarity alone."""


class Found(NamedTuple):
    """The places where words may stand (several where they stand more than once) and how they were found."""

    places: tuple[tuple[int, int], ...]
    how: Literal["exact", "normalised", "fuzzy", "absent"]


ABSENT = Found((), "absent")


def find(text: str, words: str, least: float) -> Found:
    """Every place of `words`; where there is none, the best that is similar by `least` (0 to 1).

    >>> find("play jazz, more jazz", "jazz", 0.9).places, find("ＪＡＺＺを聴く", "jazz", 0.9)
    (((5, 9), (16, 20)), Found(places=((0, 4),), how='normalised'))
    """
    words = words.strip()
    if not words:
        return ABSENT
    if words in text:
        found = occurrences(text, words)
        whole = [place for place in found if not cuts_word(text, *place)]
        return Found(tuple(whole or found), "exact")
    place = Locator(text).first(words)
    if place.start is not None and place.end is not None and place.fragments is None:
        return Found(((place.start, place.end),), "normalised")
    return _similar(text, words, least) if least < 1 and len(words) >= SHORTEST else ABSENT


def _similar(text: str, words: str, least: float) -> Found:
    """The stretch that is most like the words, grown to whole tokens of spaced scripts."""
    fuzz = _fuzz()
    folded, wanted = fold(text), fold(words).text
    if len(wanted) > len(folded.text):
        return ABSENT
    best = fuzz.partial_ratio_alignment(wanted, folded.text, score_cutoff=100 * least)
    if best is None or best.dest_start == best.dest_end:
        return ABSENT
    start, end = folded.starts[best.dest_start], folded.ends[best.dest_end - 1]
    inside = [place for place in tokens(text) if place[0] < end and start < place[1]]
    if not inside:
        return ABSENT
    start, end = inside[0][0], inside[-1][1]
    if fuzz.ratio(wanted, fold(text[start:end]).text) < 100 * least:
        return ABSENT
    return Found(((start, end),), "fuzzy")


def alike(a: str, b: str) -> float:
    """How similar two surfaces are, 0 to 1, whatever their width, case and spaces.

    >>> alike("New  York", "new york")
    1.0
    """
    a, b = fold_name(a), fold_name(b)
    if a == b:
        return 1.0
    return float(_fuzz().ratio(a, b)) / 100


def ready() -> None:
    """Raise MissingExtra where rapidfuzz is not installed: before anything is paid."""
    _fuzz()


def _fuzz() -> Any:
    try:
        from rapidfuzz import fuzz
    except ImportError:
        raise MissingExtra("translate", "rapidfuzz") from None
    return fuzz
