"""How good a model is on dev while it trains: the three figures that early stopping looks at."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pointline.sample import Sample

WORDS = ("entities", "relations", "events")


class DevScore(msgspec.Struct, frozen=True):
    """Per cent: text labels right (TL), micro-F1 of the words (WL), samples with both right (ALL); None: not annotated.

    Compared as sets a sample: entities (type, text), relations (type, head, tail), events (type, trigger) and their
    arguments (type, role, text).
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
    words = False
    for sample, prediction in zip(gold, predictions, strict=True):
        has_labels = sample.labels is not None and prediction.labels is not None
        levels = [
            level for level in WORDS if getattr(sample, level) is not None and getattr(prediction, level) is not None
        ]
        has_words = bool(levels)
        words = words or has_words
        same_labels = has_labels and set(sample.labels or ()) == set(prediction.labels or ())
        real, said = _items(sample, levels), _items(prediction, levels)
        labelled += has_labels
        right += same_labels
        if has_words:
            hits += len(real & said)
            asked += len(real)
            answered += len(said)
        both += has_labels and has_words
        both_right += same_labels and has_words and real == said
    return DevScore(
        TL=_percent(right, labelled),
        WL=(_percent(2 * hits, asked + answered) or 0.0) if words else None,
        ALL=_percent(both_right, both),
    )


def _items(sample: Sample, levels: Sequence[str]) -> set[tuple[str, ...]]:
    items: set[tuple[str, ...]] = set()
    if "entities" in levels:
        items |= {(entity.type, entity.text) for entity in sample.entities or ()}
    if "relations" in levels:
        items |= {("relation", r.type, r.head.text, r.tail.text) for r in sample.relations or ()}
    if "events" in levels:
        events = sample.events or ()
        items |= {("event", e.type, e.trigger.text if e.trigger else "") for e in events}
        items |= {("argument", e.type, a.role, a.text, "") for e in events for a in e.arguments}
    return items


def _percent(part: float, whole: float) -> float | None:
    return 100 * part / whole if whole else None
