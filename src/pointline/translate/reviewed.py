"""Samples for a person to check, and the precision that their verdicts show."""

from __future__ import annotations

import hashlib
import heapq
import logging
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.errors import InputFault
from pointline.score.proportion import Share, wilson
from pointline.translate.outcome import Outcome, ReviewRow

log = logging.getLogger("pointline")


class Verdict(msgspec.Struct):
    """A line of a reviewed file: a kept sample's id and whether it is right; other fields are not looked at."""

    id: str
    right: bool


class CheckSample:
    """A draw of `size` kept samples, by seed and id, whatever their order."""

    def __init__(self, size: int, seed: int) -> None:
        self._size, self._seed = size, seed
        self._held: list[tuple[int, str, int, ReviewRow]] = []
        self._seen = 0

    def add(self, outcome: Outcome) -> None:
        """Take a kept sample into the draw."""
        if outcome.target is None or not self._size:
            return
        digest = hashlib.sha256(f"{self._seed}\0{outcome.target.id}".encode("utf-8", "surrogatepass")).digest()
        rank = -int.from_bytes(digest[:8], "big")
        row = ReviewRow(outcome.target.id, outcome.source, outcome.target, outcome.reasons, outcome.repairs)
        self._seen += 1
        entry = (rank, outcome.target.id, -self._seen, row)
        if len(self._held) < self._size:
            heapq.heappush(self._held, entry)
        elif entry[:3] > self._held[0][:3]:
            heapq.heapreplace(self._held, entry)

    def rows(self) -> list[ReviewRow]:
        """The draw, in the order of the draw."""
        return [row for _, _, _, row in sorted(self._held, key=lambda entry: (-entry[0], entry[1], -entry[2]))]


class Precision:
    """The share of right ones among kept samples that have a verdict.

    Raises InputFault where the file is faulty, or two of its lines contradict each other.
    """

    def __init__(self, path: str | Path) -> None:
        decoder = msgspec.json.Decoder(Verdict)
        self._verdicts: dict[str, bool] = {}
        for number, line in jsonl.lines(path):
            verdict = jsonl.decode_line(decoder, line, path, number)
            if self._verdicts.setdefault(verdict.id, verdict.right) != verdict.right:
                what = f"{verdict.id!r} is said to be right and to be wrong"
                raise InputFault(what, path=path, line=number, field="right", fix="keep one of the two")
        self._unused = dict.fromkeys(self._verdicts)
        self._right = self._of = 0

    def add(self, outcome: Outcome) -> None:
        """Count a kept sample that has a verdict."""
        if outcome.target is not None and outcome.target.id in self._verdicts:
            self._unused.pop(outcome.target.id, None)
            self._of += 1
            self._right += self._verdicts[outcome.target.id]

    def share(self) -> Share | None:
        """The precision with its interval; None where no kept sample has a verdict. Tells of verdicts on no sample."""
        if self._unused:
            which = f"{len(self._unused)} of {len(self._verdicts)} verdicts"
            log.warning("%s belong to no kept sample (first: %s)", which, next(iter(self._unused)))
        return wilson(self._right, self._of)
