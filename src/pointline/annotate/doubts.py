"""Why a label should be looked at: entities that speak for another, and a drawn share of the rest."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from pointline.annotate.settings import LabelSettings
from pointline.sample import Sample

SMOOTH = 0.5
MOST = 200
"""Labels, the most frequent ones, that entities may speak for."""


class Evidence:
    """Which entity types go with which label: naive Bayes over the types of a sample, the sample itself left out."""

    def __init__(self) -> None:
        self._labels: Counter[str] = Counter()
        self._types: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._known: set[str] = set()

    def add(self, label: str, types: Iterable[str]) -> None:
        """Count one labelled sample."""
        self._labels[label] += 1
        for kind in types:
            self._types[label][kind] += 1
            self._known.add(kind)

    def against(self, label: str, types: list[str], least: int = 3) -> tuple[float, str]:
        """Nats by which the types speak for another label (of at least `least` samples), and which; (0, "") else.

        >>> evidence = Evidence()
        >>> for _ in range(20):
        ...     evidence.add("Sports", ["team", "score"])
        ...     evidence.add("Medicine", ["drug", "disease"])
        >>> nats, other = evidence.against("Sports", ["drug", "disease"])
        >>> nats > 4, other
        (True, 'Medicine')
        """
        own = self._fit(label, types, left_out=True)
        others = [(count, name) for name, count in self._labels.items() if name != label and count >= max(1, least)]
        others = sorted(others, key=lambda pair: (-pair[0], pair[1]))[:MOST]
        nats, best = max(((self._fit(name, types) - own, name) for _, name in others), default=(0.0, ""))
        return (nats, best) if types and nats > 0 else (0.0, "")

    def _fit(self, label: str, types: list[str], left_out: bool = False) -> float:
        held = self._types[label]
        less = Counter(types) if left_out else Counter[str]()
        whole = held.total() - less.total() + SMOOTH * (len(self._known) + 1)
        fit = math.log(max(self._labels[label] - left_out, 0) + SMOOTH)
        return fit + sum(math.log((max(held[kind] - less[kind], 0) + SMOOTH) / whole) for kind in types)


def types_of(sample: Sample) -> list[str]:
    """The types of a sample's entities, each once, in order."""
    return list(dict.fromkeys(entity.type for entity in sample.entities or ()))


def checked(sample: Sample, settings: LabelSettings) -> bool:
    """Whether a sample is drawn into the share that is looked at without a doubt: by (seed, id)."""
    return drawn(sample.id, settings.seed, settings.check)


def drawn(id_: str, seed: int, share: float) -> bool:
    """Whether an id is drawn into a share of all."""
    number = hashlib.sha256(f"{seed}\0{id_}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(number[:8], "big") < share * 2**64
