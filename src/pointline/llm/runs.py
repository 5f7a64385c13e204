"""Which runs on a cache are alive, and room kept free for each: one locked file a run, beside the cache."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from pathlib import Path
from typing import IO

RESERVE = 8_000_000
"""Bytes kept free for the answers under way when the disk becomes full."""


class Run:
    """This run's mark. The kernel drops its lock with the process, however that dies: `alive` is exact on one machine.

    Raises OSError where the mark cannot be written or its room is not there.
    """

    def __init__(self, cache: Path) -> None:
        self._folder = cache.with_name(f".{cache.name}.runs")
        self.name = secrets.token_hex(8)
        self.has_reserve = False
        self._file = self._marked()
        try:
            os.posix_fallocate(self._file.fileno(), 0, RESERVE)
        except OSError:
            self.close()
            raise
        self.has_reserve = True
        for other in sorted(self._folder.iterdir()):
            self.alive(other.name)  # takes the marks of the dead away

    def _marked(self) -> IO[bytes]:
        path = self._folder / self.name
        while True:
            with contextlib.suppress(FileNotFoundError):
                self._folder.mkdir(exist_ok=True)
                file = open(path, "wb")  # noqa: SIM115 - held open as long as the run lives
                fcntl.flock(file, fcntl.LOCK_EX)
                if path.exists():
                    return file
                file.close()  # another run looked between open and lock, and took it for a dead one's

    def alive(self, name: str) -> bool:
        """Whether the run of that name is still there."""
        if name == self.name:
            return True
        try:
            file = open(self._folder / name, "rb")  # noqa: SIM115 - closed below
        except FileNotFoundError:
            return False
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
            Path(file.name).unlink(missing_ok=True)
            return False

    def give_up_reserve(self) -> bool:
        """Free the room that was kept; False where it was given up before."""
        had, self.has_reserve = self.has_reserve, False
        self._file.truncate(0)
        return had

    def close(self) -> None:
        """Take the mark away."""
        (self._folder / self.name).unlink(missing_ok=True)
        self._file.close()
        with contextlib.suppress(OSError):
            self._folder.rmdir()
