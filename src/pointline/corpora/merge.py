"""Join files of samples into one corpus that says where each part comes from and under which licence it all stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from pointline import jsonl
from pointline.corpora import cards
from pointline.corpora.licences import UNSTATED, clashes, strictest
from pointline.sample import Sample


class Part(NamedTuple):
    """A file to join. `source` and `licence` speak for samples that name no source, and for sources without a card."""

    path: Path
    source: str | None = None
    licence: str | None = None


class SourceShare(msgspec.Struct):
    """What one source gave."""

    source: str
    samples: int
    licence: str


class Merged(msgspec.Struct):
    """A merged corpus: its parts, the strictest of their licences, and what keeps them from standing together."""

    samples: int
    licence: str
    sources: list[SourceShare]
    clashes: list[str]
    renamed_ids: int
    """Ids that an earlier file uses too; the later ones got their source or a number."""


def merge(parts: Sequence[Part], out: str | Path) -> Merged:
    """Join files in the order given, streaming, each sample with its source; ids stay unless two files share one.

    The licence of a source is what its part says, else what the card of that name says. Raises InputFault for a file at
    fault.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("a", "b"):
    ...     _ = jsonl.write(folder / f"{name}.jsonl", [Sample("1", "play jazz", source=name)])
    >>> parts = [Part(folder / "a.jsonl", licence="MIT"), Part(folder / "b.jsonl", licence="CC BY-SA 4.0")]
    >>> merged = merge(parts, folder / "ab.jsonl")
    >>> merged.samples, merged.licence, merged.renamed_ids, [s.id for s in jsonl.read(folder / "ab.jsonl")]
    (2, 'CC BY-SA 4.0', 1, ['1', 'b/1'])
    """
    counts: Counter[str] = Counter()
    licences: dict[str, str] = {}
    names = _Names()
    total = jsonl.write(out, _joined(parts, counts, licences, names))
    shares = [SourceShare(source, counts[source], licences[source]) for source in sorted(counts)]
    stated = [share.licence for share in shares]
    return Merged(total, strictest(stated), shares, clashes(stated), names.renamed)


def _joined(parts: Sequence[Part], counts: Counter[str], licences: dict[str, str], names: _Names) -> Iterator[Sample]:
    for part in parts:
        names.next_file()
        for sample in jsonl.read(part.path):
            sample.source = sample.source or part.source or part.path.stem
            sample.id = names(sample)
            counts[sample.source] += 1
            if sample.source not in licences:
                card = cards.of_source(sample.source)
                licences[sample.source] = part.licence or (card.licence if card else UNSTATED)
            yield sample


class _Names:
    """Keeps ids apart: one that an earlier file has gets its source in front, and a number if that is taken too."""

    def __init__(self) -> None:
        self.renamed = 0
        self._taken: set[str] = set()
        """Ids of earlier files, and ids given here."""
        self._own: set[str] = set()
        """Ids that this file had itself."""

    def next_file(self) -> None:
        self._taken |= self._own
        self._own = set()

    def __call__(self, sample: Sample) -> str:
        if sample.id not in self._taken:
            self._own.add(sample.id)
            return sample.id
        name, number = f"{sample.source}/{sample.id}", 1
        while name in self._taken or name in self._own:
            number += 1
            name = f"{sample.source}/{sample.id}-{number}"
        self._taken.add(name)
        self.renamed += 1
        return name
