"""Kills, several runs on one cache, full disks: what was answered is kept, and never asked again."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from llm.conftest import Server, rows

from pointline.errors import InputFault
from pointline.llm import Client, Endpoint, Settings, take_in
from pointline.llm.cache import Cache

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
LATEST = 0.5
"""Seconds after which an answer that has left the server must be in the cache."""
Serve = Callable[..., Server]


class Counting(NamedTuple):
    """A counting server: its address and its log."""

    url: str
    log: Path

    def lines(self) -> list[tuple[float, str, str]]:
        """(time, what, prompt) of everything that happened."""
        found = (line.split(" ", 2) for line in self.log.read_text("utf-8").splitlines())
        return [(float(moment), what, prompt) for moment, what, prompt in found]

    def asked(self) -> Counter[str]:
        return Counter(prompt for _, what, prompt in self.lines() if what == "asked")


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[Counting]:
    log = tmp_path / "server.log"
    words = [sys.executable, str(HERE / "counting_server.py"), str(log), "0.03"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield Counting(f"http://127.0.0.1:{server.stdout.readline().strip()}/v1", log)
        server.kill()


def start(url: str, cache: Path, count: int, at_once: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-W", "error", str(HERE / "asking.py"), url, str(cache), str(count), str(at_once)]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def finished(run: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = run.communicate(timeout=120)
    assert "Traceback" not in err
    return run.returncode, out.strip(), err.strip()


def stored(cache: Path) -> set[str]:
    """Prompts of the rows that stand in the cache, read from outside."""
    with contextlib.closing(sqlite3.connect(cache)) as db:
        return {"say " + row.partition("-")[2] for (row,) in db.execute("select row from answers")}


def test_kill_at_any_moment_and_no_answer_is_paid_twice(counting: Counting, tmp_path: Path) -> None:
    """Three kills at random moments. A stored answer is never asked again, an answer that left the server half a second
    before the kill is stored, and beyond one request a row there are only those under way at a kill."""
    draw = random.Random(7)
    cache, count, at_once = tmp_path / "a.db", 300, 8
    kept: set[str] = set()
    under_way = kills = 0
    while kills < 3:
        before = counting.asked() if counting.log.exists() else Counter()
        begun, run = time.time(), start(counting.url, cache, count, at_once)
        while run.poll() is None and counting.asked() == before:
            time.sleep(0.01)
        time.sleep(draw.random() * 0.7)
        run.kill()
        killed = time.time()
        run.communicate()
        kills += 1
        time.sleep(0.3)  # the server writes down what was under way
        now = stored(cache)
        assert kept <= now
        again = counting.asked() - before
        assert not kept & set(again), "a stored answer was asked again"
        answered = [(moment, prompt) for moment, what, prompt in counting.lines() if what == "answered"]
        left = {prompt for moment, prompt in answered if begun < moment < killed - LATEST}
        assert left <= now, "an answer had arrived and was not kept"
        lost = sum(again.values()) - len(now - kept)
        assert 0 <= lost <= at_once
        under_way, kept = under_way + lost, now
    endpoint = Endpoint(counting.url, "small")
    answers = list(Client(endpoint, cache).ask(rows(count)))
    assert {answer.text for answer in answers if answer.cached} == {prompt.upper() for prompt in kept}
    assert sum(counting.asked().values()) == count + under_way
    assert all(answer.cached for answer in Client(endpoint, cache).ask(rows(count)))
    assert sum(counting.asked().values()) == count + under_way


def test_two_runs_on_one_cache_share_the_work(counting: Counting, tmp_path: Path) -> None:
    runs = [start(counting.url, tmp_path / "a.db", 300, 6) for _ in range(2)]
    assert [finished(run)[:2] for run in runs] == [(0, "300")] * 2
    assert set(counting.asked().values()) == {1}
    assert len(counting.asked()) == 300


def test_a_run_takes_over_from_one_that_was_killed(counting: Counting, tmp_path: Path) -> None:
    first = start(counting.url, tmp_path / "a.db", 200, 4)
    while not counting.log.exists() or len(counting.asked()) < 20:
        time.sleep(0.01)
    second = start(counting.url, tmp_path / "a.db", 200, 4)
    time.sleep(0.5)
    first.kill()
    first.communicate()
    assert finished(second)[:2] == (0, "200")
    assert sum(counting.asked().values()) <= 200 + 4
    assert [p.name for p in tmp_path.iterdir() if "runs" in p.name] == []


def test_a_cache_takes_each_row_for_one_run_only(tmp_path: Path) -> None:
    one, other = Cache(tmp_path / "a.db"), Cache(tmp_path / "a.db")
    keys = [bytes([i]) * 16 for i in range(4)]
    assert one.take(keys[:3]) == ({}, set(keys[:3]))
    assert other.take(keys) == ({}, {keys[3]})
    one.release(keys[:1])
    assert other.take(keys) == ({}, {keys[0], keys[3]})
    one.close()
    assert other.take(keys) == ({}, set(keys))
    other.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 40 MB, where this machine lets us have one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run([mount, "-t", "tmpfs", "-o", "size=40m", "tmpfs", place], check=False).returncode
    ):
        pytest.skip("no right to mount a small disk")
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_is_one_line_and_loses_no_answer(serve: Serve, small_disk: Path) -> None:
    server = serve(lambda request, prompt: long_answer(prompt))
    cache, ballast = small_disk / "a.db", small_disk / "ballast"
    ballast.write_bytes(bytes(16_000_000))
    answers = []
    with pytest.raises(InputFault, match=r"a\.db: the disk is full; free some space and run again"):
        answers.extend(Client(server.endpoint(), cache).ask(rows(900)))
    asked = sum(server.asked.values())
    assert 0 < asked < 900
    ballast.unlink()
    assert not list(small_disk.glob(".a.db.runs"))
    assert len(stored(cache)) == asked
    again = Client(server.endpoint(), cache).ask(rows(asked))
    assert len(list(again)) == asked
    assert set(server.asked.values()) == {1}


async def long_answer(prompt: str) -> Any:
    from aiohttp import web
    from llm.conftest import completion

    return web.json_response(completion(prompt.upper() + random.Random(prompt).randbytes(20_000).hex()))


def test_a_disk_without_room_for_the_reserve_is_told_before_anything_is_paid(serve: Serve, small_disk: Path) -> None:
    server = serve()
    (small_disk / "ballast").write_bytes(bytes(36_000_000))
    with pytest.raises(InputFault, match=r"full: \d\.\d MB are free, 8 MB must be set aside for answers under way"):
        list(Client(server.endpoint(), small_disk / "a.db").ask(rows(5)))
    assert not server.asked


def test_answers_that_fit_nowhere_in_the_cache_are_saved_beside(serve: Serve, tmp_path: Path, monkeypatch: Any) -> None:
    """Without the right to mount: the database itself may not grow, so the reserve does not help either."""
    server = serve(lambda request, prompt: long_answer(prompt))
    prepare = Cache._prepare

    def bounded(self: Cache) -> None:
        prepare(self)
        self._db.execute("pragma max_page_count=150")

    monkeypatch.setattr(Cache, "_prepare", bounded)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    cache = tmp_path / "a.db"
    with pytest.raises(InputFault, match=r"disk is full; \d+ answers stand in .*take_in\(cache, ") as told:
        list(Client(server.endpoint(), cache, Settings(max_concurrency=4)).ask(rows(60)))
    monkeypatch.setattr(Cache, "_prepare", prepare)
    saved = list(tmp_path.glob("pointline-answers-*.jsonl"))
    assert [str(file) in str(told.value) for file in saved] == [True]
    assert f" {take_in(cache, saved[0])} answers stand in" in str(told.value)
    asked = sum(server.asked.values())
    assert len(stored(cache)) == asked < 60
    assert len(list(Client(server.endpoint(), cache).ask(rows(60)))) == 60
    assert set(server.asked.values()) == {1}


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.write_bytes(b"no database at all" * 99), "cannot be used as a cache"),
        (lambda path: path.mkdir(), "cannot be used as a cache"),
        (lambda path: sqlite3.connect(path).execute("create table other(a)").connection.close(), "another program"),
        (lambda path: Cache(path).close() or newer(path), "later pointline"),
    ],
)
def test_files_that_are_no_cache_are_refused(tmp_path: Path, make: Callable[[Path], Any], says: str) -> None:
    make(tmp_path / "a.db")
    with pytest.raises(InputFault, match=says) as told:
        Cache(tmp_path / "a.db")
    assert "\n" not in str(told.value)
    assert str(told.value).startswith(str(tmp_path / "a.db"))


def newer(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("pragma user_version=99")
