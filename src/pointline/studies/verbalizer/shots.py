"""A few training samples of each class, drawn by seed: more shots hold the fewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pointline.errors import Refusal
from pointline.sample import Sample
from pointline.train.draws import number

HELD = 5
"""Of every five shots of a class the fifth can be held back."""


def labelled(samples: Iterable[Sample], what: str) -> list[Sample]:
    """The samples with exactly one label, which is what a verbalizer can say; those without any are left out.

    Raises Refusal where a sample has several labels or none has one.

    >>> [s.id for s in labelled([Sample("1", "a", labels=["x"]), Sample("2", "b")], "train")]
    ['1']
    """
    kept = []
    for sample in samples:
        if len(sample.labels or ()) > 1:
            raise Refusal(f"{what}: sample {sample.id!r} has several labels; a verbalizer gives one")
        if sample.labels:
            kept.append(sample)
    if not kept:
        raise Refusal(f"{what}: no sample has a text label")
    return kept


def label_of(sample: Sample) -> str:
    """The one label of a sample that `labelled` let through."""
    return (sample.labels or [""])[0]


def few_shots(samples: Sequence[Sample], shots: int, seed: int) -> list[Sample]:
    """At most `shots` samples of each class, by (seed, id), in order of class and rank.

    >>> samples = [Sample(str(i), "", labels=["ab"[i % 2]]) for i in range(20)]
    >>> few, more = few_shots(samples, 2, 0), few_shots(samples, 5, 0)
    >>> len(few), {s.id for s in few} <= {s.id for s in more}
    (4, True)
    """
    ranked: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=lambda sample: (number(seed, "shots", sample.id), sample.id)):
        ranked[label_of(sample)].append(sample)
    return [sample for label in sorted(ranked) for sample in ranked[label][:shots]]


def held_back(few: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """(the shots to learn from, every fifth of a class to choose by); all to learn from where classes are smaller.

    >>> few = few_shots([Sample(str(i), "", labels=["a"]) for i in range(20)], 10, 0)
    >>> [len(part) for part in held_back(few)]
    [8, 2]
    """
    seen: defaultdict[str, int] = defaultdict(int)
    learn: list[Sample] = []
    held: list[Sample] = []
    for sample in few:
        seen[label_of(sample)] += 1
        (learn if seen[label_of(sample)] % HELD else held).append(sample)
    return learn, held
