"""The order of training: batches of similar length, shuffled anew each epoch, and what is dropped from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pointline.models.tagger.batch import Batch
from pointline.models.tagger.encode import UNKNOWN
from pointline.models.tagger.example import Example
from pointline.train.draws import number

LENGTH_NOISE = 3.0


def batches(lengths: Sequence[int], size: int, seed: int, epoch: int) -> list[list[int]]:
    """Cut the numbers of all samples into batches of similar length, in random order; keyed by (seed, epoch).

    >>> sorted(map(sorted, batches([1, 90, 2, 95], 2, seed=0, epoch=0)))
    [[0, 2], [1, 3]]
    """
    generator = np.random.default_rng([number(seed, "order"), epoch])
    noisy = np.asarray(lengths) + generator.random(len(lengths)) * LENGTH_NOISE
    order = np.argsort(noisy, kind="stable").tolist()
    cut = [order[i : i + size] for i in range(0, len(order), size)]
    return [cut[i] for i in generator.permutation(len(cut))]


def forget(examples: Sequence[Example], rate: float, generator: np.random.Generator) -> list[Example]:
    """Take the gazetteer away from a share of the examples, so that the network does not lean on it alone."""
    gone = generator.random(len(examples)) < rate
    return [one._replace(known=None) if out else one for one, out in zip(examples, gone, strict=True)]


def drop(batch: Batch, words: float, features: float, generator: np.random.Generator) -> Batch:
    """Make a share of the words unknown and leave a share of the features out."""
    unknown = torch.from_numpy(generator.random(tuple(batch.words.shape), np.float32) < words)
    unknown &= batch.words > UNKNOWN
    kept, offsets = _thinned(batch.features, batch.offsets, features, generator)
    inside = batch.inside
    if inside is not None:
        fewer, places = _thinned(inside.features, inside.offsets, features, generator)
        inside = inside._replace(features=fewer, offsets=places)
    return batch._replace(
        words=batch.words.masked_fill(unknown, UNKNOWN), features=kept, offsets=offsets, inside=inside
    )


def _thinned(ids: Tensor, offsets: Tensor, rate: float, generator: np.random.Generator) -> tuple[Tensor, Tensor]:
    kept = generator.random(len(ids), np.float32) >= rate
    before = np.concatenate([[0], np.cumsum(kept)])
    return ids[torch.from_numpy(kept)], torch.from_numpy(before[offsets.numpy()])
