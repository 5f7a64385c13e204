"""Stages of a long job in one folder: a stage whose job and files are as they were is not done again."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from pointline.shards.manifest import file_hash

NAME = ".stages.json"


class Done(msgspec.Struct):
    """A finished stage: the hash of what it was told, and its files (paths below the folder) with their SHA-256."""

    job: str
    files: dict[str, str]


class Stages:
    """The stages of a folder, remembered in a hidden file of it.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> def write():
    ...     _ = (folder / "a").write_text("x")
    ...     return [folder / "a"]
    >>> [list(Stages(folder).stage("one", {"seed": 0}, write)) for _ in range(2)] == [["a"], ["a"]]
    True
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked: dict[str, None] = {}
        try:
            self._done = msgspec.json.decode((folder / NAME).read_bytes(), type=dict[str, Done])
        except (OSError, msgspec.DecodeError):
            self._done = {}

    def stage(self, name: str, told: Any, do: Callable[[], Iterable[Path]]) -> dict[str, str]:
        """The files of a stage with their hashes; `do` makes and names them where they are not there already.

        What an earlier run of the stage with another job left is removed first.
        """
        self._asked[name] = None
        job = hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()
        done = self._done.get(name)
        if done is not None and done.job == job and self._whole(done):
            return done.files
        self._remove(name)
        files = {str(path.relative_to(self._folder)): file_hash(path) for path in do()}
        self._done[name] = Done(job, dict(sorted(files.items())))
        self._write()
        return self._done[name].files

    def finish(self) -> None:
        """Remove the files of stages that this run did not ask for."""
        for name in [name for name in self._done if name not in self._asked]:
            self._remove(name)
        self._write()

    def _whole(self, done: Done) -> bool:
        return all(
            (self._folder / path).is_file() and file_hash(self._folder / path) == digest
            for path, digest in done.files.items()
        )

    def _remove(self, name: str) -> None:
        for path in self._done.pop(name).files if name in self._done else {}:
            with contextlib.suppress(FileNotFoundError):
                (self._folder / path).unlink()

    def _write(self) -> None:
        aside = self._folder / f"{NAME}.part"
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(self._done, order="sorted"), indent=1) + b"\n")
        os.replace(aside, self._folder / NAME)
