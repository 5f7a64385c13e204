"""Lines that repeat an earlier line's key, found across all shards by hash partitions.

Each run of lines scatters its keys' hashes over partitions; each partition finds its repeats alone, so that no worker
holds more than a partition; each run then passes over its own. The first line of the input stays, whoever worked.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from pointline.shards.pieces import Line, Piece, read

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Key: TypeAlias = Callable[[Line], bytes]
Engine: TypeAlias = Callable[[Callable[[Any], Any], list[Any]], Iterator[Any]]
RUN, LINE = 3, 5
"""Bytes of a run's number and of a line's number in it; with 16 of hash before them three 64-bit numbers."""


class Distinct:
    """The repeats among the lines of runs, kept in a folder that all workers see."""

    def __init__(self, folder: Path, runs: list[list[Piece]], make: Callable[[], Any]) -> None:
        self._folder, self._runs, self._make = folder, runs, make

    def find(self, engine: Engine) -> None:
        """Find them all; what an earlier run found is kept."""
        self._folder.mkdir(parents=True, exist_ok=True)
        count = len(self._runs)
        left = [(n, pieces) for n, pieces in enumerate(self._runs) if not (self._folder / f"keys-{n:05d}").is_dir()]
        for _ in engine(partial(_scatter, self._folder, self._make, count), left):
            pass
        open_ones = [n for n in range(count) if not (self._folder / f"repeats-{n:05d}").is_dir()]
        for _ in engine(partial(_compare, self._folder, count), open_ones):
            pass

    def passed(self, number: int, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines of a run without its repeats."""
        repeats = self.of(number)
        for at, line in enumerate(lines):
            if at not in repeats:
                yield line

    def of(self, number: int) -> frozenset[int]:
        """The numbers of the lines of a run that repeat an earlier line."""
        import numpy as np

        files = [self._folder / f"repeats-{part:05d}" / f"{number:05d}" for part in range(len(self._runs))]
        return frozenset(np.concatenate([np.fromfile(path, "<u8") for path in files]).tolist())


def _scatter(folder: Path, make: Callable[[], Any], parts: int, task: tuple[int, list[Piece]]) -> int:
    """Write the hashed keys of one run to a file for each partition, moved as a folder when all are out."""
    number, pieces = task
    key: Key = make().key
    rows: list[list[bytes]] = [[] for _ in range(parts)]
    with moved(folder / f"keys-{number:05d}") as aside:
        for at, line in enumerate(read(pieces)):
            digest = hashlib.blake2b(key(line), digest_size=16).digest()
            part = (int.from_bytes(digest[:8], "big") * parts) >> 64
            rows[part].append(digest + number.to_bytes(RUN, "big") + at.to_bytes(LINE, "big"))
            if len(rows[part]) > 10_000:
                _append(aside / f"{part:05d}", rows[part])
        for part in range(parts):
            _append(aside / f"{part:05d}", rows[part])
    return number


def _append(path: Path, rows: list[bytes]) -> None:
    with open(path, "ab") as file:
        file.write(b"".join(rows))
    rows.clear()


def _compare(folder: Path, runs: int, part: int) -> int:
    """Sort the keys of one partition and write, run by run, which lines repeat an earlier one."""
    import numpy as np

    data = b"".join((folder / f"keys-{run:05d}" / f"{part:05d}").read_bytes() for run in range(runs))
    repeated = _repeated(data)
    with moved(folder / f"repeats-{part:05d}") as aside:
        for run in range(runs):
            np.sort(repeated[repeated[:, 0] == run, 1]).astype("<u8").tofile(aside / f"{run:05d}")
    return part


def _repeated(data: bytes) -> NDArray[np.uint64]:
    """(run, line) of every row whose hash an earlier row has, shape (n, 2)."""
    import numpy as np

    columns = np.frombuffer(data, ">u8").reshape(-1, 3)
    order = np.lexsort((columns[:, 2], columns[:, 1], columns[:, 0]))
    rows = columns[order].astype(np.uint64)
    same = np.zeros(len(rows), bool)
    same[1:] = (rows[1:, :2] == rows[:-1, :2]).all(axis=1)
    place = rows[same, 2]
    found: NDArray[np.uint64] = np.stack([place >> np.uint64(8 * LINE), place & np.uint64((1 << 8 * LINE) - 1)], axis=1)
    return found


class moved:  # noqa: N801 - reads as a verb in a with statement
    """A folder of one's own that gets its final name when the block ends well, unless another has been quicker."""

    def __init__(self, final: Path) -> None:
        self._final = final
        self._aside = final.with_name(f"{final.name}.{uuid.uuid4().hex}.part")

    def __enter__(self) -> Path:
        self._aside.mkdir()
        return self._aside

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None and not self._final.is_dir():
            try:
                self._aside.rename(self._final)
                return
            except OSError:
                if not self._final.is_dir():
                    raise
        shutil.rmtree(self._aside, ignore_errors=True)
