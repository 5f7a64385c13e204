"""The outputs of a labelling run: all samples in order, and the queue, gravest doubt first."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import IO

import msgspec

from pointline import jsonl
from pointline.annotate.labelling import Inventory, Labelled

GRAVITY = ("no_label", "contradicts_entities", "low_agreement", "rare_label", "check")


class Folder:
    """Writes labelled.jsonl and queue.jsonl; the queue's parts lie on the disk, one a gravest doubt."""

    def __init__(self, labelled: Path, queue: Path) -> None:
        self.samples = self.queued = 0
        self.reasons: Counter[str] = Counter(dict.fromkeys(GRAVITY, 0))
        self._paths = labelled, queue
        self._encode = msgspec.json.Encoder().encode
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Folder:
        self._all, self._queue = (self._stack.enter_context(jsonl.writing(path)) for path in self._paths)
        self._parts: dict[str, IO[bytes]] = {}
        for reason in GRAVITY:
            self._parts[reason] = self._stack.enter_context(tempfile.TemporaryFile())
        return self

    def add(self, row: Labelled, inventory: Inventory) -> None:
        """Write one sample, and queue it where its label is in doubt."""
        doubts = inventory.doubts(row)
        self.samples += 1
        if doubts:
            row.sample.meta["annotate"]["doubts"] = doubts
            self.queued += 1
            self.reasons.update(list(doubts))
            self._parts[next(iter(doubts))].write(self._encode(row.sample) + b"\n")
        self._all.write(self._encode(row.sample) + b"\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            for part in self._parts.values():
                part.seek(0)
                shutil.copyfileobj(part, self._queue)
        self._stack.__exit__(kind, error, trace)
