"""What the simulated translator knows: the gold pair behind a text, and where spans are in a changed translation."""

from __future__ import annotations

import difflib
import functools
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from simulation.parallel import Pair

ENOUGH = 0.3
"""Dice's coefficient of character bigrams from which a text counts as a form of a gold text."""


class Side(NamedTuple):
    """One gold text with the words of its entities: `spans[i]` are the places of entity i, numbered as in English."""

    text: str
    lang: str
    spans: tuple[tuple[int, int], ...]

    def words(self, entity: int) -> str:
        """The words of an entity."""
        return self.text[slice(*self.spans[entity])]


class Both(NamedTuple):
    """A gold pair seen from one language: what is translated, and its translation. `number` names the pair."""

    number: str
    types: tuple[str, ...]
    source: Side
    target: Side

    def back(self) -> Both:
        """The pair the other way round."""
        return Both(self.number, self.types, self.target, self.source)


class Gold:
    """All pairs, found by a text of either side. `alternatives` are other gold translations of an entity's words."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._exact: dict[tuple[str, str], list[Both]] = defaultdict(list)
        self._grams: dict[tuple[str, str], set[Both]] = defaultdict(set)
        self._said: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
        for pair in pairs:
            for both in _ways(pair):
                self._add(both)

    def _add(self, both: Both) -> None:
        ways = both.source.lang, both.target.lang
        self._exact["".join(ways), both.source.text].append(both)
        for gram in bigrams(both.source.text):
            self._grams["".join(ways), gram].add(both)
        for i in range(len(both.types)):
            self._said[(*ways, both.source.words(i).casefold())][both.target.words(i)] += 1

    def find(
        self, text: str, ways: tuple[str, str], spans: Iterable[tuple[int, int]] = (), other: str = ""
    ) -> Both | None:
        """The pair behind a text, else the nearest; of equal ones that whose spans or translation fit."""
        way = "".join(ways)
        held = self._exact.get((way, text)) or self._of_translation(other, ways) or self._near(text, way)
        asked = set(spans)
        ranked = [
            (len(asked - set(both.source.spans)), -alike(both.target.text, other) if other else 0) for both in held
        ]
        return held[ranked.index(min(ranked))] if held else None

    def _of_translation(self, other: str, ways: tuple[str, str]) -> list[Both]:
        found = self._exact.get(("".join(reversed(ways)), other), [])
        return [both.back() for both in found]

    def _near(self, text: str, way: str) -> list[Both]:
        grams = bigrams(text)
        shared: Counter[Both] = Counter()
        for gram in grams:
            shared.update(self._grams.get((way, gram), ()))
        if not shared:
            return []
        rated = [(2 * count / (len(grams) + len(bigrams(both.source.text))), both) for both, count in shared.items()]
        rate, both = max(rated, key=lambda pair: (pair[0], pair[1].number))
        return [both] if rate >= ENOUGH else []

    def alternatives(self, both: Both, entity: int) -> list[str]:
        """Other gold translations of the same words, sorted."""
        key = (both.source.lang, both.target.lang, both.source.words(entity).casefold())
        mine = both.target.words(entity), both.source.words(entity)
        return sorted(said for said in self._said[key] if said.casefold() not in {words.casefold() for words in mine})


class Drift:
    """Where places of a gold text are in a changed form of it, and the other way round.

    >>> drift = Drift("播放爵士乐的歌", "播放ジャズ的歌")
    >>> drift.place(2, 5), Drift("播放ジャズ的歌", "播放爵士乐的歌").place(2, 5)
    ((2, 5), (2, 5))
    """

    def __init__(self, gold: str, text: str) -> None:
        self._codes = difflib.SequenceMatcher(None, gold, text, autojunk=False).get_opcodes()
        self._length = len(text)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where a place is now, what was put in at its edges counted to it; empty where it is gone."""
        return min(self.edges(start)), max(self.edges(end))

    def edges(self, at: int) -> range:
        """The offsets that a border may have now; one where the texts agree around it."""
        low, high = self._length, 0
        for tag, i1, i2, j1, j2 in self._codes:
            if i1 <= at <= i2:
                if tag == "equal":
                    found = (j1 + at - i1,) * 2
                else:
                    found = (j1 if at < i2 or i1 == i2 else j2, j2 if at > i1 or i1 == i2 else j1)
                low, high = min(low, found[0]), max(high, found[1])
        return range(low, high + 1) if low <= high else range(1)


@functools.lru_cache(maxsize=4096)
def bigrams(text: str) -> frozenset[str]:
    """The character bigrams of a text, its edges marked."""
    edged = f"^{text.casefold()}$"
    return frozenset(edged[i : i + 2] for i in range(len(edged) - 1))


def alike(a: str, b: str) -> float:
    """Dice's coefficient of character bigrams."""
    return 2 * len(bigrams(a) & bigrams(b)) / (len(bigrams(a)) + len(bigrams(b)))


def _ways(pair: Pair) -> tuple[Both, Both]:
    a, b = pair.source, pair.target
    first = Side(a.text, a.lang or "", tuple((e.start or 0, e.end or 0) for e in a.entities or ()))
    places = [(e.start or 0, e.end or 0) for e in b.entities or ()]
    second = Side(b.text, b.lang or "", tuple(places[i] for i in pair.order))
    types = tuple(e.type for e in a.entities or ())
    both = Both(b.id, types, first, second)
    return both, both.back()
