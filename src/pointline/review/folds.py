"""A model's answers about samples that it was not fitted on: the embedded tagger, trained once a fold on the others."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pointline.errors import MissingExtra, Refusal
from pointline.sample import Sample

if TYPE_CHECKING:
    from pointline.train.tagger.settings import TaggerTraining


def out_of_fold(
    samples: Sequence[Sample],
    folds: int = 3,
    settings: TaggerTraining | None = None,
    tick: Callable[[int], None] | None = None,
) -> list[Sample]:
    """Predictions for all samples, each by a model that saw neither it nor another sample of the same text.

    Folds are by a hash of the text. `tick` is told 1 after each fold. Raises Refusal where the samples are too few,
    MissingExtra without torch.
    """
    try:
        from pointline.models.extractor import load
        from pointline.train.tagger import fit
        from pointline.train.tagger.settings import TaggerTraining
    except ModuleNotFoundError as error:
        raise MissingExtra("train", error.name or "torch") from None
    parts = [_fold(sample.text, folds) for sample in samples]
    if folds < 2 or len(set(parts)) < folds:
        raise Refusal(f"{len(samples)} samples cannot be judged in {folds} folds; give more samples, or 2 folds")
    found: list[Sample] = []
    for fold in range(folds):
        rest = [sample for sample, part in zip(samples, parts, strict=True) if part != fold]
        held = [sample for sample, part in zip(samples, parts, strict=True) if part == fold]
        with tempfile.TemporaryDirectory() as scratch:
            fit(rest, None, settings or TaggerTraining(), Path(scratch) / "model")
            found += load(Path(scratch) / "model").predict([_bare(sample) for sample in held])
        if tick is not None:
            tick(1)
    return found


def _fold(text: str, folds: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big") % folds


def _bare(sample: Sample) -> Sample:
    return Sample(sample.id, sample.text, sample.lang)
