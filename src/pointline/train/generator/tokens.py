"""Pairs as token ids: prompt and completion apart, then joined; what does not fit or cannot be said is refused."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from pointline.errors import Refusal
from pointline.sample import Pair
from pointline.train.generator.settings import GeneratorTraining

Architecture: TypeAlias = Literal["causal", "seq2seq"]


class Example(NamedTuple):
    """One pair for the model: ids of the prompt and of the completion, which ends in EOS."""

    id: str
    prompt: list[int]
    completion: list[int]

    @property
    def size(self) -> int:
        """Tokens of both."""
        return len(self.prompt) + len(self.completion)


class Tokens:
    """Turns pairs into examples for one tokenizer; counts in `dropped` those that do not fit.

    Prompt and completion are tokenized apart: jointly, a token may reach over the border, and a model that is given
    the prompt alone never sees that token.
    """

    def __init__(self, tokenizer: Any, architecture: Architecture, limit: int | None, on_long: str = "refuse") -> None:
        self._tokenizer, self._architecture = tokenizer, architecture
        self._limit, self._on_long = limit, on_long
        self._unknown = getattr(tokenizer, "unk_token_id", None)
        self.dropped: Counter[str] = Counter()

    def __call__(self, pairs: Sequence[Pair]) -> list[Example]:
        """The examples of the pairs, in order.

        Raises Refusal, naming the id, for a pair that would have to be cut, or holds a character that the tokenizer
        cannot say in its completion.
        """
        if not pairs:
            return []
        prompts = self._prompts([pair.prompt for pair in pairs])
        completions = self._completions([pair.completion for pair in pairs])
        examples = []
        for pair, prompt, completion in zip(pairs, prompts, completions, strict=True):
            example = Example(pair.id, prompt, completion)
            if self._fits(example):
                self._check_said(pair, completion)
                examples.append(example)
        return examples

    def _prompts(self, texts: list[str]) -> list[list[int]]:
        rows: list[list[int]] = self._tokenizer(texts, return_attention_mask=False)["input_ids"]
        if self._architecture == "seq2seq":
            return rows
        eos = self._tokenizer.eos_token_id
        return [row[:-1] if row and row[-1] == eos else row for row in rows]

    def _completions(self, texts: list[str]) -> list[list[int]]:
        """A decoder goes on after the prompt: no token opens the completion. An encoder-decoder's own marks stay."""
        eos = self._tokenizer.eos_token_id
        if self._architecture == "causal":
            rows = self._tokenizer(texts, add_special_tokens=False, return_attention_mask=False)["input_ids"]
        else:
            rows = self._tokenizer(text_target=texts, return_attention_mask=False)["input_ids"]
        return [row if row and row[-1] == eos else [*row, eos] for row in rows]

    def _fits(self, example: Example) -> bool:
        longest = max(len(example.prompt), len(example.completion))
        size = example.size if self._architecture == "causal" else longest
        if self._limit is None or size <= self._limit:
            return True
        if self._on_long == "refuse":
            raise Refusal(
                f"{example.id}: {size:,} tokens do not fit max_length = {self._limit:,}, and nothing is cut; raise "
                "max_length, split the text, or say on_long=drop"
            )
        self.dropped["longer than max_length"] += 1
        return False

    def _check_said(self, pair: Pair, completion: list[int]) -> None:
        if self._unknown is not None and self._unknown in completion:
            lacking = "".join(missing_characters(self._tokenizer, [pair.completion]))
            raise Refusal(
                f"{pair.id}: the tokenizer cannot say {lacking or pair.completion!r} of the completion; take a model "
                "whose tokenizer can, another format, or say unknown=add"
            )


def missing_characters(tokenizer: Any, texts: Iterable[str]) -> list[str]:
    """The characters of the texts that the tokenizer has no token for, sorted."""
    unknown = getattr(tokenizer, "unk_token_id", None)
    if unknown is None:
        return []
    known = {
        character
        for token in set(tokenizer.get_vocab()).difference(tokenizer.all_special_tokens)
        for character in token
    }
    seen = sorted({character for text in texts for character in text} - known)
    if not seen:
        return []
    rows = tokenizer(seen, add_special_tokens=False, return_attention_mask=False)["input_ids"]
    return [
        character
        for character, row in zip(seen, rows, strict=True)
        if unknown in row or (not row and character.strip())
    ]


def add_characters(tokenizer: Any, model: Any, pairs: Sequence[Pair], settings: GeneratorTraining) -> list[str]:
    """Make tokens of the characters that the tokenizer lacks, and rows of the embedding for them; returns them.

    Raises Refusal with adapters: the new rows would not be trained.
    """
    lacking = missing_characters(tokenizer, (text for pair in pairs for text in (pair.prompt, pair.completion)))
    if not lacking:
        return []
    if settings.method != "full":
        raise Refusal(f"unknown=add needs method=full: adapters would not train the new tokens {''.join(lacking)!r}")
    tokenizer.add_tokens(lacking)
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(len(tokenizer))
    return lacking


def substituted(tokens: Tokens, originals: Sequence[Example], pairs: Sequence[Pair]) -> list[Example]:
    """The examples of pairs whose spans were substituted; the originals where one does not fit or cannot be said."""
    try:
        examples = tokens(pairs)
    except Refusal:
        examples = []
        for pair in pairs:
            with contextlib.suppress(Refusal):
                examples += tokens([pair])
    made = {example.id: example for example in examples}
    return [made.get(example.id, example) for example in originals]
