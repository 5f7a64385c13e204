"""The record of a tagger's training."""

from __future__ import annotations

import hashlib

import msgspec
import torch

from pointline.models.tagger.structure import Structure
from pointline.train.record import Record
from pointline.train.tagger.data import TrainingData
from pointline.train.tagger.settings import TaggerTraining
from pointline.version import __version__


class TaggerRecord(Record):
    """`training.json` of a tagger; `lost_entities` counts what its tags could not hold.

    `structure`: how many relations, events and roles were learned, and spans tagged for them alone, by name.
    """

    settings: TaggerTraining
    lost_entities: dict[str, int] = msgspec.field(default_factory=dict)
    structure: dict[str, int] | msgspec.UnsetType = msgspec.UNSET

    def not_learned(self) -> dict[str, int]:
        """Samples skipped, and entities lost."""
        return {**self.skipped, **self.lost_entities}

    def learned(self) -> dict[str, int]:
        """What `structure` counts."""
        return self.structure or {}


def _counts(structure: Structure) -> dict[str, int]:
    own = {f"kinds of spans tagged for {layer.level}": len(layer.types) for layer in structure.layers}
    found = {"relations": len(structure.relations), "events": len(structure.events), "roles": len(structure.roles)}
    return {name: count for name, count in (found | own).items() if count}


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
        structure=_counts(data.inventory.structure) if data.inventory.structure else msgspec.UNSET,
    )
