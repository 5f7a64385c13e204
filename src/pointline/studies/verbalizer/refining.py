"""From words to labels: calibration by a prior, words kept, aggregation. Log space; p are shares among all words.

p_w  = softmax over the words of all labels                (Hu et al. 2022, section 3.3)
p'_w = p_w / prior_w, normalised again                     (contextual calibration)
sum       log of the sum of a label's p'                   (MMM, section 8)
mean-log  mean of a label's log p'
max       the largest log p' of a label
learned   a label's log p' weighted by a softmax of learned weights
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from pointline.studies.verbalizer.settings import Aggregate


def shares(scores: Tensor, log_prior: Tensor | None = None) -> Tensor:
    """Log shares (N, W) of words from their log probabilities, divided by the prior where there is one.

    >>> found = shares(torch.tensor([[0.0, 0.0]]), torch.tensor([0.75, 0.25]).log())
    >>> found.exp().allclose(torch.tensor([[0.25, 0.75]]))
    True
    """
    found = scores.log_softmax(1)
    return found if log_prior is None else (found - log_prior).log_softmax(1)


def log_prior(scores: Tensor) -> Tensor:
    """The log of the mean share (W) of each word over texts (N, W).

    >>> log_prior(torch.zeros(3, 4)).exp().tolist()
    [0.25, 0.25, 0.25, 0.25]
    """
    return scores.log_softmax(1).logsumexp(0) - math.log(len(scores))


def likeliest(prior: Tensor, owners: Sequence[int], keep: float) -> list[int]:
    """The words of each label with the highest prior, a share `keep` of them and at least one, in their order.

    >>> likeliest(torch.tensor([0.1, 0.4, 0.2, 0.3]), [0, 0, 1, 1], 0.5)
    [1, 3]
    """
    values = prior.tolist()
    kept: list[int] = []
    for label in set(owners):
        own = sorted((at for at, owner in enumerate(owners) if owner == label), key=lambda at: (-values[at], at))
        kept += own[: math.ceil(len(own) * keep)]
    return sorted(kept)


def label_scores(found: Tensor, owners: Sequence[int], how: Aggregate, weights: Tensor | None = None) -> Tensor:
    """A score (N, L) of each label from log shares (N, W) of words; `weights` (W) for `learned`.

    >>> found = torch.tensor([[0.5, 0.25, 0.25]]).log()
    >>> [label_scores(found, [0, 1, 1], how).exp().tolist() for how in ("sum", "mean-log", "max")]
    [[[0.5, 0.5]], [[0.5, 0.25]], [[0.5, 0.25]]]
    """
    rows = torch.tensor(owners, device=found.device)
    columns = []
    for label in range(max(owners) + 1):
        own = found[:, rows == label]
        if how == "sum":
            columns.append(own.logsumexp(1))
        elif how == "max":
            columns.append(own.amax(1))
        elif weights is None:
            columns.append(own.mean(1))
        else:
            columns.append(own @ weights[rows == label].softmax(0))
    return torch.stack(columns, dim=1)
