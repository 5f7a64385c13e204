"""Rules over a stream: a rule answers None (keep) or a short reason (drop); nothing vanishes uncounted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from pointline.sample import Sample

Rule: TypeAlias = Callable[[Sample], str | None]


@dataclass
class Sift:
    """Applies rules in order; the first reason counts. `counts` holds how many were kept and dropped why.

    >>> sift = Sift([lambda s: "too_short" if len(s.text) < 2 else None])
    >>> [(s.text, reason) for s, reason in sift([Sample("1", "a"), Sample("2", "ab")])]
    [('a', 'too_short'), ('ab', None)]
    >>> sift.kept, dict(sift.dropped)
    (1, {'too_short': 1})
    """

    rules: list[Rule]
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)

    def __call__(self, samples: Iterable[Sample]) -> Iterator[tuple[Sample, str | None]]:
        """Yield (sample, reason or None) for every sample, in order."""
        for sample in samples:
            reason = next((r for r in (rule(sample) for rule in self.rules) if r is not None), None)
            if reason is None:
                self.kept += 1
            else:
                self.dropped[reason] += 1
            yield sample, reason
