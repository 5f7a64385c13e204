"""Pairing gold with answers by id; ids that do not match are one clear line, never a silent zero."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, islice, zip_longest
from operator import attrgetter, ne
from pathlib import Path

from pointline.errors import InputFault
from pointline.sample import Sample
from pointline.score.index import Fileindex, Listindex
from pointline.score.sources import Filed, Listed, Samples, refuse_repeats

log = logging.getLogger("pointline")

MISSING = Sample("", "")
BLOCK = 64

_id, _text = attrgetter("id"), attrgetter("text")


class Pairing:
    """Iterates (gold, answer, ...) once, in gold's order; then `n`, `missing` and `extra` hold what was met.

    While all files keep one order they are read in step; from the first id that differs on, answers are found by
    an index. Without `partial`, an id that only one side has raises InputFault; with it, a gold sample without an
    answer is answered by nothing, and an answer without gold is left out. Ids that stand twice are always refused,
    and so are answers of which none has gold.

    >>> pairing = Pairing([Sample("1", "a"), Sample("2", "b")], [[Sample("2", "b"), Sample("1", "a")]])
    >>> [(gold.id, answer.id) for gold, answer in pairing]
    [('1', '1'), ('2', '2')]
    """

    def __init__(self, gold: Samples, answers: Sequence[Samples], *, partial: bool = False) -> None:
        self.gold = _source(gold, "gold")
        names = ("answers", "other answers")
        self.answers = [_source(given, name) for given, name in zip(answers, names, strict=False)]
        self.n = self.missing = self.extra = self.other_texts = self._in_step = 0
        self._partial = partial
        self._indices: list[Fileindex | Listindex] = []
        self._hashes = array("q")
        self._missing = [0] * len(self.answers)
        self._first_missing: list[tuple[int, str]] = [(0, "")] * len(self.answers)

    def __iter__(self) -> Iterator[tuple[Sample, ...]]:
        return (group for columns in self.blocks() for group in zip(*columns, strict=True))

    def blocks(self) -> Iterator[list[list[Sample]]]:
        """The same as lists of some samples: [golds, answers, ...]; costs less a sample."""
        try:
            yield from self._paired()
            self._settle()
        finally:
            for opened in (self.gold, *self.answers, *self._indices):
                opened.close()

    def digests(self) -> list[str]:
        """The data hashes of gold and of each answers file."""
        return [self.gold.digest(), *(source.digest() for source in self.answers)]

    def _paired(self) -> Iterator[list[list[Sample]]]:
        sources = [iter(source) for source in (self.gold, *self.answers)]
        while True:
            columns = [list(islice(source, BLOCK)) for source in sources]
            agreeing = self._agreeing(columns)
            self.n += agreeing
            if any(len(column) != agreeing for column in columns):
                yield [column[:agreeing] for column in columns]
                yield from self._by_index(chain(columns[0][agreeing:], sources[0]))
                return
            yield columns
            if agreeing < BLOCK:
                return

    def _agreeing(self, columns: list[list[Sample]]) -> int:
        """How many samples, from the first on, have one id in all columns."""
        ids = [list(map(_id, column)) for column in columns]
        self._hashes.extend(map(hash, ids[0]))
        if all(other == ids[0] for other in ids[1:]):
            agreeing = len(ids[0])
        else:
            agreeing = next(i for i, group in enumerate(zip_longest(*ids)) if len(set(group)) > 1)
        for column in columns[1:]:
            self.other_texts += sum(map(ne, map(_text, columns[0][:agreeing]), map(_text, column)))
        return agreeing

    def _by_index(self, rest: Iterator[Sample]) -> Iterator[list[list[Sample]]]:
        self._indices = [source.index(self.n) for source in self.answers]
        self._in_step = self.n
        del self._hashes[self.n :]
        while reals := list(islice(rest, BLOCK)):
            yield [list(column) for column in zip(*map(self._found, reals), strict=True)]
            self._hashes.extend([hash(real.id) for real in reals])

    def _found(self, real: Sample) -> tuple[Sample, ...]:
        group = [real]
        for i, index in enumerate(self._indices):
            answer = index.take(real.id)
            if answer is None:
                self._note_missing(i, real.id)
            else:
                self.other_texts += answer.text != real.text
            group.append(MISSING if answer is None else answer)
        self.n += 1
        return tuple(group)

    def _note_missing(self, i: int, id: str) -> None:
        self._missing[i] += 1
        if self._missing[i] == 1:
            self._first_missing[i] = (self.n, id)

    def _settle(self) -> None:
        if not self.n:
            raise InputFault("holds no samples", path=self.gold.name, fix="there is nothing to score")
        self._refuse_repeats()
        for i, index in enumerate(self._indices):
            left = index.left()
            self._refuse(i, left)
            self.missing, self.extra = self.missing + self._missing[i], self.extra + left[0]
        if self.missing or self.extra:
            log.warning("%s samples have no answer, %s answers have no gold", self.missing, self.extra)
        if self.other_texts:
            log.warning("%s answers have another text than their gold", self.other_texts)

    def _refuse_repeats(self) -> None:
        """Gold's ids all differ, and so do those of each answers file: what was read in step has gold's ids."""
        refuse_repeats(self.gold, [self._hashes])
        for source, index in zip(self.answers, self._indices, strict=False):
            refuse_repeats(source, [self._hashes[: self._in_step], index.hashes])

    def _refuse(self, i: int, left: tuple[int, int, str]) -> None:
        source, gold, missing = self.answers[i], self.gold, self._missing[i]
        if missing == self.n and left[0]:
            what = f"none of its ids is in {gold.name} (first: {left[2]!r})"
            fix = "do the two files belong together?"
            raise InputFault(what, path=source.name, line=source.line_of(left[1]), field="id", fix=fix)
        if missing and not self._partial:
            place, id = self._first_missing[i]
            what = f"{id!r} has no answer in {source.name} ({missing} of {self.n} have none)"
            fix = "answer them, or pass --allow-missing to count them as empty"
            raise InputFault(what, path=gold.name, line=gold.line_of(place), field="id", fix=fix)
        if left[0] and not self._partial:
            what = f"{left[2]!r} is not in {gold.name} ({left[0]} such answers)"
            fix = "score against the gold that was asked, or pass --allow-missing to leave them out"
            raise InputFault(what, path=source.name, line=source.line_of(left[1]), field="id", fix=fix)


def _source(samples: Samples, name: str) -> Filed | Listed:
    return Filed(samples) if isinstance(samples, str | Path) else Listed(samples, name)
