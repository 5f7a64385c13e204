"""The light verbalizer: what a trained text classifier says, and the list words that stand in the text.

    log P(label | text) ~ log P_tagger(label | text) + weight * (list words of the label in the text)

The second term is what a classifier whose features are the list words alone would say, each word counting the same;
no pretrained model is asked. The weight is the one of a few under which held-back shots are likeliest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pointline.sample import Sample

Array = NDArray[np.float64]
WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
FLOOR = 5e-5
"""Half of the last digit that models print of a label's probability."""


def told(answers: Sequence[Sample], labels: Sequence[str]) -> Array:
    """Log probability (N, L) of each label as a model printed it; unknown labels are as unlikely as can be.

    >>> told([Sample("1", "", label_scores={"a": 1.0})], ["a", "b"]).round(1).tolist()
    [[0.0, -9.9]]
    """
    rows = [[(answer.label_scores or {}).get(label, 0.0) for label in labels] for answer in answers]
    return np.log(np.maximum(np.array(rows, dtype=np.float64).reshape(len(rows), len(labels)), FLOOR))


def mixed(said: Array, found: Array, weight: float) -> Array:
    """Log probabilities (N, L) of both together.

    >>> mixed(np.log([[0.5, 0.5]]), np.array([[1.0, 0.0]]), 1.0).argmax()
    np.int64(0)
    """
    total = said + weight * found
    return total - np.logaddexp.reduce(total, axis=1, keepdims=True)


def weight_of(said: Array, found: Array, gold: Sequence[int]) -> float:
    """The weight of WEIGHTS with the likeliest gold (class of each row), the smallest of equals; 1 without rows.

    >>> even = np.log(np.full((2, 2), 0.5))
    >>> weight_of(even, np.array([[1.0, 0.0], [0.0, 1.0]]), [0, 1]), weight_of(even, np.zeros((2, 2)), [0, 1])
    (4.0, 0.0)
    """
    if not len(gold):
        return 1.0
    rows = np.arange(len(gold))
    likely = {weight: float(mixed(said, found, weight)[rows, list(gold)].mean()) for weight in WEIGHTS}
    return max(WEIGHTS, key=lambda weight: (round(likely[weight], 9), -weight))
