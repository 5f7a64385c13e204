"""One file with a verdict on each line: counted, read again, and written to what is kept and what is dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import msgspec
import numpy as np

from pointline.clean.findings import Finding
from pointline.clean.rules import BLANK, KEPT, REASONS, CleanSettings
from pointline.clean.scan import Scan, Verdicts
from pointline.sample import Sample


class FileReport(msgspec.Struct, omit_defaults=True):
    """What became of one file; `read` = `kept` + all of `dropped`."""

    split: str
    path: str
    read: int
    kept: int
    dropped: dict[str, int]
    corpus: str = ""

    @property
    def name(self) -> str:
        """The split, with the corpus before it where there is one."""
        return f"{self.corpus}/{self.split}" if self.corpus else self.split


class SharedTexts(msgspec.Struct):
    """How many texts two files had in common before cleaning."""

    files: tuple[str, str]
    texts: int


class CleanReport(msgspec.Struct):
    """What cleaning did, and what an audit of the samples that stay found."""

    settings: CleanSettings
    files: list[FileReport]
    shared: list[SharedTexts]
    findings: list[Finding]
    skipped: list[str]
    """Checks that were left out, and why."""


class SortedFile:
    """A scanned file whose lines all have a verdict; `twins` names, by line, the id of what a sample doubles."""

    def __init__(self, scan: Scan, verdicts: Verdicts, twins: dict[int, str]) -> None:
        self.scan, self.verdicts, self.twins = scan, verdicts, twins

    def report(self) -> FileReport:
        """The counts."""
        kept, _, *dropped = np.bincount(self.verdicts, minlength=len(REASONS)).tolist()
        reasons = {reason: count for reason, count in zip(REASONS[2:], dropped, strict=True) if count}
        part = self.scan.part
        return FileReport(part.split, str(part.path), kept + sum(dropped), kept, reasons, part.corpus)

    def kept(self) -> Iterator[tuple[int, Sample]]:
        """(line from 0, sample) of what stays; raises InputFault where one is not in form."""
        decoder = msgspec.json.Decoder(Sample)
        for rows, samples in self.scan.records(np.flatnonzero(self.verdicts == KEPT), decoder):
            yield from zip(rows, samples, strict=True)

    def write(self, kept: IO[bytes], dropped: IO[bytes]) -> None:
        """Read the file a last time: runs of kept lines go on as they stand, the others with their reason."""
        place = b',"file":' + msgspec.json.encode(self.scan.part.name) + b',"line":'
        reasons = [b',"reason":' + msgspec.json.encode(reason) for reason in REASONS]
        for first, data, ends in self.scan.blocks():
            verdicts = self.verdicts[first : first + len(ends)]
            kept.write(_runs_of_kept(data, ends, verdicts))
            leaving = np.flatnonzero(verdicts > BLANK)
            starts = ends - self.scan.sizes[first : first + len(ends)]
            places = zip(leaving.tolist(), starts[leaving].tolist(), ends[leaving].tolist(), strict=True)
            for row, start, end in places:
                line = data[start:end].strip()[:-1].rstrip() + reasons[verdicts[row]]
                if first + row in self.twins:
                    line += b',"twin":' + msgspec.json.encode(self.twins[first + row])
                dropped.write(line + place + b"%d}\n" % (first + row + 1))


def _runs_of_kept(data: bytes, ends: np.ndarray[tuple[int], np.dtype[np.int64]], verdicts: Verdicts) -> bytes:
    cuts = np.concatenate([[0], np.flatnonzero(np.diff(verdicts)) + 1, [len(ends)]])
    borders = np.append(0, ends)[cuts].tolist()
    view, codes = memoryview(data), verdicts[cuts[:-1]].tolist()
    runs = zip(codes, borders[:-1], borders[1:], strict=True)
    kept = b"".join(view[start:stop] for code, start, stop in runs if code == KEPT)
    if b"\r" in kept:
        kept = kept.replace(b"\r\n", b"\n")
    return kept + b"\n" if kept and not kept.endswith(b"\n") else kept
