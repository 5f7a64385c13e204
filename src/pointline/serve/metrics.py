"""What a server counts, told in the text format of Prometheus."""

from __future__ import annotations

import bisect
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Counters of one server; only its own loop touches them.

    >>> metrics = Metrics()
    >>> metrics.answered("/extract", 200, 0.02)
    >>> [line for line in metrics.text().splitlines() if line.startswith("pointline_requests_total")]
    ['pointline_requests_total{route="/extract",status="200"} 1']
    """

    def __init__(self) -> None:
        self.waiting = 0
        self.open = 0
        self.held = 0
        self._requests: Counter[tuple[str, int]] = Counter()
        self._seconds = [0] * (len(BOUNDS) + 1)
        self._seconds_sum = 0.0
        self._texts = self._runs = 0
        self._run_seconds = 0.0

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request; `route` is one of the server's own paths, never what a client made up."""
        self._requests[route, status] += 1
        self._seconds[bisect.bisect_left(BOUNDS, seconds)] += 1
        self._seconds_sum += seconds

    def ran(self, texts: int, seconds: float) -> None:
        """Count a run of the model."""
        self._runs += 1
        self._texts += texts
        self._run_seconds += seconds

    def text(self) -> str:
        """All of it in the text format 0.0.4."""
        return "\n".join((*self._lines(), ""))

    def _lines(self) -> Iterator[str]:
        yield "# TYPE pointline_requests_total counter"
        for (route, status), count in sorted(self._requests.items()):
            yield f'pointline_requests_total{{route="{route}",status="{status}"}} {count}'
        yield "# TYPE pointline_request_seconds histogram"
        total = 0
        for bound, count in zip((*BOUNDS, "+Inf"), self._seconds, strict=True):
            total += count
            yield f'pointline_request_seconds_bucket{{le="{bound}"}} {total}'
        yield f"pointline_request_seconds_sum {self._seconds_sum:.6f}"
        yield f"pointline_request_seconds_count {total}"
        figures = (
            ("pointline_texts_total", "counter", self._texts),
            ("pointline_model_runs_total", "counter", self._runs),
            ("pointline_model_seconds_total", "counter", round(self._run_seconds, 6)),
            ("pointline_waiting_texts", "gauge", self.waiting),
            ("pointline_open_requests", "gauge", self.open),
            ("process_resident_memory_bytes", "gauge", resident()),
        )
        for name, kind, value in figures:
            if value is not None:
                yield f"# TYPE {name} {kind}"
                yield f"{name} {value}"


def resident() -> int | None:
    """Bytes of memory that this process holds; None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
