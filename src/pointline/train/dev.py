"""How good a model is on dev while it trains: the three figures that early stopping looks at."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pointline.sample import Sample


class DevScore(msgspec.Struct, frozen=True):
    """Per cent: text labels right (TL), micro-F1 of entities (WL), samples with both right (ALL); None: not annotated.

    Entities are compared as sets of (type, text) a sample.
    """

    TL: float | None
    WL: float | None
    ALL: float | None

    def applies(self) -> bool:
        """Whether dev annotates anything that the model answers."""
        return self.TL is not None or self.WL is not None

    def mean(self) -> float:
        """The mean of the figures that there are; what early stopping compares."""
        figures = [figure for figure in (self.TL, self.WL, self.ALL) if figure is not None]
        return sum(figures) / len(figures) if figures else 0.0


def dev_score(gold: Sequence[Sample], predictions: Sequence[Sample]) -> DevScore:
    """Compare predictions with gold; a level counts where gold annotates it and the model answers it.

    >>> dev_score([Sample("1", "a", labels=["x"])], [Sample("1", "a", labels=["x"])])
    DevScore(TL=100.0, WL=None, ALL=None)
    """
    labelled = right = both = both_right = hits = asked = answered = 0
    for sample, prediction in zip(gold, predictions, strict=True):
        has_labels = sample.labels is not None and prediction.labels is not None
        has_words = sample.entities is not None and prediction.entities is not None
        same_labels = has_labels and set(sample.labels or ()) == set(prediction.labels or ())
        real, said = _items(sample), _items(prediction)
        labelled += has_labels
        right += same_labels
        if has_words:
            hits += len(real & said)
            asked += len(real)
            answered += len(said)
        both += has_labels and has_words
        both_right += same_labels and has_words and real == said
    words = any(s.entities is not None and p.entities is not None for s, p in zip(gold, predictions, strict=True))
    return DevScore(
        TL=_percent(right, labelled),
        WL=(_percent(2 * hits, asked + answered) or 0.0) if words else None,
        ALL=_percent(both_right, both),
    )


def _items(sample: Sample) -> set[tuple[str, str]]:
    return {(entity.type, entity.text) for entity in sample.entities or ()}


def _percent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None
