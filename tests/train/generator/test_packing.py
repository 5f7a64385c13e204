"""Packed rows say of each sample what it says alone; models that cannot are refused; every sample once an epoch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("transformers")

import torch
from made_samples import made
from train.generator.tiny import causal, tokenizer

from pointline.errors import Refusal
from pointline.train.generator import collate
from pointline.train.generator.data import gather
from pointline.train.generator.plan import Plan, packed
from pointline.train.generator.separation import require_separation
from pointline.train.generator.settings import GeneratorTraining, chosen
from pointline.train.generator.tokens import Example, Tokens
from pointline.train.generator.trainer import token_losses

KEEPS_APART = ["llama", "qwen2", "mistral", "gemma", "gpt_neox"]


def examples() -> list[Example]:
    data = gather(made(24), made(2, 1), chosen(GeneratorTraining(model="x")))
    return Tokens(tokenizer(), "causal", None)(data.train)


@pytest.mark.parametrize("name", KEEPS_APART)
def test_packed_losses_are_those_of_each_alone(name: str) -> None:
    held = examples()
    words = tokenizer()
    model = causal(name, len(words))
    require_separation(model, held, 0)
    rows = packed([example.size for example in held], 120, np.random.default_rng(0))
    assert max(map(len, rows)) > 2
    with torch.no_grad():
        together = token_losses(model, collate.packed(held, rows, 0))
        alone = sum(token_losses(model, collate.padded(held, [[i]], 0)) for i in range(len(held)))
        one_batch = token_losses(model, collate.padded(held, [[i] for i in range(len(held))], 0))
        kept = token_losses(model, collate.packed(held, rows, 0), keeps=True)
    wanted = sum(len(example.completion) for example in held)
    assert float(together) / wanted == pytest.approx(float(alone) / wanted, abs=1e-5)
    assert float(one_batch) / wanted == pytest.approx(float(alone) / wanted, abs=1e-5)
    assert float(kept) / wanted == pytest.approx(float(together) / wanted, abs=1e-5)


def test_gradients_of_packed_rows_are_those_of_each_alone() -> None:
    held = examples()
    model = causal("llama", len(tokenizer()))
    rows = packed([example.size for example in held], 120, np.random.default_rng(0))
    found = []
    for batches in ([collate.packed(held, rows, 0)], [collate.padded(held, [[i]], 0) for i in range(len(held))]):
        model.zero_grad()
        for batch in batches:
            (token_losses(model, batch) / 100).backward()
        found.append(torch.cat([parameter.grad.flatten() for parameter in model.parameters()]))
    assert torch.allclose(found[0], found[1], atol=1e-5)


def test_a_model_that_mixes_neighbours_is_refused() -> None:
    with pytest.raises(Refusal, match="batching=packed: Bloom"):
        require_separation(causal("bloom", len(tokenizer())), examples(), 0)


def test_nothing_is_wanted_of_prompts_and_padding() -> None:
    held = [Example("a", [5, 6], [7, 1]), Example("b", [8], [9, 1]), Example("c", [], [4, 1])]
    batch = collate.packed(held, [[0, 1], [2]], 0)
    assert batch["input_ids"].tolist() == [[5, 6, 7, 1, 8, 9, 1], [4, 1, 0, 0, 0, 0, 0]]
    assert batch["position_ids"].tolist() == [[0, 1, 2, 3, 0, 1, 2], [0, 1, 0, 1, 2, 3, 4]]
    none = collate.IGNORED
    assert batch["labels"].tolist() == [[none, 7, 1, none, 9, 1, none], [1, none, none, none, none, none, none]]
    encoded = collate.encoded(held, [[0], [1]], 0, start=3)
    assert encoded["decoder_input_ids"].tolist() == [[3, 7], [3, 9]]
    assert encoded["labels"].tolist() == [[7, 1], [9, 1]]
    assert collate.idle(encoded)["labels"].eq(none).all()


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=60),
    st.sampled_from(["random", "grouped", "packed"]),
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(0, 5),
)
def test_every_sample_stands_once_in_an_epoch(
    sizes: list[int], batching: str, accumulate: int, batch: int, epoch: int
) -> None:
    settings = chosen(GeneratorTraining(batching=batching, accumulate=accumulate, batch=batch, pack_length=50))  # type: ignore[arg-type]
    plan = Plan.of(sizes, settings, devices=2)
    batches = plan.epoch(sizes, epoch)
    assert len(batches) == plan.batches == plan.steps * accumulate * 2
    assert sorted(i for rows in batches for row in rows for i in row) == list(range(len(sizes)))
    assert plan.epoch(sizes, epoch) == batches
    for rows in batches:
        for row in rows:
            assert sum(sizes[i] for i in row) <= max(50, max(sizes))
    fewer = plan.epoch(sizes[:1], epoch)
    assert len(fewer) == plan.batches


def test_packing_wastes_little() -> None:
    sizes = np.random.default_rng(0).integers(10, 90, 4000).tolist()
    rows = packed(sizes, 256, np.random.default_rng(1))
    assert sum(sizes) / (256 * len(rows)) > 0.98
    assert packed(sizes, 256, np.random.default_rng(1)) == rows
