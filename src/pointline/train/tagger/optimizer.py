"""The optimizer of a tagger: AdamW, with a learning rate of its own for a pretrained encoder."""

from __future__ import annotations

import torch

from pointline.models.tagger.network import Network
from pointline.train.tagger.settings import TaggerTraining


def optimizer_of(network: Network, settings: TaggerTraining) -> tuple[torch.optim.Optimizer, list[float]]:
    """The optimizer, and the peak learning rate of each of its groups of weights."""
    assert settings.learning_rate is not None
    new = [weight for name, weight in network.named_parameters() if not name.startswith("pretrained.")]
    groups, rates = [{"params": new}], [settings.learning_rate]
    if network.pretrained is not None:
        groups.append({"params": list(network.pretrained.parameters())})
        rates.append(settings.encoder_rate)
    optimizer = torch.optim.AdamW(groups, lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True)
    return optimizer, rates
