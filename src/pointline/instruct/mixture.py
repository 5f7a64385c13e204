"""How much of each corpus goes into a mixture: weights, temperature, caps; then how often each sample is taken."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pointline.errors import SettingsFault
from pointline.instruct.draws import Draws


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One corpus of a mixture: its samples, its weight, and how many samples it may give at most."""

    name: str
    samples: int
    weight: float = 1.0
    cap: int | None = None

    def __post_init__(self) -> None:
        if self.samples < 0 or self.weight < 0 or (self.cap is not None and self.cap < 0):
            raise SettingsFault(f"corpus {self.name!r}: samples, weight and cap must not be below 0")


def rates(shares: Sequence[Share], temperature: float = 1.0, total: int | None = None) -> dict[str, float]:
    """How many times a sample of each corpus is taken on average.

    A corpus of n samples and weight w gets a part of `total` (default: all samples there are) in proportion to
    w * n ** (1 / temperature); a temperature above 1 evens sizes out. What a cap cuts off goes to the others.
    Raises SettingsFault for a temperature of 0 or below, or a name that stands twice.

    >>> rates([Share("a", 100), Share("b", 100, weight=3.0)], total=100)
    {'a': 0.25, 'b': 0.75}
    >>> rates([Share("a", 900), Share("b", 100, cap=50)])
    {'a': 1.0555555555555556, 'b': 0.5}
    """
    if temperature <= 0:
        raise SettingsFault(f"temperature={temperature}: give a number above 0")
    if len({share.name for share in shares}) < len(shares):
        raise SettingsFault("two corpora of the mixture have one name")
    pull = {s.name: s.weight * s.samples ** (1 / temperature) if s.samples else 0.0 for s in shares}
    caps = {s.name: s.cap for s in shares if s.cap is not None}
    wanted: dict[str, float] = {}
    left = float(sum(share.samples for share in shares) if total is None else total)
    free = [name for name in pull if pull[name] > 0]
    while free:
        sum_of_pulls = sum(pull[name] for name in free)
        parts = {name: left * pull[name] / sum_of_pulls for name in free}
        over = [name for name in free if name in caps and parts[name] > caps[name]]
        if not over:
            wanted |= parts
            break
        for name in over:
            wanted[name] = float(caps[name])
            left = max(0.0, left - caps[name])
        free = [name for name in free if name not in over]
    return {s.name: wanted.get(s.name, 0.0) / s.samples if s.samples else 0.0 for s in shares}


class Taking:
    """How often each sample is taken at a rate: the whole part of it, and once more by the hash of its id.

    >>> sum(Taking(0.25)(f"s/{i}") for i in range(4000)), Taking(2.0)("s/1")
    (960, 2)
    """

    def __init__(self, rate: float, seed: int = 0) -> None:
        if rate < 0:
            raise SettingsFault(f"rate={rate}: give a number from 0")
        self._whole, self._part = int(rate), rate - int(rate)
        self._draws = Draws(seed, "taking")

    def __call__(self, id: str) -> int:
        """How often the sample `id` is taken; no other sample has a say in it."""
        return self._whole + (self._part > 0 and self._draws.share(id) < self._part)
