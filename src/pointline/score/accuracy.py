"""The two accuracies of the earlier papers: matched pairs and whole samples, or equal strings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pointline.sample import Sample, span_key
from pointline.score.items import event_items, relation_items
from pointline.score.matching import Facets, plain_table
from pointline.score.tally import Row

if TYPE_CHECKING:
    from pointline.score.tally import Array


class MreAccuracy:
    """TL and ALL by sample, WL by pair; `pairs` counts TL and WL as multisets."""

    figures: tuple[str, ...] = ("TL", "WL", "ALL")

    def __init__(self, pairs: Facets, *, strict: bool) -> None:
        self._pairs, self._strict = pairs, strict
        self.labels, self.confusion, self.members = pairs.labels, pairs.confusion, pairs.members

    def __call__(self, golds: Sequence[Sample], answers: Sequence[Sample]) -> list[Row]:
        """Count a block's pairs."""
        return self._pairs(golds, answers)

    def table(self, rows: Sequence[Row]) -> Array:
        """TL and ALL: one right or wrong a sample; WL as counted."""
        import numpy as np

        counts = self._pairs.table(rows)
        tl, gold_labels, labels, right_labels, wl, gold_pairs, pairs, right_pairs = counts.T
        right = tl * (gold_labels == labels) * (labels == right_labels)
        no_more = (pairs == right_pairs) if self._strict else (pairs == right_pairs) | (gold_pairs > 0)
        both = tl * wl
        whole = right * wl * (gold_pairs == right_pairs) * no_more
        texts = np.column_stack([tl, tl, tl * (labels > 0), right])
        return np.hstack([texts, counts[:, 4:], np.column_stack([both, both, both * (labels + pairs > 0), whole])])


class Sequences:
    """TL, WL and ALL by sample: right where what was written is equal, in order."""

    figures: tuple[str, ...] = ("TL", "WL", "ALL")

    def __init__(self, pairs: Facets) -> None:
        self._pairs = pairs
        self.labels, self.confusion, self.members = pairs.labels, pairs.confusion, pairs.members

    def __call__(self, golds: Sequence[Sample], answers: Sequence[Sample]) -> list[Row]:
        """Compare a block's strings; the pairs are counted for the per-label table alone."""
        self._pairs(golds, answers)
        return [_equal(gold, answer) for gold, answer in zip(golds, answers, strict=True)]

    def table(self, rows: Sequence[Row]) -> Array:
        """As remembered."""
        return plain_table(rows)


def _equal(gold: Sample, answer: Sample) -> Row:
    levels = [name for name in ("entities", "relations", "events") if getattr(gold, name) is not None]
    labels = int((answer.labels or []) == (gold.labels or []))
    words = int(all(_written(gold, level) == _written(answer, level) for level in levels))
    tl, wl = gold.labels is not None, bool(levels)
    scored = ((tl, labels), (wl, words), (tl and wl, labels & words))
    return tuple((1, 1, 1, right) if on else () for on, right in scored)


def _written(sample: Sample, level: str) -> list[tuple[object, ...]]:
    if level == "entities":
        return [(e.type, e.text) for e in sorted(sample.entities or (), key=span_key)]
    return list(relation_items(sample) if level == "relations" else event_items(sample))
