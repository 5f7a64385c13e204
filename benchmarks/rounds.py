"""Rounds of a benchmark: every side in turn, each in CPU seconds of this process; a JSON line with median and range."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


def in_turn(sides: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of every side in every round; a round runs each side once, so load falls on all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, work in sides.items():
            start = time.process_time()
            work()
            seconds[name].append(time.process_time() - start)
    return seconds


def line(name: str, what: str, values: list[float], unit: str, **more: Any) -> None:
    """Print one figure: the median of `values`, how many rounds, their range, and `more`."""
    row = {"name": name, "what": what, "value": _round(statistics.median(values)), "unit": unit, **more}
    row |= {"rounds": len(values), "range": [_round(min(values)), _round(max(values))]}
    print(json.dumps(row, ensure_ascii=False), flush=True)


def _round(value: float) -> float:
    return float(f"{value:.3g}")
