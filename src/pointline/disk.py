"""A full disk, told as the fault of the file that does not fit."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from pointline.errors import InputFault

FULL = (errno.ENOSPC, errno.EDQUOT)


@contextlib.contextmanager
def room_for(path: str | Path, fix: str = "free some space and run again") -> Iterator[None]:
    """Raise InputFault, which names the output `path`, where what is written in the block finds no room.

    >>> with room_for("a.jsonl"):
    ...     raise OSError(errno.ENOSPC, "No space left on device")
    Traceback (most recent call last):
        ...
    pointline.errors.InputFault: a.jsonl: the disk is full; free some space and run again
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise InputFault("the disk is full", path="stdout" if str(path) == "-" else path, fix=fix) from None


def free_mb(path: Path) -> float:
    """Megabytes free beside a file."""
    return shutil.disk_usage(path.parent).free / 1e6
