"""Grounded against free decoding: what holding every output to its grammar costs.

    python benchmarks/generate.py [--layers 12] [--width 768] [--batch 32] [--tokens 32] [--rounds 3]

A Llama of random weights (over 100 million parameters as set) answers texts of made-up words in the oiellm format,
alternately free and grounded. CPU time: `overhead_percent` is what grounding takes (grammars compiled, tokens masked,
outputs read back) against the rest of the same run, `mask_percent` the masking alone. A step's time holds its share of
the prompt's; grounded answers end sooner, so the steps of both are not to be compared.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import time
from typing import Any, NamedTuple

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
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    words = vocabulary(random.Random(1))
    opened = model(arguments, words)
    rng = random.Random(2)
    texts = [" ".join(rng.choices(words, k=arguments.words)) for _ in range(arguments.batch)]
    taken: dict[str, list[float]] = {"free_step": [], "grounded_step": [], "overhead_percent": [], "mask_percent": []}
    for _ in range(arguments.rounds):
        for grounded in (False, True):
            spent = run(opened, texts, grounded, arguments.tokens)
            taken["grounded_step" if grounded else "free_step"].append(1000 * spent.total / spent.steps)
            if grounded:
                rest = spent.total - spent.mask - spent.around
                taken["overhead_percent"].append(100 * (spent.total / rest - 1))
                taken["mask_percent"].append(100 * spent.mask / rest)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    parameters = opened.model.num_parameters()
    for what, values in taken.items():
        row: dict[str, Any] = {"name": "generate", "what": what, "value": round(statistics.median(values), 2)}
        row |= {"unit": "%" if what.endswith("percent") else "ms", "rounds": arguments.rounds, "rss_mb": rss}
        row |= {"range": [round(min(values), 2), round(max(values), 2)]}
        print(json.dumps(row | {"parameters": parameters, "batch": arguments.batch}), flush=True)


class Spent(NamedTuple):
    """CPU seconds of one batch: all told, in the processor, around it (rows compiled, outputs read back); its steps."""

    total: float
    mask: float
    around: float
    steps: int


def run(opened: Opened, texts: list[str], grounded: bool, tokens: int) -> Spent:
    """Answer the texts once."""
    bound = codec("oiellm", Ask(SCHEMA))
    search = Search(opened, GeneratorSettings())
    prompts = [opened.tokenizer(f"{text}/NER")["input_ids"][:40] for text in texts]
    grounder = Grounder(opened.tokenizer)
    masking = 0.0
    call = Grounding.__call__

    def timed(self: Grounding, ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        nonlocal masking
        start = time.process_time()
        held = call(self, ids, scores)
        masking += time.process_time() - start
        return held

    Grounding.__call__ = timed  # type: ignore[method-assign]
    try:
        times = [time.process_time()]
        grammars = [bound.grammar(Sample("1", text, "en"))[0] if grounded else None for text in texts]
        rows = [grounder.row(grammar) if grammar else None for grammar in grammars]
        times.append(time.process_time())
        found = search(prompts, rows, tokens)
        times.append(time.process_time())
        for row, grammar, output in zip(rows, grammars, found, strict=True):
            if row is not None and grammar is not None and replay(row, grammar.source, output.ids) is None:
                raise SystemExit("an output did not read")
        times.append(time.process_time())
    finally:
        Grounding.__call__ = call  # type: ignore[method-assign]
    steps = min(max(len(output.ids) + 1 for output in found), tokens)
    around = times[1] - times[0] + times[3] - times[2]
    return Spent(times[3] - times[0], masking if grounded else 0.0, around, steps)


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
