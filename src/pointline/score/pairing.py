"""Pairing gold with answers by id; ids that do not match are one clear line, never a silent zero."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from pointline.errors import InputFault
from pointline.sample import Sample
from pointline.score.matching import MISSING
from pointline.score.sources import Filed, Listed, Samples

log = logging.getLogger("pointline")


class Pairing:
    """Iterates (gold, answers) once, in gold's order; then `n`, `missing` and `extra` hold what was met.

    Without `partial`, an id that only one side has raises InputFault; with it, a gold sample without an answer
    is answered by nothing, and an answer without gold is left out. Ids that stand twice are always refused,
    and so are answers of which none has gold.

    >>> pairing = Pairing([Sample("1", "a"), Sample("2", "b")], [[Sample("2", "b"), Sample("1", "a")]])
    >>> [(gold.id, answer.id) for gold, (answer,) in pairing]
    [('1', '1'), ('2', '2')]
    """

    def __init__(self, gold: Samples, answers: Sequence[Samples], *, partial: bool = False) -> None:
        self.gold = _source(gold, "gold")
        names = ("answers", "other answers")
        self.answers = [_source(given, name) for given, name in zip(answers, names, strict=False)]
        self.n = self.missing = self.extra = self.other_texts = 0
        self._partial = partial
        self._first_missing: list[tuple[int, str]] = [(0, "")] * len(self.answers)
        self._missing = [0] * len(self.answers)

    def __iter__(self) -> Iterator[tuple[Sample, list[Sample]]]:
        try:
            yield from self._paired()
            self._settle()
        finally:
            for source in (self.gold, *self.answers):
                source.close()

    def _paired(self) -> Iterator[tuple[Sample, list[Sample]]]:
        takes = [source.take for source in self.answers]
        for place, gold in self.gold:
            self.n += 1
            found = [take(gold.id) for take in takes]
            if None in found:
                self._note_missing(place, gold.id, found)
            answers = [MISSING if answer is None else answer for answer in found]
            for answer in answers:
                if answer.text != gold.text and answer is not MISSING:
                    self.other_texts += 1
            yield gold, answers

    def digests(self) -> list[str]:
        """The data hashes of gold and of each answers file."""
        return [self.gold.digest(), *(source.digest() for source in self.answers)]

    def _note_missing(self, place: int, id: str, found: list[Sample | None]) -> None:
        for i, answer in enumerate(found):
            if answer is None:
                self._missing[i] += 1
                if self._missing[i] == 1:
                    self._first_missing[i] = (place, id)

    def _settle(self) -> None:
        if not self.n:
            raise InputFault("holds no samples", path=self.gold.name, fix="there is nothing to score")
        left = [source.left() for source in self.answers]
        for source in (self.gold, *self.answers):
            source.refuse_repeats()
        self.missing, self.extra = sum(self._missing), sum(rest[0] for rest in left)
        for source, missing, first, rest in zip(self.answers, self._missing, self._first_missing, left, strict=True):
            self._refuse(source.name, missing, first, rest)
        if self.missing or self.extra:
            log.warning("%s samples have no answer, %s answers have no gold", self.missing, self.extra)
        if self.other_texts:
            log.warning("%s answers have another text than their gold", self.other_texts)

    def _refuse(self, name: str, missing: int, first: tuple[int, str], rest: tuple[int, int, str]) -> None:
        gold = self.gold.name
        if missing == self.n and rest[0]:
            what = f"none of its ids is in {gold} (first: {rest[2]!r})"
            raise InputFault(what, path=name, line=rest[1], field="id", fix="do the two files belong together?")
        if missing and not self._partial:
            what = f"{first[1]!r} has no answer in {name} ({missing} of {self.n} have none)"
            fix = "answer them, or pass --allow-missing to count them as empty"
            raise InputFault(what, path=gold, line=first[0], field="id", fix=fix)
        if rest[0] and not self._partial:
            what = f"{rest[2]!r} is not in {gold} ({rest[0]} such answers)"
            fix = "score against the gold that was asked, or pass --allow-missing to leave them out"
            raise InputFault(what, path=name, line=rest[1], field="id", fix=fix)


def _source(samples: Samples, name: str) -> Filed | Listed:
    return Filed(samples) if isinstance(samples, str | Path) else Listed(samples, name)
