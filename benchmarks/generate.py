"""Grounded against free decoding: what holding every output to its grammar costs.

    python benchmarks/generate.py [--layers 12] [--width 768] [--batch 32] [--tokens 16] [--rounds 3]

A Llama of random weights (about 100 million parameters as set) answers texts of the built-in generator in the oiellm
format, alternately free and grounded, the same number of steps. `overhead_percent` is wall time a step, rows compiled
and outputs read back included; `mask_percent` the share of the time that is spent in the logits processor.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import time
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from pointline.formats import Ask, codec
from pointline.models.constrain.grounder import Grounder
from pointline.models.constrain.processor import Grounding
from pointline.models.constrain.replay import replay
from pointline.models.generator.opening import Opened
from pointline.models.generator.searching import Search
from pointline.models.generator.settings import GeneratorSettings
from pointline.sample import Sample
from pointline.schema import Schema

SCHEMA = Schema().label("topic", [f"topic {i}" for i in range(20)]).entities([f"kind of thing {i}" for i in range(20)])


def main() -> None:
    """Run both in turn and print medians and ranges."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--vocabulary", type=int, default=16000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--words", type=int, default=25, help="length of the texts")
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    words = vocabulary(random.Random(1))
    opened = model(arguments, words)
    rng = random.Random(2)
    texts = [" ".join(rng.choices(words, k=arguments.words)) for _ in range(arguments.batch)]
    taken: dict[str, list[float]] = {"free": [], "grounded": [], "mask": []}
    for _ in range(arguments.rounds):
        for grounded in (False, True):
            seconds, masking = run(opened, texts, grounded, arguments.tokens)
            taken["grounded" if grounded else "free"].append(seconds)
            if grounded:
                taken["mask"].append(masking)
    free, held = (statistics.median(taken[name]) for name in ("free", "grounded"))
    shares = [100 * mask / whole for mask, whole in zip(taken["mask"], taken["grounded"], strict=True)]
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    parameters = opened.model.num_parameters()
    for what, value, unit, spread in (
        ("free_step", 1000 * free, "ms", [1000 * x for x in taken["free"]]),
        ("grounded_step", 1000 * held, "ms", [1000 * x for x in taken["grounded"]]),
        ("overhead_percent", 100 * (held / free - 1), "%", None),
        ("mask_percent", statistics.median(shares), "%", shares),
    ):
        row: dict[str, Any] = {"name": "generate", "what": what, "value": round(value, 2), "unit": unit}
        row |= {"rounds": arguments.rounds, "rss_mb": rss, "parameters": parameters, "batch": arguments.batch}
        if spread:
            row["range"] = [round(min(spread), 2), round(max(spread), 2)]
        print(json.dumps(row), flush=True)


def run(opened: Opened, texts: list[str], grounded: bool, tokens: int) -> tuple[float, float]:
    """Seconds a step, all told, and of these in the processor."""
    bound = codec("oiellm", Ask(SCHEMA))
    search = Search(opened, GeneratorSettings())
    prompts = [opened.tokenizer(f"{text}/NER")["input_ids"] for text in texts]
    prompts = [prompt[:40] for prompt in prompts]
    masking = 0.0
    call = Grounding.__call__

    def timed(self: Grounding, ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        nonlocal masking
        start = time.perf_counter()
        held = call(self, ids, scores)
        masking += time.perf_counter() - start
        return held

    Grounding.__call__ = timed  # type: ignore[method-assign]
    try:
        begun = time.perf_counter()
        grammars = [bound.grammar(Sample("1", text, "en"))[0] for text in texts]
        grounder = Grounder(opened.tokenizer) if grounded else None
        begun = time.perf_counter()
        rows = [grounder.row(grammar) if grounder else None for grammar in grammars]
        found = search(prompts, rows, tokens)
        for row, grammar, output in zip(rows, grammars, found, strict=True):
            if row is not None and replay(row, grammar.source, output.ids) is None:
                raise SystemExit("an output did not read")
        seconds = time.perf_counter() - begun
    finally:
        Grounding.__call__ = call  # type: ignore[method-assign]
    steps = max(len(output.ids) + 1 for output in found)
    steps = min(steps, tokens)
    return seconds / steps, masking / steps


def vocabulary(rng: random.Random) -> list[str]:
    """Made-up words."""
    parts = ["ka", "lo", "mi", "ren", "sta", "tor", "ul", "vex", "wan", "yo", "zi", "bra", "cel", "dun", "eth", "fo"]
    return ["".join(rng.choices(parts, k=rng.randint(1, 4))) for _ in range(20_000)]


def model(arguments: argparse.Namespace, words: list[str]) -> Opened:
    """A tokenizer learned from the words, and random weights."""
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=arguments.vocabulary, special_tokens=["<|end|>"], initial_alphabet=alphabet, show_progress=False
    )
    tok.train_from_iterator([" ".join(words[i : i + 50]) for i in range(0, len(words), 50)], trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tok, eos_token="<|end|>", pad_token="<|end|>")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=32_000, hidden_size=arguments.width, intermediate_size=4 * arguments.width,
        num_hidden_layers=arguments.layers, num_attention_heads=arguments.width // 64, eos_token_id=0,
        bos_token_id=None, pad_token_id=0, tie_word_embeddings=True,
    )  # fmt: skip
    return Opened(LlamaForCausalLM(config).eval(), fast, "causal", None, torch.device("cpu"))


if __name__ == "__main__":
    main()
