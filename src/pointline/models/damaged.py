"""What the libraries raise where a model's files are missing, cut off or not a model's."""

from __future__ import annotations

import pickle

import safetensors

DAMAGED: tuple[type[Exception], ...] = (
    *(OSError, ValueError, KeyError, RuntimeError, AttributeError, EOFError),
    pickle.UnpicklingError,
    safetensors.SafetensorError,
)
