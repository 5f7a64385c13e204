"""Adaptive concurrency against made servers, in made time."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable

import pytest

from pointline.llm.pace import Pace


def simulate(pace: Pace, serve: Callable[[int], tuple[float, bool]], seconds: float) -> tuple[int, int]:
    """Run a pace against a server (requests under way -> seconds, refused?); returns answers and refusals."""
    draw = random.Random(1)
    now, order, answers, refusals = 0.0, 0, 0, 0
    events: list[tuple[float, int, str, float, bool]] = []
    again = 0
    while now < seconds:
        while (again and pace.may_start(False, now)) or (not again and pace.may_start(True, now)):
            again -= again > 0
            pace.started(now)
            took, refused = serve(pace.in_flight)
            order += 1
            heapq.heappush(events, (now + took * draw.uniform(0.8, 1.2), order, "back", now, refused))
        if not events:
            now += max(pace.wait(now), 0.001)
            continue
        now, _, what, sent, refused = heapq.heappop(events)
        if what == "awake":
            pace.sleeping -= 1
            again += 1
            continue
        pace.ended(starved=False)
        if refused:
            refusals += 1
            pace.cut(sent, now)
            pace.sleeping += 1
            order += 1
            heapq.heappush(events, (now + 1.0, order, "awake", now, False))
        else:
            answers += 1
            pace.answered(now)
    return answers, refusals


def test_grows_to_what_a_server_with_room_can_take() -> None:
    pace = Pace(20, 256)
    answers, _ = simulate(pace, lambda under_way: (0.5, False), 30)
    assert pace.limit == 256
    assert answers > 0.8 * 30 * 256 / 0.5


def test_stops_growing_where_more_at_once_brings_no_more() -> None:
    """A server that works on 32 at once and queues the rest: beyond 64 the queue only grows."""
    pace = Pace(20, 1024)
    simulate(pace, lambda under_way: (0.5 * max(1.0, under_way / 32), False), 60)
    assert 20 <= pace.limit <= 128


def test_finds_the_limit_of_a_server_that_refuses_beyond_it() -> None:
    pace = Pace(64, 256)
    answers, refusals = simulate(pace, lambda under_way: (0.2, under_way > 16), 60)
    assert answers > 0.5 * 60 * 16 / 0.2
    assert refusals < 0.1 * answers


def test_a_storm_makes_few_requests_and_no_pause_is_for_all() -> None:
    """Everything is refused: rows that sleep hold their places, and only a probe now and then is new."""
    pace = Pace(20, 256)
    answers, refusals = simulate(pace, lambda under_way: (0.01, True), 60)
    assert answers == 0
    assert 20 <= refusals <= 20 + 60 * 40
    assert pace.limit == 1


def test_one_moment_cuts_once() -> None:
    pace = Pace(64, 256)
    for _ in range(10):
        pace.started(1.0)
    for _ in range(10):
        pace.cut(sent=1.0, now=2.0)
    assert pace.limit == 32
    pace.cut(sent=2.5, now=3.0)
    assert pace.limit == 16


@pytest.mark.parametrize("limit", [1, 2, 20])
def test_rows_that_sleep_for_long_do_not_stop_the_rest(limit: int) -> None:
    pace = Pace(limit, 256)
    pace.sleeping = 1000
    assert not pace.may_start(True, now=-1e12) or pace.in_flight == 0
    assert pace.may_start(True, now=10.0)
    pace.started(10.0)
    assert not pace.may_start(True, now=10.01)
    pace.ended(starved=False)
    assert not pace.may_start(True, now=10.01)
    assert pace.may_start(True, now=10.0 + pace.wait(10.0) + 1e-9)
