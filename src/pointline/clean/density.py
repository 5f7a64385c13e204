"""Samples annotated far more densely than the others of their corpus, or not at all where others are."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np

from pointline.clean.findings import Finding, Place, Rows

FENCE = 3.0
"""Quartile distances beyond the upper quartile that make an outlier (Tukey's outer fence)."""
LEAST = 4
"""Fewer spans than this are no outlier, however short the text."""


class Density:
    """Spans for every 100 characters, file by file."""

    def __init__(self, examples: int) -> None:
        self._examples = examples
        self._densities: dict[str, array[float]] = {}
        self._lengths: dict[str, array[int]] = {}
        self._rows: dict[str, list[tuple[float, int, int, str]]] = {}

    def see(self, place: Place) -> None:
        """Count the spans of a sample whose word level is annotated."""
        sample = place.sample
        if (sample.entities, sample.relations, sample.events) == (None, None, None) or not sample.text:
            return
        spans = len(sample.entities or ()) or len(sample.relations or ()) or len(sample.events or ())
        density = 100 * spans / len(sample.text)
        self._densities.setdefault(place.file, array("d")).append(density)
        self._rows.setdefault(place.file, []).append((density, spans, place.line, sample.id))

    def findings(self) -> Iterable[Finding]:
        """Dense outliers, densest first; files with the share of samples that bear no span."""
        dense = []
        for file, densities in sorted(self._densities.items()):
            low, high = np.percentile(np.frombuffer(densities), (25, 75))
            fence = high + FENCE * (high - low)
            dense += [(file, row) for row in self._rows[file] if row[0] > fence and row[1] >= LEAST]
        dense.sort(key=lambda item: (-item[1][0], item[0], item[1][2]))
        rows = [
            {"file": file, "line": line, "id": name, "spans": spans, "per_100_characters": round(density, 2)}
            for file, (density, spans, line, name) in dense[: self._examples]
        ]
        yield Finding("dense", "samples with far more spans a character than their file", len(dense), rows)
        bare = Rows(len(self._densities))
        for file, densities in sorted(self._densities.items()):
            empty = densities.count(0.0)
            if empty:
                bare.add(
                    {
                        "file": file,
                        "samples": len(densities),
                        "without": empty,
                        "share": round(empty / len(densities), 4),
                    }
                )
        yield Finding("bare", "files with samples that are annotated and bear no span", bare.count, bare.kept)
