"""How good a generator is on dev while it trains: its answers scored, or the loss on dev's pairs."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import torch

from pointline.errors import Refusal
from pointline.formats.ask import Ask
from pointline.formats.problems import CannotHold
from pointline.formats.table import codec
from pointline.models.generator import opening
from pointline.models.generator.card import GeneratorCard
from pointline.models.generator.generator import Generator
from pointline.models.generator.settings import GeneratorSettings
from pointline.sample import Sample
from pointline.schema import LEVELS
from pointline.score import Settings, score
from pointline.train.dev import DevScore
from pointline.train.generator.collate import IGNORED
from pointline.train.generator.model import Opened
from pointline.train.generator.tokens import Example
from pointline.train.generator.trainer import token_losses

BATCH = 32
ROOM = 16


def chosen_dev(samples: Sequence[Sample], count: int) -> list[Sample]:
    """So many samples, by a hash of the ids, in their order."""
    order = sorted(range(len(samples)), key=lambda i: hashlib.sha256(samples[i].id.encode()).digest())
    return [samples[i] for i in sorted(order[:count])]


class Answering:
    """Answers dev with the model that is being trained, held to the format's grammar as `predict` holds it.

    Where nothing can hold its tokenizer's answers, they are free. `room`: tokens of the longest completion wanted.
    """

    def __init__(self, opened: Opened, card: GeneratorCard, room: int) -> None:
        self._opened, self._card, self._room = opened, card, room
        self._generator: Generator | None = None

    def __call__(self, samples: Sequence[Sample]) -> DevScore:
        """TL, WL and ALL by the `mre` protocol; what gold annotates and nobody asks is left out."""
        asked = set(self._card.ask().levels())
        bare = {level: None for level in LEVELS if level not in asked}
        gold = [msgspec.structs.replace(sample, **bare) for sample in samples]
        self._opened.model.eval()
        if self._generator is None:
            self._generator = self._made()
        made = list(self._generator.predict(gold, batch_size=BATCH))
        try:
            found = score(gold, made, settings=Settings(resamples=0))
        except Refusal:
            return DevScore(None, None, None)
        figures = [found[name].value if name in found and found[name].n else None for name in ("TL", "WL", "ALL")]
        return DevScore(*figures)

    def _made(self) -> Generator:
        model = self._opened.model
        held = opening.Opened(
            model, self._opened.tokenizer, self._opened.architecture, None, next(model.parameters()).device
        )
        settings = GeneratorSettings(max_new_tokens=self._room + ROOM)
        try:
            return Generator(held, self._card, settings)
        except Refusal:
            return Generator(held, self._card, msgspec.structs.replace(settings, grounded=False))


def askable(samples: Sequence[Sample], format: str, ask: Ask) -> list[Sample]:
    """The samples that the format can ask about."""
    chosen = codec(format, ask)
    kept = []
    for sample in samples:
        with contextlib.suppress(CannotHold):
            chosen.prompts(sample)
            kept.append(sample)
    return kept


def dev_loss(model: Any, batches: Iterator[dict[str, torch.Tensor]], device: torch.device) -> float:
    """Mean loss a wanted token."""
    total = count = 0.0
    model.eval()
    with torch.no_grad():
        for batch in batches:
            placed = {name: tensor.to(device) for name, tensor in batch.items()}
            total += float(token_losses(model, placed))
            count += int(placed["labels"].ne(IGNORED).sum())
    return total / max(1.0, count)


def longest_completion(examples: Sequence[Example]) -> int:
    """Tokens of the longest completion."""
    return max((len(example.completion) for example in examples), default=0)


Judge = Callable[[], tuple[DevScore | None, float | None]]
"""Judges the model as it stands: by a score, or by a loss."""
