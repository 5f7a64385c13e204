"""The second look, at texts that stand more than once only: duplicates, conflicts within a file, leaks of test texts.

The fingerprints of the scan propose, the texts themselves decide: what two fingerprints have in common by chance is
told apart here by 128 bits.
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import xxhash

from pointline.clean.keys import ABSENT, annotation_key
from pointline.clean.rules import BLANK, CONFLICT, DUPLICATE, IN_OTHER_TEST, IN_TEST, KEPT, CleanSettings
from pointline.clean.scan import Prints, Scan, Verdicts
from pointline.sample import Sample

Rows: TypeAlias = npt.NDArray[np.int64]
BLOCK = 1 << 20
NOWHERE = np.iinfo(np.int64).max


def repeated_rows(prints: Prints, scans: Sequence[Scan]) -> Rows:
    """The rows, numbered from 0 over all files, whose fingerprint stands more than once; rising."""
    order = np.argsort(prints)
    again = np.zeros(len(prints), bool)
    for start in range(0, len(order), BLOCK):
        block = order[start : start + BLOCK + 1]
        ranked = prints[block]
        same = ranked[1:] == ranked[:-1]
        again[block[1:][same]] = True
        again[block[:-1][same]] = True
    blank = np.concatenate([np.zeros(0, bool), *(scan.verdicts == BLANK for scan in scans)])
    return np.flatnonzero(again & ~blank)


class Repeats:
    """Every row whose text may stand more than once, in any file: its text and annotation as fingerprints, its id."""

    def __init__(self, rows: Rows, scans: Sequence[Scan], settings: CleanSettings) -> None:
        """Look again at `rows`, at annotations too where they count; raises InputFault where one is not in form."""
        self.rows = rows
        self._ids, self._borders = bytearray(), array("Q", [0])
        texts, annotations, first = bytearray(), array("Q"), 0
        annotated, keys_of = settings.conflicts, settings.text_keys
        decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Sample if annotated else _IdAndText)
        for scan in scans:
            here = self.rows[slice(*np.searchsorted(self.rows, (first, first + len(scan.sizes))))] - first
            for _, samples in scan.records(here, decoder):
                keys = keys_of([sample.text for sample in samples])
                texts += b"".join(map(xxhash.xxh3_128_digest, map(str.encode, keys)))
                if annotated:
                    annotations.extend(itertools.chain.from_iterable(map(annotation_key, samples)))
                ids = [sample.id.encode() for sample in samples]
                self._ids += b"".join(ids)
                self._borders.extend(itertools.accumulate(map(len, ids[1:]), initial=self._borders[-1] + len(ids[0])))
            first += len(scan.sizes)
        self.texts = np.frombuffer(bytes(texts), np.uint64).reshape(-1, 2)
        self.annotations = np.frombuffer(annotations.tobytes(), np.uint64).reshape(-1, 5)

    def id_of(self, at: int) -> str:
        """The id of `rows[at]`."""
        return self._ids[self._borders[at] : self._borders[at + 1]].decode()


class _IdAndText(msgspec.Struct, gc=False):
    id: str
    text: str


class Overlap:
    """What repeated texts come to: for each of the `repeats` a verdict and a twin, and what files share.

    The arrays are ordered by text, then by row; a cell is what one file holds of one text.
    """

    def __init__(self, repeats: Repeats, scans: Sequence[Scan], settings: CleanSettings) -> None:
        self.repeats, self.settings, self.parts = repeats, settings, [scan.part for scan in scans]
        self._quality = [scan.verdicts for scan in scans]
        order = np.lexsort((repeats.texts[:, 1], repeats.texts[:, 0]))
        self._borders = np.cumsum([0, *(len(scan.sizes) for scan in scans)])
        self._order = order
        self._files = np.searchsorted(self._borders[1:], repeats.rows[order], side="right")
        new_text = np.ones(len(order), bool)
        new_text[1:] = (repeats.texts[order[1:]] != repeats.texts[order[:-1]]).any(axis=1)
        new_cell = new_text.copy()
        new_cell[1:] |= self._files[1:] != self._files[:-1]
        self._text = np.cumsum(new_text) - 1
        self._cell = np.cumsum(new_cell) - 1
        self._cell_starts = np.flatnonzero(new_cell)
        self._verdicts = np.where(new_cell, KEPT, DUPLICATE).astype(np.uint8)
        self._twins = self._cell_starts[self._cell]
        if settings.conflicts:
            self._compare_annotations()
        self._find_leaks()
        self._by_row = np.argsort(order)

    def verdicts_on(self, file: int) -> tuple[Verdicts, dict[int, str]]:
        """A verdict for each line of a file, those of overlap before those of quality, and the ids of twins by line."""
        first, stop = int(self._borders[file]), int(self._borders[file + 1])
        here = slice(*np.searchsorted(self.repeats.rows, (first, stop)))
        places = self._by_row[here]
        rows, codes = self.repeats.rows[here] - first, self._verdicts[places]
        leaving = codes != KEPT
        verdicts = self._quality[file].copy()
        verdicts[rows[leaving]] = codes[leaving]
        twins = self._order[self._twins[places[leaving]]].tolist()
        return verdicts, dict(zip(rows[leaving].tolist(), map(self.repeats.id_of, twins), strict=True))

    def shared(self) -> Iterator[tuple[int, int, int]]:
        """(file, later file, number of texts that stand in both, as they were read)."""
        cells = self._files[self._cell_starts], self._text[self._cell_starts]
        texts = {file: cells[1][cells[0] == file] for file in range(len(self.parts))}
        for one, other in itertools.combinations(texts, 2):
            count = len(np.intersect1d(texts[one], texts[other], assume_unique=True))
            if count:
                yield one, other, count

    def _compare_annotations(self) -> None:
        said = self.repeats.annotations[self._order]
        differs = (said != said[self._twins]).any(axis=1)
        for cell in np.unique(self._cell[differs]).tolist():
            start = int(self._cell_starts[cell])
            stop = int(self._cell_starts[cell + 1]) if cell + 1 < len(self._cell_starts) else len(self._order)
            by_task: dict[int, tuple[list[int], list[tuple[int, ...]]]] = {}
            for at, (task, *levels) in enumerate(said[start:stop].tolist(), start):
                rows, values = by_task.setdefault(task, ([], []))
                rows.append(at)
                values.append(tuple(levels))
            for rows, values in by_task.values():
                for at, verdict, twin in _judge(rows, values):
                    self._verdicts[at], self._twins[at] = verdict, twin

    def _find_leaks(self) -> None:
        texts = int(self._text[-1]) + 1 if len(self._text) else 0
        tested: dict[str, Rows] = {}
        for file, part in enumerate(self.parts):
            if part.split == "test":
                first = tested[part.corpus] = np.full(texts, NOWHERE, np.int64)
                here = self._cell_starts[self._files[self._cell_starts] == file]
                first[self._text[here]] = here
        if not tested:
            return
        anywhere = np.minimum.reduce(list(tested.values()))
        for file, part in enumerate(self.parts):
            if part.split in self.settings.leak_splits:
                staying = np.flatnonzero((self._files == file) & (self._verdicts == KEPT))
                self._leave(staying, tested.get(part.corpus, np.full(texts, NOWHERE, np.int64)), IN_TEST)
                staying = staying[self._verdicts[staying] == KEPT]
                self._leave(staying, anywhere, IN_OTHER_TEST)

    def _leave(self, staying: Rows, tested: Rows, verdict: int) -> None:
        twins = tested[self._text[staying]]
        leaving = twins != NOWHERE
        self._verdicts[staying[leaving]] = verdict
        self._twins[staying[leaving]] = twins[leaving]


def _judge(rows: list[int], levels: list[tuple[int, ...]]) -> Iterator[tuple[int, int, int]]:
    """(row, verdict, twin) for rows of one text asked one task: all contradict, or the fullest stay, each once."""
    first: dict[tuple[int, ...], int] = {}
    for row, own in zip(rows, levels, strict=True):
        first.setdefault(own, row)
    if len(first) > 1 and any(len({*column} - {ABSENT}) > 1 for column in zip(*first, strict=True)):
        for row, own in zip(rows, levels, strict=True):
            others = [other for other in first if other != own]
            yield row, CONFLICT, first[next((other for other in others if _contradict(own, other)), others[0])]
        return
    full = [own for own in first if not any(_covers(other, own) for other in first if other != own)]
    for row, own in zip(rows, levels, strict=True):
        keeper = first[next(other for other in full if _covers(other, own))]
        yield row, KEPT if keeper == row else DUPLICATE, keeper


def _contradict(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return any(a != b for a, b in zip(one, other, strict=True) if ABSENT not in (a, b))


def _covers(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether `one` says all that `other` says."""
    return all(b in (ABSENT, a) for a, b in zip(one, other, strict=True))
