"""How far people agree beyond chance: Krippendorff's alpha and Cohen's kappa, nominal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def alpha(units: Iterable[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal values; each unit holds the values that its coders gave, in any number.

    None where fewer than two values can be compared or all of them are the same value: nothing can be said then.

    Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability", sections B and C.

    >>> round(alpha([["a", "a"], ["b", "b"], ["a", "b"], ["a", "a"]]), 3)
    0.533
    """
    totals: Counter[Hashable] = Counter()
    apart = 0.0
    for unit in units:
        if len(unit) < 2:
            continue
        counts = Counter(unit)
        totals.update(counts)
        apart += sum(n * (len(unit) - n) for n in counts.values()) / (len(unit) - 1)
    n = totals.total()
    expected = n * n - sum(count * count for count in totals.values())
    return None if expected == 0 else 1 - (n - 1) * apart / expected


def kappa(pairs: Iterable[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa of two coders; None where there are no pairs or only one value.

    Source: Cohen 1960, "A coefficient of agreement for nominal scales", equation 1.

    >>> kappa([("a", "a"), ("b", "b"), ("a", "b"), ("b", "a")])
    0.0
    """
    held = list(pairs)
    first, second = Counter(a for a, _ in held), Counter(b for _, b in held)
    n = len(held)
    chance = sum(first[value] * second[value] for value in first)
    if n == 0 or chance == n * n:
        return None
    return (n * sum(a == b for a, b in held) - chance) / (n * n - chance)
