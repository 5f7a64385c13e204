"""Rows of examples become the tensors of one batch: padded, packed, or for an encoder-decoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from pointline.train.generator.plan import Rows
from pointline.train.generator.tokens import Example

IGNORED = -100


def padded(examples: Sequence[Example], rows: Rows, pad: int) -> dict[str, Tensor]:
    """One example a row, padding behind: input_ids, attention_mask, labels, all (rows, n).

    `labels[i]` is the token that follows position i; only tokens of completions (EOS too) are wanted.
    """
    chosen = [examples[row[0]] for row in rows]
    ids = [example.prompt + example.completion for example in chosen]
    wanted = [_wanted(example) for example in chosen]
    mask = [[1] * len(row) for row in ids]
    return {"input_ids": _matrix(ids, pad), "attention_mask": _matrix(mask, 0), "labels": _matrix(wanted, IGNORED)}


def packed(examples: Sequence[Example], rows: Rows, pad: int) -> dict[str, Tensor]:
    """Several examples a row, told apart by position_ids that begin anew; no attention mask: (rows, n) each.

    Padding behind the last one counts as an example of its own, and nothing is wanted of it.
    """
    ids: list[list[int]] = []
    wanted: list[list[int]] = []
    places: list[list[int]] = []
    for row in rows:
        chosen = [examples[i] for i in row]
        ids.append([token for example in chosen for token in example.prompt + example.completion])
        wanted.append([token for example in chosen for token in _wanted(example)])
        places.append([place for example in chosen for place in range(example.size)])
    width = max(map(len, ids))
    places = [row + list(range(width - len(row))) for row in places]
    return {"input_ids": _matrix(ids, pad), "position_ids": torch.tensor(places), "labels": _matrix(wanted, IGNORED)}


def encoded(examples: Sequence[Example], rows: Rows, pad: int, start: int) -> dict[str, Tensor]:
    """For an encoder-decoder: the prompt to its encoder, the completion, moved right behind `start`, to its decoder."""
    chosen = [examples[row[0]] for row in rows]
    prompts = [example.prompt for example in chosen]
    completions = [example.completion for example in chosen]
    return {
        "input_ids": _matrix(prompts, pad),
        "attention_mask": _matrix([[1] * len(row) for row in prompts], 0),
        "decoder_input_ids": _matrix([[start, *row[:-1]] for row in completions], pad),
        "labels": _matrix(completions, IGNORED),
    }


def idle(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """A batch of the same form that wants nothing: it fills a step that has too few."""
    return {**batch, "labels": torch.full_like(batch["labels"], IGNORED)}


def inputs_of(batch: dict[str, Tensor]) -> dict[str, Any]:
    """What the model is called with: all but the labels; nothing is kept for generation."""
    return {**{name: tensor for name, tensor in batch.items() if name != "labels"}, "use_cache": False}


def _wanted(example: Example) -> list[int]:
    """The next token at each place: nothing within the prompt, then the completion."""
    return [*([IGNORED] * len(example.prompt) + example.completion)[1:], IGNORED]


def _matrix(rows: Sequence[Sequence[int]], fill: int) -> Tensor:
    width = max(map(len, rows))
    return torch.tensor([[*row, *[fill] * (width - len(row))] for row in rows])
