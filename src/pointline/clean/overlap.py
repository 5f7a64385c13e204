"""The second look, at texts that stand more than once only: duplicates, conflicts within a file, leaks of test texts.

The fingerprints of the scan propose, the texts themselves decide: whatever two fingerprints have in common by chance
is told apart here.
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import xxhash

from pointline import jsonl
from pointline.clean.keys import ABSENT, annotation_key, text_key
from pointline.clean.scan import BLANK, KEPT, REASONS, Scan
from pointline.errors import InputFault
from pointline.sample import Sample

Rows = npt.NDArray[np.int64]
DUPLICATE, CONFLICT, IN_TEST = map(REASONS.index, ("duplicate", "conflict", "in_test"))


class OverlapRules(NamedTuple):
    """Which of the rules hold."""

    conflicts: bool = True
    """A text with contradicting annotations leaves its file wholly; else only its first occurrence stays."""
    leaks_from: tuple[str, ...] = ("train", "dev")
    """The splits that test texts leave."""


class Twin(NamedTuple):
    """A row that leaves, why, and the row it doubles."""

    row: int
    verdict: int
    twin: int


class Repeats:
    """The rows whose text stands more than once, in any file: ids, texts and annotations as fingerprints."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        """Numbers over all files, rising."""
        self.texts = np.zeros((len(rows), 2), np.uint64)
        self.annotations = np.zeros((len(rows), 5), np.uint64)
        self._ids, self._ends = bytearray(), array("Q")

    def note(self, at: int, sample: Sample, annotated: bool) -> None:
        """Keep what is needed of the sample of `rows[at]`; in rising order."""
        digest = xxhash.xxh3_128_digest(text_key(sample.text).encode())
        self.texts[at] = np.frombuffer(digest, np.uint64)
        if annotated:
            self.annotations[at] = annotation_key(sample)
        self._ids += sample.id.encode()
        self._ends.append(len(self._ids))

    def id_of(self, row: int) -> str:
        """The id of a noted row."""
        at = int(np.searchsorted(self.rows, row))
        return self._ids[self._ends[at - 1] if at else 0 : self._ends[at]].decode()

    def groups(self) -> Iterator[list[int]]:
        """Positions in `rows` that have one text, rising; in the order of their texts' fingerprints."""
        order = np.lexsort((self.texts[:, 1], self.texts[:, 0]))
        texts = self.texts[order]
        cuts = np.flatnonzero((texts[1:] != texts[:-1]).any(axis=1)) + 1
        for start, end in itertools.pairwise([0, *cuts.tolist(), len(order)]):
            if end - start > 1:
                yield order[start:end].tolist()


def repeated_rows(scans: Sequence[Scan]) -> Rows:
    """The rows, numbered over all files, whose fingerprint stands more than once."""
    prints = np.concatenate([np.zeros(0, np.uint64), *(scan.prints for scan in scans)])
    order = np.argsort(prints)
    ranked = prints[order]
    same = ranked[1:] == ranked[:-1]
    again = np.zeros(len(ranked), bool)
    again[1:] |= same
    again[:-1] |= same
    rows = np.sort(order[again])
    blank = np.concatenate([np.zeros(0, bool), *(scan.verdicts == BLANK for scan in scans)])
    return rows[~blank[rows]]


def read_repeats(scans: Sequence[Scan], annotated: bool) -> Repeats:
    """Look again at every repeated row. Raises InputFault where its sample is not in form."""
    repeats = Repeats(repeated_rows(scans))
    decoder = msgspec.json.Decoder(Sample)
    first, at = 0, 0
    for scan in scans:
        here = repeats.rows[np.searchsorted(repeats.rows, first) : np.searchsorted(repeats.rows, first + len(scan.sizes))]
        offsets = scan.offsets()[here - first]
        with jsonl.opened(scan.path) as file:
            for row, offset in zip((here - first).tolist(), offsets.tolist(), strict=True):
                file.seek(offset)
                sample = jsonl.decode_line(decoder, file.read(int(scan.sizes[row])), scan.path, row + 1)
                repeats.note(at, sample, annotated)
                at += 1
        first += len(scan.sizes)
    return repeats


def twins(repeats: Repeats, splits: Sequence[tuple[str, int]], rules: OverlapRules) -> Iterator[Twin]:
    """Judge every text that repeats. `splits` names the split of each file and how many rows it has."""
    borders = np.cumsum([count for _, count in splits])
    files = np.searchsorted(borders, repeats.rows, side="right")
    for group in repeats.groups():
        by_file: dict[int, list[int]] = {}
        for at in group:
            by_file.setdefault(int(files[at]), []).append(at)
        tested = next((members[0] for file, members in by_file.items() if splits[file][0] == "test"), None)
        for file, members in by_file.items():
            leaks = tested is not None and splits[file][0] in rules.leaks_from
            for at, verdict, twin in _judge(members, repeats, rules.conflicts):
                if verdict != KEPT:
                    yield Twin(int(repeats.rows[at]), verdict, int(repeats.rows[twin]))
                elif leaks and tested is not None:
                    yield Twin(int(repeats.rows[at]), IN_TEST, int(repeats.rows[tested]))


def _judge(members: list[int], repeats: Repeats, conflicts: bool) -> Iterator[tuple[int, int, int]]:
    """(position, verdict, twin) for the rows of one text in one file."""
    if len(members) == 1 or not conflicts:
        yield members[0], KEPT, members[0]
        yield from ((at, DUPLICATE, members[0]) for at in members[1:])
        return
    by_task: dict[int, list[int]] = {}
    for at in members:
        by_task.setdefault(int(repeats.annotations[at, 0]), []).append(at)
    for same_task in by_task.values():
        yield from _judge_task(same_task, repeats.annotations[same_task, 1:].tolist())


def _judge_task(members: list[int], levels: list[list[int]]) -> Iterator[tuple[int, int, int]]:
    """Rows of one text asked one task: all contradict, or the fullest annotations stay, each once."""
    first: dict[tuple[int, ...], int] = {}
    for at, own in zip(members, map(tuple, levels), strict=True):
        first.setdefault(own, at)
    contradiction = any(len(set(column) - {ABSENT}) > 1 for column in zip(*first, strict=True))
    full = [own for own in first if not any(_covers(other, own) for other in first if other != own)]
    for at, own in zip(members, map(tuple, levels), strict=True):
        if contradiction:
            others = [other for other in first if other != own]
            yield at, CONFLICT, first[next((other for other in others if _contradict(own, other)), others[0])]
        else:
            keeper = first[next(other for other in full if _covers(other, own))]
            yield at, KEPT if keeper == at else DUPLICATE, keeper


def _contradict(one: Sequence[int], other: Sequence[int]) -> bool:
    return any(a != b for a, b in zip(one, other, strict=True) if ABSENT not in (a, b))


def _covers(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether `one` says all that `other` says."""
    return all(b in (ABSENT, a) for a, b in zip(one, other, strict=True))
