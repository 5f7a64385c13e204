"""The dictionary of confusable labels (IEPile, section 2.2, SEMANTIC-CLOSE of Algorithm 1): mined, read and written.

Every signal gives each pair of labels a closeness; signals of one family are standardised and averaged, so are the
families, and a second-order term adds that labels are close whose neighbours are the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from pointline.errors import SettingsFault
from pointline.instruct import signals
from pointline.instruct.evidence import Evidence
from pointline.instruct.labels import Label

if TYPE_CHECKING:
    from pointline.instruct.signals import Embed, Matrix

BY_HAND = "by hand"
CLOSURE = "symmetric closure"
LEAST_SCORE = 0.0001


class Neighbour(msgspec.Struct, frozen=True, omit_defaults=True):
    """A label that is easily taken for another: how close (0 to 1) and which signal found it."""

    name: str
    score: float
    signal: str


class HardNegatives(msgspec.Struct):
    """The dictionary K: label key -> its neighbours, closest first.

    >>> HardNegatives({"hire": [Neighbour("fire", 0.9, "roles")]}).table(["fire", "hire", "win"])
    ((), (0,), ())
    """

    labels: dict[str, list[Neighbour]]
    task: str | None = None

    def table(self, keys: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        """Neighbours by position in `keys`; labels that the dictionary or the schema lacks are passed over."""
        position = {key: i for i, key in enumerate(keys)}
        return tuple(
            tuple(position[n.name] for n in self.labels.get(key, ()) if n.name in position and n.name != key)
            for key in keys
        )

    def unknown(self, keys: Sequence[str]) -> tuple[list[str], list[str]]:
        """(labels of the schema that the dictionary lacks, names in the dictionary that the schema lacks), sorted."""
        asked = set(keys)
        held = set(self.labels).union(n.name for found in self.labels.values() for n in found)
        return sorted(asked - set(self.labels)), sorted(held - asked)


class Mining(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of the search.

    `least` and `most`: neighbours of a label; those past `least` must be closer than the average pair.
    `symmetric`: a neighbour's neighbour is one back. `second_order`: the weight of "has the same neighbours".
    """

    least: int = 4
    most: int = 6
    symmetric: bool = False
    second_order: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.most:
            raise SettingsFault(f"least={self.least} and most={self.most}: give 0 <= least <= most")


@dataclass
class Sources:
    """What the search may look at beyond the schema: annotations, a dev run's confusions, a sentence encoder."""

    evidence: Evidence | None = None
    confusions: Mapping[tuple[str, str], int] | None = None
    gold: Mapping[str, int] | None = None
    embed: Embed | None = None


def mine(labels: Sequence[Label], sources: Sources | None = None, settings: Mining | None = None) -> HardNegatives:
    """Find the neighbours of every label; a pair without anything in common is no pair.

    >>> labels = [Label(n, n) for n in ("start position", "end position", "die")]
    >>> mine(labels).labels["end position"][0].name
    'start position'
    """
    settings = settings or Mining()
    families = _families(labels, sources or Sources())
    if len(labels) < 2 or not families:
        return HardNegatives({label.key: [] for label in labels})
    seen = _seen(families)
    scaled = {name: _mean([_standard(matrix) for matrix in family]) for name, family in families.items()}
    first = _standard(_mean(list(scaled.values())))
    score = first + settings.second_order * _standard(_same_neighbours(first))
    found = _nearest(labels, score, seen, settings)
    named = {
        labels[i].key: [Neighbour(labels[j].key, s, max(scaled, key=lambda n: (scaled[n][i, j], n))) for j, s in near]
        for i, near in enumerate(found)
    }
    return HardNegatives(_closed(named) if settings.symmetric else named)


