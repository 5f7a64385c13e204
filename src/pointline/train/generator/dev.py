"""How good a generator is on dev while it trains: its answers scored, or the loss on dev's pairs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import torch

from pointline.errors import Refusal
from pointline.formats.ask import Ask, Codec
from pointline.formats.problems import CannotHold
from pointline.formats.table import codec
from pointline.sample import Sample
from pointline.schema import LEVELS
from pointline.score import Settings, score
from pointline.train.dev import DevScore
from pointline.train.generator.collate import IGNORED
from pointline.train.generator.model import Opened
from pointline.train.generator.tokens import Example, Tokens
from pointline.train.generator.trainer import token_losses

BATCH = 32
ROOM = 16


def chosen_dev(samples: Sequence[Sample], count: int) -> list[Sample]:
    """So many samples, by a hash of the ids, in their order."""
    order = sorted(range(len(samples)), key=lambda i: hashlib.sha256(samples[i].id.encode()).digest())
    return [samples[i] for i in sorted(order[:count])]


def generation_score(opened: Opened, ask: Ask, format: str, samples: Sequence[Sample], room: int) -> DevScore:
    """TL, WL and ALL by the `mre` protocol of greedy answers; `room`: tokens of the longest completion wanted.

    What gold annotates and nobody asks is left out.
    """
    asked = set(ask.levels())
    bare = {level: None for level in LEVELS if level not in asked}
    gold = [msgspec.structs.replace(sample, **bare) for sample in samples]
    try:
        found = score(gold, answers(opened, codec(format, ask), samples, room), settings=Settings(resamples=0))
    except Refusal:
        return DevScore(None, None, None)
    figures = [found[name].value if name in found and found[name].n else None for name in ("TL", "WL", "ALL")]
    return DevScore(*figures)


def answers(opened: Opened, chosen: Codec, samples: Sequence[Sample], room: int) -> list[Sample]:
    """Greedy answers without constraints, read by the format; a sample that cannot be asked gets an empty one."""
    prompts = []
    for sample in samples:
        try:
            prompts.append(chosen.prompts(sample))
        except CannotHold:
            prompts.append([])
    tokens = Tokens(opened.tokenizer, opened.architecture, None)
    asked = [(number, pair) for number, pairs in enumerate(prompts) for pair in pairs]
    rows = [example.prompt for example in tokens([pair for _, pair in asked])]
    said = _generate(opened, rows, room)
    read: dict[int, Sample] = {}
    for (number, _), raw in zip(asked, said, strict=True):
        sample = samples[number]
        one = chosen.decode(raw, sample.text, sample.id)
        read[number] = _joined(read[number], one) if number in read else one
    return [read.get(number, Sample(sample.id, sample.text)) for number, sample in enumerate(samples)]


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


@torch.no_grad()
def _generate(opened: Opened, prompts: Sequence[list[int]], room: int) -> list[str]:
    """What the model says behind each prompt, in order; read in batches of similar length, padded on the left."""
    model, tokenizer = opened.model, opened.tokenizer
    model.eval()
    device = next(model.parameters()).device
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    said: dict[int, str] = {}
    for at in range(0, len(order), BATCH):
        part = order[at : at + BATCH]
        width = max(len(prompts[i]) for i in part)
        left = opened.architecture == "causal"
        ids = [_filled(prompts[i], tokenizer.pad_token_id, width, left) for i in part]
        mask = [_filled([1] * len(prompts[i]), 0, width, left) for i in part]
        made = model.generate(
            input_ids=torch.tensor(ids, device=device),
            attention_mask=torch.tensor(mask, device=device),
            max_new_tokens=room + ROOM,
            do_sample=False,
            num_beams=1,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
        new = made[:, width:] if left else made
        said.update(zip(part, tokenizer.batch_decode(new, skip_special_tokens=True), strict=True))
    return [said[i] for i in range(len(prompts))]


def _filled(row: list[int], fill: int, width: int, left: bool) -> list[int]:
    padding = [fill] * (width - len(row))
    return padding + row if left else row + padding


def _joined(first: Sample, second: Sample) -> Sample:
    """The answers to two questions about one text."""
    both: dict[str, Any] = {}
    for level in LEVELS:
        one, other = getattr(first, level), getattr(second, level)
        both[level] = one if other is None else other if one is None else [*one, *(x for x in other if x not in one)]
    return msgspec.structs.replace(first, **both)


def longest_completion(examples: Sequence[Example]) -> int:
    """Tokens of the longest completion."""
    return max((len(example.completion) for example in examples), default=0)


Judge = Callable[[], tuple[DevScore | None, float | None]]
"""Judges the model as it stands: by a score, or by a loss."""
