"""The order of training: which samples are read together, in which rows, epoch by epoch; keyed by seed and epoch."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from pointline.train.draws import number
from pointline.train.generator.settings import Batching, GeneratorTraining

Row: TypeAlias = list[int]
"""The numbers of the samples in one row of a batch: one, or several packed."""
Rows: TypeAlias = list[Row]
"""A batch; an empty one teaches nothing and fills the last step of an epoch."""

GROUP = 50
WINDOW = 2048
LEAST_PACK = 256


class Plan(NamedTuple):
    """How an epoch is cut into batches: the same number in every epoch, a multiple of `together`.

    rows: rows of a batch; capacity: tokens of a packed row, 0 unpacked; batches: of one epoch, over all devices;
    together: batches that make one step, over all devices.
    """

    seed: int
    batching: Batching
    rows: int
    capacity: int
    batches: int
    together: int

    @property
    def steps(self) -> int:
        """Optimizer steps of one epoch."""
        return self.batches // self.together

    @classmethod
    def of(cls, sizes: Sequence[int], settings: GeneratorTraining, devices: int = 1) -> Plan:
        """The plan for samples of so many tokens each."""
        assert settings.batch is not None
        assert settings.batching is not None
        rows, capacity, count = settings.batch, 0, len(sizes)
        if settings.batching == "packed":
            capacity = settings.pack_length or max(max(sizes), LEAST_PACK)
            rows = max(1, round(settings.batch * sum(sizes) / len(sizes) / capacity))
            count = len(packed(sizes, capacity, np.random.default_rng(number(settings.seed, "count"))))
        together = (settings.accumulate or 1) * devices
        batches = -(-count // rows)
        return cls(settings.seed, settings.batching, rows, capacity, -(-batches // together) * together, together)

    def epoch(self, sizes: Sequence[int], epoch: int) -> list[Rows]:
        """The batches of one epoch; every sample stands in exactly one.

        >>> plan = Plan(seed=0, batching="grouped", rows=2, capacity=0, batches=2, together=1)
        >>> sorted(sorted(i for row in batch for i in row) for batch in plan.epoch([1, 90, 2, 95], 0))
        [[0, 2], [1, 3]]
        """
        draw = np.random.default_rng([number(self.seed, "order"), epoch])
        if self.batching == "packed":
            rows = packed(sizes, self.capacity, draw)
            rows = [rows[i] for i in draw.permutation(len(rows))]
            batches = _shares(rows, max(1, min(self.batches, len(rows))))
        else:
            order = draw.permutation(len(sizes)).tolist()
            if self.batching == "grouped":
                order = _grouped(order, sizes, self.rows)
            batches = [[[i] for i in order[at : at + self.rows]] for at in range(0, len(order), self.rows)]
            batches = [batches[i] for i in draw.permutation(len(batches))]
        return batches + [[] for _ in range(self.batches - len(batches))]


def packed(sizes: Sequence[int], capacity: int, draw: np.random.Generator) -> Rows:
    """Fill rows of `capacity` tokens, best fit first, within windows of shuffled samples; a longer one stands alone.

    >>> sorted(map(sorted, packed([5, 3, 2, 9], 10, np.random.default_rng(0))))
    [[0, 1, 2], [3]]
    """
    order = draw.permutation(len(sizes)).tolist()
    rows: Rows = []
    for at in range(0, len(order), WINDOW):
        rows += _best_fit(order[at : at + WINDOW], sizes, capacity)
    return rows


def _best_fit(order: Sequence[int], sizes: Sequence[int], capacity: int) -> Rows:
    """Longest first into the fullest row that still holds it."""
    rows: Rows = []
    spaces: list[tuple[int, int]] = []
    for i in sorted(order, key=lambda i: -sizes[i]):
        at = bisect.bisect_left(spaces, (sizes[i], 0))
        if at == len(spaces):
            rows.append([i])
            space, row = capacity - sizes[i], len(rows) - 1
        else:
            space, row = spaces.pop(at)
            rows[row].append(i)
            space -= sizes[i]
        if space > 0:
            bisect.insort(spaces, (space, row))
    return rows


def _grouped(order: Sequence[int], sizes: Sequence[int], rows: int) -> list[int]:
    """Sort by length within groups of 50 batches: batches pad little, and differ from epoch to epoch."""
    size = GROUP * rows
    return [i for at in range(0, len(order), size) for i in sorted(order[at : at + size], key=lambda i: sizes[i])]


def _shares(rows: Rows, count: int) -> list[Rows]:
    """Rows in so many batches, as even as can be."""
    borders = [len(rows) * i // count for i in range(count + 1)]
    return [rows[a:b] for a, b in itertools.pairwise(borders)]
