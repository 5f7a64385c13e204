"""Every fault of a samples file, not the first only: what `pointline check` lists."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from pathlib import Path

import msgspec
import xxhash

from pointline.errors import InputFault
from pointline.jsonl import decode_line, lines
from pointline.sample import Sample, blemishes, faults


class Fault(msgspec.Struct):
    """One fault of a file; `breaks` where reading would stop at it."""

    line: int
    field: str | None
    what: str
    breaks: bool


def every_fault(path: str | Path) -> Iterator[Fault]:
    """Stream every fault: form, spans, order; then ids that stand twice (8 bytes a sample are kept); an empty file too.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.jsonl")
    >>> _ = path.write_text('{"id": "1"}\\n{"id": "2", "text": "a"}\\n{"id": "2", "text": "b"}\\n')
    >>> [(f.line, f.what) for f in every_fault(path)]
    [(1, 'Object missing required field `text`'), (3, 'the id of line 2 again')]
    """
    decoder = msgspec.json.Decoder(Sample)
    prints = array("Q")
    number = 0
    for number, line in lines(path):
        try:
            sample = decode_line(decoder, line, path, number)
        except InputFault as fault:
            yield Fault(number, fault.field, fault.what, True)
            continue
        yield from (Fault(number, field, what, True) for field, what in faults(sample))
        yield from (Fault(number, field, what, False) for field, what in blemishes(sample))
        prints.append(xxhash.xxh3_64_intdigest(sample.id.encode()))
    if not number:
        yield Fault(1, None, "the file holds no sample", True)
    yield from _repeated_ids(path, prints)


def _repeated_ids(path: str | Path, prints: array[int]) -> Iterator[Fault]:
    """Look again, only if two ids have one fingerprint, for the lines they stand on."""
    import numpy as np

    seen, counts = np.unique(np.frombuffer(prints, np.uint64), return_counts=True)
    again = set(seen[counts > 1].tolist())
    if not again:
        return
    if str(path) == "-":
        yield Fault(0, "id", "some id stands twice (save the stream to a file to see where)", True)
        return
    decoder = msgspec.json.Decoder(Sample)
    first: dict[str, int] = {}
    for number, line in lines(path):
        try:
            id = decode_line(decoder, line, path, number).id
        except InputFault:
            continue
        if xxhash.xxh3_64_intdigest(id.encode()) in again and first.setdefault(id, number) != number:
            yield Fault(number, "id", f"the id of line {first[id]} again", True)
