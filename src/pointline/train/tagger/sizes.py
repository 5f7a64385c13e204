"""The sizes of the network that fits the data."""

from __future__ import annotations

import msgspec

from pointline.models.tagger.heads import HeadSettings
from pointline.models.tagger.reader import NetworkSettings
from pointline.models.tagger.structure import Structure
from pointline.train.tagger.data import TrainingData

INSIDE_WIDTH = 128


def network_sizes(data: TrainingData) -> NetworkSettings:
    """What the inventory and the settings ask for."""
    inventory, settings = data.inventory, data.settings
    assert settings.hidden is not None
    assert settings.readers is not None
    assert settings.word_width is not None
    return NetworkSettings(
        words=len(inventory.words) + 2,
        labels=len(inventory.labels or ()),
        types=len(inventory.types or ()),
        multi=inventory.multi,
        inside=INSIDE_WIDTH if data.features.layered else 0,
        hidden=settings.hidden,
        dropout=settings.dropout,
        readers=settings.readers,
        encoder=data.pretrained,
        word_width=settings.word_width,
        joins=_head_sizes(inventory.structure) if inventory.structure else msgspec.UNSET,
    )


def _head_sizes(structure: Structure) -> HeadSettings:
    return HeadSettings(
        layers=tuple(len(layer.types) for layer in structure.layers),
        kinds=structure.kinds,
        events=len(structure.events),
        links=len(structure.relations) + len(structure.roles),
    )
