"""Answers of a batch of prompts: one call of the model's search, every output held to its grammar or left free."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import transformers

from pointline.errors import Refusal, SettingsFault
from pointline.models.constrain.processor import Grounding
from pointline.models.constrain.row import Row
from pointline.models.generator.opening import Opened
from pointline.models.generator.settings import GeneratorSettings


class Found(NamedTuple):
    """One output: its tokens without the end, their log-probabilities, and whether the budget cut it short."""

    ids: list[int]
    logps: list[float]
    cut: bool


class Search:
    """Runs a model's `generate` on batches of prompts as token ids."""

    def __init__(self, opened: Opened, settings: GeneratorSettings) -> None:
        self.opened, self.settings = opened, settings
        self.ends = _ends(opened)
        start = opened.model.generation_config.decoder_start_token_id
        if start is None:
            start = getattr(opened.model.config, "decoder_start_token_id", None)
        # Nothing of the model's own (penalties, forced tokens) may fight with the grammar.
        opened.model.generation_config = transformers.GenerationConfig(decoder_start_token_id=start)
        if settings.compile:
            _require_compiler()
            opened.model.forward = torch.compile(opened.model.forward, dynamic=True)

    @torch.inference_mode()
    def __call__(self, prompts: Sequence[list[int]], rows: Sequence[Row | None], budgets: Sequence[int]) -> list[Found]:
        """The outputs, one a prompt, of at most its budget of tokens with their end."""
        for row, own in zip(rows, budgets, strict=True):
            need = row.start.need + 1 if row is not None else 1
            if need > own:
                raise Refusal(f"max_new_tokens = {own} is too small: the shortest answer takes {need} tokens")
        budget = max(budgets)
        ids, mask = self._padded(prompts)
        causal = self.opened.architecture == "causal"
        processor = Grounding(rows, ids.shape[1] if causal else 1, budgets, self.ends)
        inputs = {"input_ids": ids, "attention_mask": mask}
        with torch.random.fork_rng(devices=[] if ids.device.type == "cpu" else [ids.device]):
            torch.manual_seed(self._seed(prompts))
            sequences = self.opened.model.generate(
                **inputs, generation_config=self._config(budget), logits_processor=[processor]
            )
        outputs = sequences[:, processor.begin :].tolist()
        return [self._found(processor, i, output[: budgets[i]]) for i, output in enumerate(outputs)]

    def _found(self, processor: Grounding, i: int, output: list[int]) -> Found:
        end = next((at for at, id in enumerate(output) if id in self.ends), None)
        ids = output if end is None else output[:end]
        return Found(ids, processor.logps(i, ids), end is None or processor.forced(i, ids))

    def _padded(self, prompts: Sequence[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """(batch, longest) ids and mask; a decoder's prompts are padded on the left."""
        longest = max(map(len, prompts))
        pad = self.opened.tokenizer.pad_token_id
        left = self.opened.architecture == "causal"
        ids, mask = [], []
        for prompt in prompts:
            gap, own = [0] * (longest - len(prompt)), [1] * len(prompt)
            ids.append([pad] * len(gap) + prompt if left else prompt + [pad] * len(gap))
            mask.append(gap + own if left else own + gap)
        device = self.opened.device
        return torch.tensor(ids, device=device), torch.tensor(mask, device=device)

    def _config(self, budget: int) -> Any:
        settings = self.settings
        drawn = {"do_sample": True, "temperature": settings.temperature, "top_p": settings.top_p, "top_k": 0}
        return transformers.GenerationConfig(
            max_new_tokens=budget,
            num_beams=settings.beams,
            eos_token_id=self.ends,
            pad_token_id=self.opened.tokenizer.pad_token_id,
            decoder_start_token_id=self.opened.model.generation_config.decoder_start_token_id,
            use_cache=True,
            **(drawn if settings.temperature else {"do_sample": False}),
        )

    def _seed(self, prompts: Sequence[list[int]]) -> int:
        said = f"{self.settings.seed} {list(prompts)}".encode()
        return int.from_bytes(hashlib.sha256(said).digest()[:7], "big")


def _require_compiler() -> None:
    """What torch.compile writes is C++; raises SettingsFault where nothing here compiles it."""
    named = os.environ.get("CXX")
    if not any(map(shutil.which, [named] if named else ["g++", "clang++", "c++", "cl"])):
        where = f"CXX={named} is not there" if named else "neither g++ nor clang++ is on the path"
        raise SettingsFault(f"compile=true needs a C++ compiler, and {where}; install one, or leave compile away")


def _ends(opened: Opened) -> list[int]:
    """The tokens that end an answer: the tokenizer's, and those that the model's own configuration names."""
    told = opened.model.generation_config.eos_token_id
    named = told if isinstance(told, list) else [] if told is None else [told]
    return sorted({*named, opened.tokenizer.eos_token_id})