def edited(mined: HardNegatives, by_hand: HardNegatives) -> HardNegatives:
    """The mined dictionary with every label that the hand-edited one names taken from there.

    >>> hand = HardNegatives({"a": [Neighbour("c", 1.0, BY_HAND)]})
    >>> edited(HardNegatives({"a": [Neighbour("b", 0.5, "surface")], "b": []}), hand).table("abc")
    ((2,), (), ())
    """
    return HardNegatives({**mined.labels, **by_hand.labels}, mined.task)


def _families(labels: Sequence[Label], sources: Sources) -> dict[str, list[Matrix]]:
    """The signals that have something to say, by family; the family is what the dictionary names as finder."""
    found = {
        "surface": signals.surface(labels),
        "schema": signals.frames(labels, sources.evidence),
        "definitions": signals.definitions(labels),
    }
    if sources.evidence is not None:
        found["annotations"] = signals.annotated(labels, sources.evidence)
        found["co-occurrence"] = signals.co_occurrence(labels, sources.evidence)
    if sources.confusions:
        found["confusion"] = signals.confusion(labels, sources.confusions, sources.gold or {})
    if sources.embed is not None:
        found["embeddings"] = signals.embeddings(labels, sources.embed)
    return {name: [m for m in family if m.any()] for name, family in found.items() if any(m.any() for m in family)}


def _seen(families: dict[str, list[Matrix]]) -> Matrix:
    """Pairs that have anything in common, or a neighbour in common; all others score zero and are no neighbours."""
    import numpy as np

    linked = np.sign(sum((m for family in families.values() for m in family), start=np.zeros(())))
    seen: Matrix = linked + linked @ linked
    return seen


def _mean(matrices: Sequence[Matrix]) -> Matrix:
    total = matrices[0].copy()
    for matrix in matrices[1:]:
        total += matrix
    return total / len(matrices)


def _standard(matrix: Matrix) -> Matrix:
    """z-scores over the pairs of two different labels; the diagonal 0."""
    import numpy as np

    off = ~np.eye(len(matrix), dtype=bool)
    spread = matrix[off].std()
    scaled: Matrix = np.zeros_like(matrix) if spread == 0 else (matrix - matrix[off].mean()) / spread
    np.fill_diagonal(scaled, 0)
    return scaled


def _same_neighbours(score: Matrix) -> Matrix:
    """Correlation of the rows: labels are close that are close to the same labels, each closest to itself."""
    import numpy as np

    off = ~np.eye(len(score), dtype=bool)
    rows = score - score[off].min()
    np.fill_diagonal(rows, rows.max())
    return signals.cosine(rows - rows.mean(axis=1, keepdims=True))


def _nearest(labels: Sequence[Label], score: Matrix, seen: Matrix, settings: Mining) -> list[list[tuple[int, float]]]:
    """For each label (position, closeness 0 to 1) of its neighbours, closest first, ties in the schema's order."""
    import numpy as np

    off = ~np.eye(len(score), dtype=bool)
    low, high = float(score[off].min()), float(score[off].max())
    found = []
    for i in range(len(labels)):
        order = [int(j) for j in np.argsort(-score[i], kind="stable") if j != i and seen[i, j]]
        near = order[: settings.least] + [j for j in order[settings.least : settings.most] if score[i, j] > 0]
        found.append([(j, _share(float(score[i, j]), low, high)) for j in near])
    return found


def _share(score: float, low: float, high: float) -> float:
    """A neighbour's score between the least and the greatest of all pairs; above 0, as zero is no neighbour."""
    return max(LEAST_SCORE, round((score - low) / (high - low), 4)) if high > low else 1.0


def _closed(labels: dict[str, list[Neighbour]]) -> dict[str, list[Neighbour]]:
    back: dict[str, list[Neighbour]] = {key: list(near) for key, near in labels.items()}
    for key, neighbour in itertools.chain.from_iterable(((k, n) for n in near) for k, near in labels.items()):
        if all(n.name != key for n in back[neighbour.name]):
            back[neighbour.name].append(Neighbour(key, neighbour.score, CLOSURE))
    return {key: sorted(near, key=lambda n: -n.score) for key, near in back.items()}
