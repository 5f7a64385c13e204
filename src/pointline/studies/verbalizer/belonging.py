"""Which text label a word-level type belongs to: as told, by its name, or by where it mostly stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from pointline.sample import Sample
from pointline.studies.verbalizer.words import wordings

MOST = 0.5


def belonging(samples: Iterable[Sample]) -> dict[str, str]:
    """The label of each type: of its own name, else the one that has more than half of the type's words.

    Types spread over labels belong to none and are left out.

    >>> from pointline.sample import Entity
    >>> rows = [Sample("1", "", labels=["Play"], entities=[Entity("artist", "x"), Entity("date", "y")]),
    ...         Sample("2", "", labels=["Book"], entities=[Entity("date", "z")])]
    >>> belonging(rows)
    {'artist': 'Play'}
    """
    labels: set[str] = set()
    spread: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sample in samples:
        labels.update(sample.labels or ())
        for _, kind in wordings(sample):
            spread[kind].update(sample.labels or ())
    found = {}
    for kind in sorted(spread):
        label, count = max(spread[kind].items(), key=lambda item: (item[1], item[0]), default=("", 0))
        if kind in labels:
            found[kind] = kind
        elif count > MOST * sum(spread[kind].values()):
            found[kind] = label
    return found
