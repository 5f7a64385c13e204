"""The record of a tagger's training."""

from __future__ import annotations

import hashlib

import msgspec
import torch

from pointline.train.record import Record
from pointline.train.tagger.data import TrainingData
from pointline.train.tagger.settings import TaggerTraining
from pointline.version import __version__


class TaggerRecord(Record):
    """`training.json` of a tagger; `lost_entities` counts what its tags could not hold."""

    settings: TaggerTraining
    lost_entities: dict[str, int] = msgspec.field(default_factory=dict)

    def not_learned(self) -> dict[str, int]:
        """Samples skipped, and entities lost."""
        return {**self.skipped, **self.lost_entities}


def new_record(data: TrainingData) -> TaggerRecord:
    """The record of a training that is about to start; its identity names data, settings and versions."""
    held = (data.settings, data.features, data.digest, __version__, str(torch.__version__))
    return TaggerRecord(
        settings=data.settings,
        identity=hashlib.sha256(msgspec.json.encode(held)).hexdigest(),
        data_sha256=data.digest,
        version=__version__,
        torch=str(torch.__version__),
        train_samples=len(data.train),
        dev_samples=len(data.dev),
        skipped=dict(sorted(data.skipped.items())),
    )
