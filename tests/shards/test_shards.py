"""Shards: every line once, the same bytes however it is run, and going on after a kill."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointline.errors import InputFault, PointlineError, Refusal, SettingsFault
from pointline.shards import Line, Sharding, cut, line_number, read, run
from pointline.shards.engines import Fault
from pointline.shards.manifest import earlier
from pointline.shards.sinks import read_rows, write_rows


class Shout:
    """A work: every line's text in upper case; a line that says `fault` is one, `sleep` takes its time."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, lines: Iterable[Line]) -> Iterator[bytes]:
        for line in lines:
            text = json.loads(line.data)["text"]
            if text == "fault":
                raise InputFault("is a fault", path=line.path, line=line_number(line))
            if text == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if text == "sleep":
                time.sleep(60)
            self.count += 1
            yield json.dumps({"text": text.upper()}, ensure_ascii=False).encode()

    def summary(self) -> dict[str, Any]:
        return {"count": self.count}

    def key(self, line: Line) -> bytes:
        return json.loads(line.data)["text"].lower().encode()


def lines_file(path: Path, texts: Iterable[str]) -> Path:
    path.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
    return path


def texts_of(folder: Path, sharding: Sharding) -> list[str]:
    return [json.loads(row)["text"] for path in files_of(folder) for row in read_rows(path, sharding.form)]


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("rows-*"))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in files_of(folder)}


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=6), max_size=8),
        max_size=4,
    ),
    st.integers(1, 9),
    st.booleans(),
)
@settings(max_examples=60)
def test_every_line_is_in_exactly_one_piece(
    tmp_path_factory: Any, files: list[list[str]], shards: int, end: bool
) -> None:
    folder = tmp_path_factory.mktemp("pieces")
    paths, wanted = [], []
    for i, texts in enumerate(files):
        whole = "\n".join(texts) + ("\n" if end else "")
        path = folder / f"{i}.txt"
        path.write_bytes(whole.encode())
        paths.append(path)
        wanted += [line.encode() for line in whole.split("\n") if line.encode().strip()]
    found = [line for pieces in cut(paths, shards) for line in read(pieces)]
    assert [line.data for line in found] == [line for line in wanted if line]
    for line in found:
        assert Path(line.path).read_bytes().split(b"\n")[line_number(line) - 1].rstrip(b"\r") == line.data


