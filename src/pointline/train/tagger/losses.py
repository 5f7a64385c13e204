"""What a tagger's training makes small: the text level's heads and the tags' likelihood."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from pointline.models.tagger.batch import Batch
from pointline.models.tagger.network import Network
from pointline.models.tagger.reader import Output


def joint_loss(network: Network, batch: Batch, output: Output, crf_weight: float, smoothing: float) -> Tensor:
    """Cross-entropy of the three text heads (pooled ones smoothed) + `crf_weight` x CRF; unannotated rows add nothing.

    The layers of tags that relations and events have for themselves count as the tags do.

    The words alone: the CRF's loss with weight 1.
    """
    loss = torch.zeros(())
    if output.first is not None and output.each is not None and output.final is not None and batch.has_labels.any():
        rows = batch.has_labels
        wanted = batch.labels[rows]
        valid = output.valid[rows]
        each = wanted[:, None].expand(-1, valid.shape[1], -1)[valid]
        multi = network.settings.multi
        loss = loss + _label_loss(output.first[rows], wanted, smoothing, multi)
        loss = loss + _label_loss(output.final[rows], wanted, smoothing, multi)
        loss = loss + _label_loss(output.each[rows][valid], each, 0.0, multi)
    if output.emissions is not None and batch.has_tags.any():
        rows = batch.has_tags
        nll: Tensor = network.crf.loss(output.emissions[rows], batch.tags[rows], batch.tag_lengths[rows])
        loss = loss + nll.mean() * (crf_weight if network.settings.labels else 1.0)
    for place, (tags, has_tags) in enumerate(batch.layers):
        if has_tags.any():
            crf, rows = network.own[place], has_tags
            nll = crf.loss(output.layers[place][rows], tags[rows], batch.tag_lengths[rows])  # type: ignore[operator]
            loss = loss + nll.mean() * (crf_weight if network.settings.labels else 1.0)
    return loss


def _label_loss(logits: Tensor, wanted: Tensor, smoothing: float, multi: bool) -> Tensor:
    """`wanted`: (rows, labels) of 0/1; exclusive labels have one 1 a row."""
    if not multi:
        return F.cross_entropy(logits, wanted, label_smoothing=smoothing)
    smoothed = wanted * (1 - smoothing) + smoothing / 2
    return F.binary_cross_entropy_with_logits(logits, smoothed, reduction="none").sum(-1).mean()
