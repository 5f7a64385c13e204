"""Examples become one padded batch."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pointline.models.tagger.batch import Batch, InsideBatch, PieceBatch
from pointline.models.tagger.example import Example


def collate(examples: Sequence[Example], labels: int) -> Batch:
    """Pad examples into one batch; `labels` is the size of the label inventory."""
    inside = _inside_batch(examples)
    features, offsets = _bags([example.all_features() for example in examples])
    wanted = np.zeros((len(examples), labels), np.float32)
    for row, example in enumerate(examples):
        if example.labels is not None:
            wanted[row, example.labels] = 1
    return Batch(
        words=_padded([example.words for example in examples]),
        features=features,
        offsets=offsets,
        lengths=torch.tensor([len(example.words) for example in examples]),
        labels=torch.from_numpy(wanted),
        has_labels=torch.tensor([example.labels is not None for example in examples]),
        tags=_padded([example.tags or [0] * example.size for example in examples]),
        has_tags=torch.tensor([example.tags is not None for example in examples]),
        inside=inside,
        pieces=_piece_batch(examples),
        layers=_layers(examples),
    )


def _layers(examples: Sequence[Example]) -> tuple[tuple[Tensor, Tensor], ...]:
    rows = zip(*(example.layers for example in examples), strict=True)
    return tuple(
        (
            _padded([tags or [0] * example.size for tags, example in zip(row, examples, strict=True)]),
            torch.tensor([tags is not None for tags in row]),
        )
        for row in rows
    )


def _piece_batch(examples: Sequence[Example]) -> PieceBatch | None:
    pieces = [example.pieces for example in examples if example.pieces is not None]
    if not pieces:
        return None
    return PieceBatch(
        ids=_padded([one.ids for one in pieces]),
        lengths=torch.tensor([len(one.ids) for one in pieces]),
        starts=_padded([one.starts for one in pieces]),
        ends=_padded([one.ends for one in pieces]),
    )


def _inside_batch(examples: Sequence[Example]) -> InsideBatch | None:
    insides = [example.inside for example in examples if example.inside is not None]
    if not insides:
        return None
    features, offsets = _bags([inside.ids for inside in insides])
    lengths = torch.tensor([len(inside.parents) for inside in insides])
    return InsideBatch(_padded([inside.parents for inside in insides]), features, offsets, lengths)


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Rows of numbers as one matrix, zeros behind the shorter ones."""
    matrix = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for place, row in enumerate(rows):
        matrix[place, : len(row)] = row
    return torch.from_numpy(matrix)


def _bags(rows: Sequence[Sequence[tuple[int, ...]]]) -> tuple[Tensor, Tensor]:
    """All ids one after another, and where each place's ids begin, padded places included."""
    counts = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for place, row in enumerate(rows):
        counts[place, : len(row)] = [len(ids) for ids in row]
    chained = itertools.chain.from_iterable(itertools.chain.from_iterable(rows))
    features = np.fromiter(chained, np.int64, int(counts.sum()))
    flat = counts.reshape(-1)
    return torch.from_numpy(features), torch.from_numpy(np.cumsum(flat) - flat)
