"""What is kept of a training: the record, its learning curve, and what the caller is told on the way."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import msgspec
import torch

from pointline.train.data import TrainingData
from pointline.train.dev import DevScore
from pointline.train.settings import TaggerTraining
from pointline.version import __version__


class Epoch(msgspec.Struct, frozen=True):
    """One point of the learning curve; `dev` is None where dev cannot judge (then the last epoch is the best)."""

    epoch: int
    step: int
    loss: float
    dev: DevScore | None


class Progress(NamedTuple):
    """Told after every step."""

    step: int
    steps: int
    last: Epoch | None


class Record(msgspec.Struct, forbid_unknown_fields=True):
    """`training.json`: what was trained on what, how it went, and what could not be learned from."""

    settings: TaggerTraining
    identity: str
    data_sha256: str
    version: str
    torch: str
    train_samples: int
    dev_samples: int
    skipped: dict[str, int]
    lost_entities: dict[str, int] = {}
    curve: list[Epoch] = []
    step: int = 0
    best_epoch: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    parameters: int = 0


def new_record(data: TrainingData) -> Record:
    """The record of a training that is about to start; its identity names data, settings and versions."""
    held = (data.settings, data.features, data.digest, __version__, str(torch.__version__))
    return Record(
        settings=data.settings,
        identity=hashlib.sha256(msgspec.json.encode(held)).hexdigest(),
        data_sha256=data.digest,
        version=__version__,
        torch=str(torch.__version__),
        train_samples=len(data.train),
        dev_samples=len(data.dev),
        skipped=dict(sorted(data.skipped.items())),
    )


def finished(folder: Path, identity: str) -> Record | None:
    """The record of a training that has already come to its end."""
    try:
        done = msgspec.json.decode((folder / "training.json").read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None
    return done if done.identity == identity and (folder / "model.json").exists() else None
