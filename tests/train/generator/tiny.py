"""Tiny models, tokenizers and samples for the tests of generators' training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from made_samples import made

from pointline.train.generator.fresh import causal_tokenizer
from pointline.train.generator.settings import GeneratorTraining

TINY = GeneratorTraining(
    width=32,
    heads=2,
    layers=1,
    vocabulary=330,
    epochs=2,
    batch=8,
    warm_up=2,
    learning_rate=5e-3,
    dev_samples=4,
    substitution=0.3,
    threads=1,
)
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("LlamaConfig", {"num_key_value_heads": 2}),
    "qwen2": ("Qwen2Config", {"num_key_value_heads": 1}),
    "mistral": ("MistralConfig", {"num_key_value_heads": 2, "sliding_window": 16}),
    "gemma": ("GemmaConfig", {"num_key_value_heads": 1, "head_dim": 16}),
    "gpt_neox": ("GPTNeoXConfig", {}),
    "bloom": ("BloomConfig", {}),
}


def tokenizer() -> Any:
    texts = [sample.text for sample in made(60)] + ["Call/NER/:name;:place;", "Book/NER"]
    return causal_tokenizer(texts, 330)


def causal(name: str, vocabulary: int) -> Any:
    import torch
    import transformers

    torch.manual_seed(0)
    config, more = CONFIGS[name]
    sizes = {
        "vocab_size": vocabulary,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "pad_token_id": 0,
        "bos_token_id": None,
        "eos_token_id": 1,
    }
    model = transformers.AutoModelForCausalLM.from_config(getattr(transformers, config)(**sizes | more))
    model.eval()
    return model


def folder(path: Path, name: str = "llama") -> Path:
    """A model folder as `save_pretrained` writes it."""
    words = tokenizer()
    causal(name, len(words)).save_pretrained(path)
    words.save_pretrained(path)
    return path


def weights(path: Path) -> dict[str, bytes]:
    """The bytes of all weights in a folder."""
    return {file.name: file.read_bytes() for file in sorted(path.glob("*.safetensors"))}
