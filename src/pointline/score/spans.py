"""The bare figure for spans that are in memory already, as a model's development loop has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

from pointline.score.figures import figure
from pointline.score.result import Figure


def span_f1(gold: Sequence[Sequence[Hashable]], predicted: Sequence[Sequence[Hashable]]) -> Figure:
    """Micro-F1 over multisets of spans, one sequence a text; a span is any value that is equal where it is right.

    Nothing but the figure: no ids, intervals or tables. On non-overlapping (type, start, end) spans it equals seqeval
    on the tags. Raises ValueError where the two have different lengths.

    >>> span_f1([[("PER", 0, 3)], []], [[("PER", 0, 3), ("LOC", 5, 7)], []]).f1
    66.66666666666667
    """
    if len(gold) != len(predicted):
        raise ValueError(f"{len(gold)} texts in gold, {len(predicted)} in the prediction")
    pairs = zip(gold, predicted, strict=True)
    hits = sum([len(real) if real == made else _shared(real, made) for real, made in pairs])
    return figure("f1", [len(gold), _total(gold), _total(predicted), hits])


def _total(spans: Iterable[Sequence[Hashable]]) -> int:
    return sum(map(len, spans))


def _shared(real: Sequence[Hashable], made: Sequence[Hashable]) -> int:
    here, there = set(real), set(made)
    if len(here) == len(real) and len(there) == len(made):
        return len(here & there)
    return (Counter(real) & Counter(made)).total()
