"""How many requests at once: grows while that brings more answers a second, is cut when the server says later."""

from __future__ import annotations

GAIN = 1.15
"""A larger limit must bring this many times the answers a second, else it is taken back."""
HOLD = 20
"""Rounds that a limit stands before a larger one is tried again."""
PROBE = 0.1
MOST_PROBE = 5.0
"""Seconds between two new rows while everything is told to come later: doubles from one to the other."""


class Pace:
    """The limit and who is under way. Times are given, never read, so that this is a plain state machine.

    One round is as many answers as the limit. After a good round the limit doubles, until it is cut for the first
    time (slow start); from then on it grows by a tenth. A cut halves it, once for all requests of the same moment.
    Rows told to come later hold their places up to the limit, so that a storm makes few requests; still, one new row
    may always probe now and then: no row, and no pause, stops the rest.
    """

    def __init__(self, start: int, most: int) -> None:
        self.limit = float(min(start, most))
        self.most = most
        self.in_flight = 0
        self.sleeping = 0
        self._cut_at = float("-inf")
        self._was_cut = False
        self._probe, self._probe_at = PROBE, float("-inf")
        self._answers, self._began, self._full = 0, 0.0, True
        self._best_rate, self._best_limit, self._held = 0.0, self.limit, 0

    def may_start(self, fresh: bool, now: float) -> bool:
        """Whether a request may go out: a `fresh` row's first, or that of a row told to come later."""
        room = self.in_flight < max(1, int(self.limit))
        if not fresh or not room:
            return room
        if self.in_flight + self.sleeping < max(1, int(self.limit)):
            return True
        return self.in_flight == 0 and now >= self._probe_at

    def wait(self, now: float) -> float:
        """Seconds until a fresh row may probe."""
        return max(0.0, self._probe_at - now)

    def started(self, now: float) -> None:
        """A request goes out."""
        if self.in_flight == 0 and self._answers == 0:
            self._began = now
        self.in_flight += 1
        if self.sleeping:
            self._probe_at = now + self._probe

    def ended(self, starved: bool) -> None:
        """A request has come back, however; `starved` where no row waits, so that the round says nothing."""
        self.in_flight -= 1
        self._full = self._full and not starved

    def answered(self, now: float) -> None:
        """It brought an answer."""
        self._probe = PROBE
        self._answers += 1
        if self._answers >= max(self.limit, 8):
            self._round(now)

    def cut(self, sent: float, now: float) -> None:
        """A request sent at `sent` was told to come later."""
        self._probe = min(2 * self._probe, MOST_PROBE)
        self._probe_at = now + self._probe
        if sent <= self._cut_at:
            return  # of the same moment as one that was cut for already
        self._cut_at, self._was_cut = now, True
        self.limit = max(1.0, self.limit / 2)
        self._best_rate, self._best_limit, self._held = 0.0, self.limit, 0
        self._answers, self._began, self._full = 0, now, True

    def _round(self, now: float) -> None:
        rate = self._answers / max(now - self._began, 1e-9)
        if self._full:
            self._judge(rate)
        self._answers, self._began, self._full = 0, now, True

    def _judge(self, rate: float) -> None:
        if self._held > 0:
            self._held -= 1
            self._best_rate = 0.8 * self._best_rate + 0.2 * rate
            return
        if rate > GAIN * self._best_rate or (self._was_cut and rate > self._best_rate):
            self._best_rate, self._best_limit = rate, self.limit
            self.limit = min(self.most, self.limit + max(1.0, self.limit / 10) if self._was_cut else 2 * self.limit)
        else:
            self.limit, self._held = self._best_limit, HOLD
