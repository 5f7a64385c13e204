"""What is kept of a training: the record, its learning curve, and what the caller is told on the way."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from pointline import jsonl
from pointline.train.dev import DevScore

FILE = "training.json"


class Epoch(msgspec.Struct, frozen=True):
    """One point of the learning curve; `dev` is None where dev cannot judge (then the last epoch is the best).

    `dev_loss`: mean loss a token on dev, where a generator is chosen by it.
    """

    epoch: int
    step: int
    loss: float
    dev: DevScore | None
    dev_loss: float | None = None


class Progress(NamedTuple):
    """Told after every step."""

    step: int
    steps: int
    last: Epoch | None


class Record(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`training.json`: what was trained on what, and how it went; each kind of model adds its own fields."""

    identity: str
    data_sha256: str
    version: str
    torch: str
    train_samples: int
    dev_samples: int
    skipped: dict[str, int]
    curve: list[Epoch] = []
    step: int = 0
    best_epoch: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    parameters: int = 0

    def not_learned(self) -> dict[str, int]:
        """How much of train was not learned from, by reason."""
        return self.skipped

    def learned(self) -> dict[str, int]:
        """How many names of each level beyond labels and entities were learned."""
        return {}


R = TypeVar("R", bound=Record)


def write(folder: Path, record: Record) -> None:
    """Write `training.json`, aside and moved."""
    with jsonl.writing(folder / FILE) as file:
        file.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")


def finished(folder: Path, identity: str, kind: type[R]) -> R | None:
    """The record of a training that has already come to its end."""
    try:
        done = msgspec.json.decode((folder / FILE).read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None
    return done if done.identity == identity and (folder / "model.json").exists() else None
