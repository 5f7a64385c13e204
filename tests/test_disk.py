"""A disk that becomes full: one line that names the output, nothing half written, and a run that goes on."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pointline import jsonl
from pointline.errors import InputFault
from pointline.resume import resuming


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB, where this machine lets us have one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", place]
    if mount is None or subprocess.run([mount, *options], check=False, capture_output=True).returncode:
        pytest.skip("no right to mount a small disk")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_file_that_does_not_fit_is_named_and_leaves_nothing(tiny_disk: Path, name: str) -> None:
    import random

    rows = (random.Random(i).randbytes(500).hex() for i in range(3000))
    with pytest.raises(InputFault, match=rf"^{tiny_disk / name}: the disk is full; free some space and run again$"):
        jsonl.write(tiny_disk / name, rows)
    assert list(tiny_disk.iterdir()) == []


def test_a_folder_that_does_not_fit_is_named_and_leaves_nothing(tiny_disk: Path) -> None:
    with (
        pytest.raises(InputFault, match=rf"^{tiny_disk}/model: the disk is full"),
        jsonl.writing_folder(tiny_disk / "model") as folder,
    ):
        (folder / "weights").write_bytes(bytes(2_000_000))
    assert list(tiny_disk.iterdir()) == []


@pytest.mark.parametrize("rows", [3000, 600])
def test_a_long_output_goes_on_where_the_disk_was_full(tiny_disk: Path, rows: int) -> None:
    """600 rows fit once, and not twice while they are moved to their final name."""
    out = tiny_disk / "a.jsonl"

    def run(rows: int) -> int:
        with resuming(out, {"job": 1}) as partial:
            done = partial.done
            for i in range(done, rows):
                partial.add([f"{i:01000}"])
        return done

    with pytest.raises(InputFault, match=rf"^{out}: the disk is full; .*: rows that are done are kept$"):
        run(rows)
    assert [path.name for path in tiny_disk.iterdir()] == [".a.jsonl.partial"]
    subprocess.run(["mount", "-o", "remount,size=9m", tiny_disk], check=True)
    assert run(rows) > 500
    assert out.read_bytes().count(b"\n") == rows