def test_packed_files_stay_whole_and_marks_and_blank_lines_go(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.txt", tmp_path / "b.txt.gz"
    plain.write_bytes(b"\xef\xbb\xbfone\r\n\r\n\ntwo")
    packed.write_bytes(gzip.compress(b"three\nfour\n"))
    runs = cut([plain, packed], 5)
    assert [line.data for pieces in runs for line in read(pieces)] == [b"one", b"two", b"three", b"four"]
    assert [line_number(line) for pieces in runs for line in read(pieces)] == [1, 4, 1, 2]


@pytest.mark.parametrize("form", ["jsonl", "jsonl.zst", "parquet"])
def test_forms_hold_the_rows(tmp_path: Path, form: Any) -> None:
    if form != "jsonl":
        pytest.importorskip({"jsonl.zst": "zstandard", "parquet": "pyarrow"}[form])
    rows = [
        json.dumps({"a": f"日本 {i}", "b": '"\n'}, ensure_ascii=False, separators=(",", ":")).encode()
        for i in range(4500)
    ]
    one, two = tmp_path / "one", tmp_path / "two"
    assert write_rows(one, rows, form) == 4500
    write_rows(two, iter(rows), form)
    assert one.read_bytes() == two.read_bytes()
    assert list(read_rows(one, form)) == rows
    assert write_rows(one, [], form) == 0
    assert list(read_rows(one, form)) == []


def test_parquet_refuses_rows_of_different_fields(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(Refusal, match="same fields"):
        write_rows(tmp_path / "x", [b'{"a": "1"}', b'{"b": "1"}'], "parquet")
    assert list(tmp_path.iterdir()) == []


TEXTS = [f"text {i} é" for i in range(400)]


@pytest.mark.parametrize("order", ["input", "shuffled"])
def test_the_same_bytes_whatever_the_workers(tmp_path: Path, order: Any) -> None:
    path = lines_file(tmp_path / "in.jsonl", TEXTS)
    told = [Sharding(shards=5, order=order, workers=workers) for workers in (1, 2)]
    for sharding in told:
        manifest = run([path], tmp_path / str(sharding.workers), Shout, sharding, {})
        assert manifest.rows() == 400
        assert sum(record.summary["count"] for record in manifest.shards.values()) == 400
    assert bytes_of(tmp_path / "1") == bytes_of(tmp_path / "2")
    found = texts_of(tmp_path / "1", told[0])
    assert sorted(found) == sorted(text.upper() for text in TEXTS)
    assert (found == [text.upper() for text in TEXTS]) == (order == "input")
    assert not [path for path in (tmp_path / "1").iterdir() if path.name.startswith(".")]


def test_another_seed_is_another_order_and_an_inserted_row_moves_no_other(tmp_path: Path) -> None:
    def built(texts: list[str], seed: int) -> list[str]:
        path = lines_file(tmp_path / "in.jsonl", texts)
        sharding = Sharding(shards=3, order="shuffled", seed=seed)
        run([path], tmp_path / "out", Shout, sharding, {})
        return texts_of(tmp_path / "out", sharding)

    first = built(TEXTS, 0)
    assert built(TEXTS, 1) != first
    more = built([*TEXTS[:200], "new", *TEXTS[200:]], 0)
    assert [text for text in more if text != "NEW"] == first


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    texts = [*TEXTS[:300], "sleep", *TEXTS[300:]]
    path, out, sharding = lines_file(tmp_path / "in.jsonl", texts), tmp_path / "out", Sharding(shards=8)
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; sys.path.insert(0, {str(Path(__file__).parent)!r});"
        "from test_shards import Shout; from pointline.shards import Sharding, run;"
        f"run([{str(path)!r}], {str(out)!r}, Shout, Sharding(shards=8), {{}})"
    )
    child = subprocess.Popen([sys.executable, "-c", code])
    until = time.monotonic() + 60
    while time.monotonic() < until:
        before = earlier(out)
        if before is not None and len(before.shards) >= 5:
            break
        time.sleep(0.02)
    child.kill()
    child.wait()
    before = earlier(out)
    assert before is not None
    kept = dict(before.shards)
    assert 5 <= len(kept) < 8
    times = {record.name: (out / record.name).stat().st_mtime_ns for record in kept.values()}
    # The same job again: the same bytes under the same names, without the sleep.
    Shout.__call__.__globals__["time"].sleep, sleep = (lambda _: None), time.sleep
    try:
        manifest = run([path], out, Shout, sharding, {})
    finally:
        time.sleep = sleep
    assert {name: (out / name).stat().st_mtime_ns for name in times} == times
    assert manifest.rows() == len(texts)
    assert texts_of(out, sharding) == [text.upper() for text in texts]


def test_a_damaged_shard_is_built_again_and_another_job_clears_the_folder(tmp_path: Path) -> None:
    path, out = lines_file(tmp_path / "in.jsonl", TEXTS), tmp_path / "out"
    run([path], out, Shout, Sharding(shards=4), {})
    whole = bytes_of(out)
    files_of(out)[2].write_bytes(b"damaged")
    run([path], out, Shout, Sharding(shards=4), {})
    assert bytes_of(out) == whole
    run([path], out, Shout, Sharding(shards=2), {})
    assert [path.name for path in files_of(out)] == ["rows-00000-of-00002.jsonl", "rows-00001-of-00002.jsonl"]
    lines_file(path, TEXTS[1:])
    assert run([path], out, Shout, Sharding(shards=2), {}).rows() == 399


@pytest.mark.parametrize("workers", [1, 2])
def test_a_fault_is_one_line_and_leaves_no_half_file(tmp_path: Path, workers: int) -> None:
    path, out = lines_file(tmp_path / "in.jsonl", [*TEXTS[:9], "fault"]), tmp_path / "out"
    with pytest.raises(PointlineError, match=r"in\.jsonl:10: is a fault") as caught:
        run([path], out, Shout, Sharding(shards=2, workers=workers), {})
    assert "\n" not in str(caught.value)
    assert not [path for path in out.iterdir() if "part" in path.name]


def test_a_killed_worker_is_said(tmp_path: Path) -> None:
    path = lines_file(tmp_path / "in.jsonl", ["kill"])
    with pytest.raises(Fault, match="worker process was killed; run again"):
        run([path], tmp_path / "out", Shout, Sharding(shards=1, workers=2), {})


def test_faults_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(InputFault, match="No such file"):
        run([tmp_path / "none"], tmp_path / "out", Shout, Sharding(), {})
    with pytest.raises(SettingsFault, match="shards=0"):
        Sharding(shards=0)


@pytest.mark.parametrize("order", ["input", "shuffled"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_text_that_any_shard_had_before_is_left_out(tmp_path: Path, order: Any, workers: int) -> None:
    texts = [["a", "b", "A", "c"] * 5, ["d", "B", "e", "a"] * 5]
    paths = [lines_file(tmp_path / f"{i}.jsonl", one) for i, one in enumerate(texts)]
    sharding = Sharding(shards=4, order=order, distinct=True, workers=workers)
    manifest = run(paths, tmp_path / "out", Shout, sharding, {})
    assert sorted(texts_of(tmp_path / "out", sharding)) == ["A", "B", "C", "D", "E"]
    assert sum(record.repeats for record in manifest.shards.values()) == 35
    if order == "input":
        assert texts_of(tmp_path / "out", sharding) == ["A", "B", "C", "D", "E"]
    assert [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")] == []


@given(st.lists(st.sampled_from("abcdefgh"), max_size=30), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_the_first_of_each_stays(tmp_path_factory: Any, texts: list[str], shards: int) -> None:
    folder = tmp_path_factory.mktemp("distinct")
    sharding = Sharding(shards=shards, distinct=True)
    run([lines_file(folder / "in.jsonl", texts)], folder / "out", Shout, sharding, {})
    assert texts_of(folder / "out", sharding) == [text.upper() for text in dict.fromkeys(texts)]


class Slow(Shout):
    """A work that leaves a mark when it begins, and takes its time."""

    def __call__(self, lines: Iterable[Line]) -> Iterator[bytes]:
        marks = Path(os.environ["MARKS"])
        (marks / f"{os.getpid()}-{time.monotonic_ns()}").touch()
        for line in lines:
            time.sleep(0.02)
            self.count += 1
            yield line.data


@pytest.fixture
def ray_nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A Ray cluster of two nodes on this machine."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([*sys.path, str(Path(__file__).parent)]))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("MARKS", str(tmp_path / "marks"))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    (tmp_path / "marks").mkdir()
    memory = {"object_store_memory": 80_000_000, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, **memory})
    cluster.extra = cluster.add_node(num_cpus=1, object_store_memory=80_000_000)
    cluster.wait_for_nodes()
    try:
        yield cluster
    finally:
        import ray

        ray.shutdown()
        cluster.shutdown()


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("order", ["input", "shuffled"])
def test_a_cluster_gives_the_same_bytes_though_a_node_is_killed(tmp_path: Path, ray_nodes: Any, order: Any) -> None:
    import test_shards

    path = lines_file(tmp_path / "in.jsonl", TEXTS)
    shape: dict[str, Any] = {"shards": 8, "order": order, "distinct": True}
    run([path], tmp_path / "local", Shout, Sharding(**shape), {})
    sharding = Sharding(**shape, engine="ray", address=ray_nodes.address)

    def kill() -> None:
        until = time.monotonic() + 120
        while (
            len({mark.name.split("-")[0] for mark in (tmp_path / "marks").iterdir()}) < 2 and time.monotonic() < until
        ):
            time.sleep(0.02)
        ray_nodes.remove_node(ray_nodes.extra, allow_graceful=False)

    killer = threading.Thread(target=kill)
    killer.start()
    manifest = run([path], tmp_path / "ray", test_shards.Slow, sharding, {})
    killer.join()
    begun = len(list((tmp_path / "marks").iterdir()))
    run([path], tmp_path / "plain", test_shards.Slow, Sharding(**shape), {})
    assert bytes_of(tmp_path / "ray") == bytes_of(tmp_path / "plain")
    assert manifest.rows() == 400
    assert begun > 8, "the killed node's shard was begun anew elsewhere"
    assert not [name for name in os.listdir(tmp_path / "ray") if name.startswith(".")]


@pytest.mark.filterwarnings("default")
def test_no_cluster_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    path = lines_file(tmp_path / "in.jsonl", TEXTS)
    with pytest.raises(PointlineError, match=r"no Ray cluster at 127\.0\.0\.1:1 .*; start one with"):
        run([path], tmp_path / "out", Shout, Sharding(engine="ray", address="127.0.0.1:1"), {})
