"""GLiNER training JSON: tokens with [first, last, type], ends inclusive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pointline.corpora.conversion import Report
from pointline.corpora.cutting import cut
from pointline.corpora.writing import WriterSettings, left_out, write_array
from pointline.sample import Sample


class Gliner(WriterSettings, frozen=True, kw_only=True):
    """Nothing to choose."""


def write(samples: Iterable[Sample], out: Path, settings: Gliner, report: Report) -> int:
    """Write one JSON array; the text stands as tokens alone. Returns how many samples were written."""
    return write_array(out, _records(samples, report))


def _records(samples: Iterable[Sample], report: Report) -> Iterator[dict[str, Any]]:
    for sample in samples:
        left_out(sample, ("entities",), report)
        if sample.entities is None:
            report.notice("sample_left_out", sample.id)
            continue
        found = cut(sample, report)
        ner = [[first, behind - 1, kind] for first, behind, kind in found.spans]
        yield {"tokenized_text": found.tokens, "ner": ner, "id": sample.id}
