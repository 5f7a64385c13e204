"""Features of Japanese words by Sudachi: short units, cut where the script changes, inside long units."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from pointline.models.tagger.hashing import all_hashed, normal
from pointline.text.morphology import Morpheme, morphemes
from pointline.text.scripts import script


class Word(NamedTuple):
    """A unit that the encoder reads: place, normalised form, feature ids, and its word class for its characters."""

    start: int
    end: int
    form: str
    ids: tuple[int, ...]
    kind: str


def words(text: str, digits: bool) -> list[Word]:
    """The words of a Japanese text with their features, in order; raises MissingExtra without Sudachi."""
    found: list[Word] = []
    long_units = iter(morphemes(text, "sudachi", "long"))
    around = next(long_units, None)
    for short in morphemes(text, "sudachi", "short"):
        while around is not None and around.end <= short.start:
            around = next(long_units, None)
        surface = text[short.start : short.end]
        if surface.isspace():
            continue
        known = _of_short(short.pos, short.reading, normal(short.normal, digits), short.known)
        for start, end in _script_runs(surface):
            part = surface[start:end]
            if part.isspace():
                continue
            form = normal(part, digits)
            ids = known + _of_form(part, form, len(part) == len(surface))
            if around is not None:
                place = _place(short.start + start, short.start + end, around)
                ids += _of_long(place, normal(text[around.start : around.end], digits), around.pos, around.known)
            found.append(Word(short.start + start, short.start + end, form, ids, "-".join(short.pos[:2])))
    return found


@lru_cache(maxsize=2**14)
def _of_short(pos: tuple[str, ...], reading: str, form: str, known: bool) -> tuple[int, ...]:
    """Parts of speech 1 to 4, reading ending, normal form, whether the dictionary has it."""
    names = [f"pos{depth}={'-'.join(pos[:depth])}" for depth in range(1, 5)]
    return all_hashed([*names, f"r1={reading[-1:]}", f"r2={reading[-2:]}", f"normal={form}", f"known={known}"])


@lru_cache(maxsize=2**15)
def _of_form(part: str, form: str, whole: bool) -> tuple[int, ...]:
    """Scripts, length, prefixes and suffixes 1-3, characters, whether it is the whole unit."""
    names = [f"scripts={_scripts(part)}", f"length={min(8, len(part))}", f"whole={whole}"]
    names += [f"p{n}={form[:n]}" for n in range(1, 4)] + [f"s{n}={form[-n:]}" for n in range(1, 4)]
    return all_hashed(names + [f"c={char}" for char in form])


def _place(start: int, end: int, around: Morpheme) -> str:
    """Where a word lies in its long unit: S it fills it, B begins, E ends, M in the middle."""
    if start == around.start:
        return "S" if end == around.end else "B"
    return "E" if end == around.end else "M"


@lru_cache(maxsize=2**15)
def _of_long(place: str, surface: str, pos: tuple[str, ...], known: bool) -> tuple[int, ...]:
    """The long unit's part of speech, surface, and whether the dictionary has it, with the word's place in it."""
    return all_hashed(
        (f"long={place}", f"long pos={place}{'-'.join(pos[:4])}", f"long={place}{surface}", f"long known={known}")
    )


@lru_cache(maxsize=2**15)
def _script_runs(surface: str) -> tuple[tuple[int, int], ...]:
    """Where the script changes, the unit is cut.

    >>> _script_runs("FCvs3番ホーム")
    ((0, 4), (4, 5), (5, 6), (6, 9))
    """
    scripts = [script(char) for char in surface]
    borders = [i for i in range(1, len(surface)) if scripts[i] != scripts[i - 1]]
    return tuple(zip([0, *borders], [*borders, len(surface)], strict=True))


def _scripts(part: str) -> str:
    """The kinds of the characters, runs cut to two."""
    kinds: list[str] = []
    for char in part:
        kind = "X" if char.isupper() else script(char)[:2]
        if kinds[-2:] != [kind, kind]:
            kinds.append(kind)
    return ".".join(kinds)
