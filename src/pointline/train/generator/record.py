"""The record of a generator's training."""

from __future__ import annotations

import hashlib
import importlib.metadata

import msgspec

from pointline.train.generator.data import GeneratorData
from pointline.train.generator.settings import GeneratorTraining
from pointline.train.record import Record
from pointline.version import __version__


class GeneratorRecord(Record):
    """`training.json` of a generator.

    losses: (step, mean loss a token of the steps since the last one). tokens: of an epoch, padding apart.
    trained: weights that were trained, of `parameters`. best_step: where the model that was kept stood.
    added: characters made tokens of their own. select: what the best was chosen by.
    """

    settings: GeneratorTraining
    architecture: str
    precision: str
    devices: int
    libraries: dict[str, str]
    pairs: int
    steps: int = 0
    tokens: int = 0
    trained: int = 0
    best_step: int = 0
    select: str = "score"
    added: list[str] = msgspec.field(default_factory=list)
    losses: list[tuple[int, float]] = msgspec.field(default_factory=list)


def new_record(
    data: GeneratorData, settings: GeneratorTraining, base: str, precision: str, devices: int
) -> GeneratorRecord:
    """The record of a training about to start; its identity names data, settings, base model, devices and versions."""
    libraries = {name: _version(name) for name in ("torch", "transformers", "accelerate", "peft", "tokenizers")}
    held = (settings, data.digest, base, precision, devices, __version__, libraries)
    return GeneratorRecord(
        settings=settings,
        identity=hashlib.sha256(msgspec.json.encode(held)).hexdigest(),
        data_sha256=data.digest,
        version=__version__,
        torch=libraries["torch"],
        train_samples=len(data.samples) or len(data.train),
        dev_samples=len(data.dev) or len(data.dev_pairs),
        skipped=dict(sorted(data.skipped.items())),
        architecture="",
        precision=precision,
        devices=devices,
        libraries=libraries,
        pairs=len(data.train),
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
