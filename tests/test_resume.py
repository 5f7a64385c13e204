"""Partial output: an interrupted run goes on, another job begins anew, two at once are kept apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointline.errors import InputFault
from pointline.resume import exclusive, resuming


class Killed(BaseException):
    pass


def run(path: Path, job: str, stop_after: int | None, chunk: int = 2) -> int:
    with resuming(path, {"job": job}, chunk) as partial:
        start = partial.done
        for i in range(start, 6, chunk):
            if stop_after is not None and i >= stop_after:
                raise Killed
            partial.add(list(range(i, i + chunk)))
    return start


def test_an_interrupted_run_goes_on_and_gives_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with pytest.raises(Killed):
        run(path, "x", 4)
    assert not path.exists()
    with open(tmp_path / ".a.jsonl.partial", "ab") as file:
        file.write(b"half a li")
    assert run(path, "x", None) == 4
    assert path.read_bytes() == b"0\n1\n2\n3\n4\n5\n"
    assert list(tmp_path.iterdir()) == [path]


def test_rows_beyond_a_whole_chunk_are_done_again(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with pytest.raises(Killed):
        run(path, "x", 3, chunk=1)
    assert run(path, "x", None, chunk=2) == 2
    assert path.read_bytes() == b"0\n1\n2\n3\n4\n5\n"


def test_another_job_begins_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "a.jsonl"
    with pytest.raises(Killed):
        run(path, "x", 4)
    assert run(path, "y", None) == 0
    assert "begun anew" in caplog.text


def test_two_at_once_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with (
        resuming(path, {}),
        pytest.raises(InputFault, match="another run is writing it"),
        resuming(path, {}),
    ):
        pass
    assert path.read_bytes() == b""


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(InputFault, match="choose another"),
        resuming(tmp_path / "file" / "a.jsonl", {}),
    ):
        pass


def test_a_folder_is_written_by_one_run_at_a_time(tmp_path: Path) -> None:
    with (
        exclusive(tmp_path / "model"),
        pytest.raises(InputFault, match="another run is writing it"),
        exclusive(tmp_path / "model"),
    ):
        pass
    with exclusive(tmp_path / "model"):
        pass
    assert not list((tmp_path / "model").iterdir())
