"""How likely a model finds each whole word in the template's place: log probabilities (texts, words).

A masked model sees as many masks as a word has pieces and each piece counts at its mask; an encoder-decoder (T5's way)
sees `<extra_id_0>` there and says the word behind `<extra_id_0>`; a causal one goes on behind the template's left part.
The latter two say each piece after the ones before it, so that the sum is the probability of the whole word.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor

from pointline.studies.verbalizer.prefixes import Cut, prefixes
from pointline.studies.verbalizer.template import Template

Kind: TypeAlias = Literal["masked", "seq2seq", "causal"]
SENTINEL = "<extra_id_0>"
CELLS = 1 << 26
"""Logits held at once, rows x places x vocabulary."""


class Scorer(ABC):
    """Scores words by one model. `cuts`: the words' pieces; `rows`: rows read at once."""

    def __init__(self, model: Any, tokenizer: Any, template: Template, rows: int = 256) -> None:
        self.model, self.tokenizer, self.template, self.rows = model, tokenizer, template, rows
        self.cuts: list[Cut] = []

    @abstractmethod
    def sums(self, texts: Sequence[str]) -> Tensor:
        """The sum of the log probabilities of each word's pieces: (N, W)."""

    def __call__(self, texts: Sequence[str], length: Literal["sum", "mean"] = "sum") -> Tensor:
        """Log probability of each word (N, W); with `mean` divided by its pieces."""
        found = self.sums(texts)
        if length == "sum":
            return found
        return found / torch.tensor([len(cut) for cut in self.cuts], device=found.device)

    def _encoded(self, sentences: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Padded ids and mask on the model's device, special tokens as the model wants them."""
        rows = [self.tokenizer(sentence)["input_ids"] for sentence in sentences]
        pad = self.tokenizer.pad_token_id or 0
        return _padded(rows, pad, self.model.device)

    def _chunk(self, places: int, texts: int = 1) -> int:
        """How many word rows fit for so many texts."""
        size = texts * max(1, places) * int(self.model.config.get_text_config().vocab_size)
        return max(1, min(self.rows // texts, CELLS // size))

    def _taken(self, logs: Tensor, row_at: int, wanted: Sequence[tuple[int, int]], out: list[Tensor | None]) -> None:
        """Sum what words get from log probabilities (N, rows, places, V) of rows `row_at` and on."""
        for word, row in wanted:
            pieces = torch.tensor(self.cuts[word], device=logs.device)
            found = logs[:, row - row_at, torch.arange(len(pieces), device=logs.device), pieces]
            out[word] = found.sum(-1)


class Masked(Scorer):
    """BERT's kind: one pass for each number of pieces."""

    def sums(self, texts: Sequence[str]) -> Tensor:
        """See Scorer."""
        by_size: defaultdict[int, list[int]] = defaultdict(list)
        for word, cut in enumerate(self.cuts):
            by_size[len(cut)].append(word)
        mask = self.tokenizer.mask_token
        out: list[Tensor | None] = [None] * len(self.cuts)
        for size, words in sorted(by_size.items()):
            ids, attention = self._encoded([self.template.filled(text, mask * size) for text in texts])
            logits = self.model(input_ids=ids, attention_mask=attention).logits
            places = ids.eq(self.tokenizer.mask_token_id).nonzero()[:, 1].reshape(len(texts), size)
            rows = torch.arange(len(texts), device=ids.device)[:, None]
            logs = logits[rows, places].float().log_softmax(-1)
            self._taken(logs[:, None], 0, [(word, 0) for word in words], out)
        return _stacked(out)


class Seq2Seq(Scorer):
    """T5's kind: the texts are encoded once, the decoder reads each row of pieces beside each text."""

    def sums(self, texts: Sequence[str]) -> Tensor:
        """See Scorer."""
        ids, attention = self._encoded([self.template.filled(text, SENTINEL) for text in texts])
        encoded = self.model.get_encoder()(input_ids=ids, attention_mask=attention).last_hidden_state
        held = prefixes(self.cuts)
        start = [self.model.config.decoder_start_token_id, self.tokenizer.convert_tokens_to_ids(SENTINEL)]
        out: list[Tensor | None] = [None] * len(self.cuts)
        step = self._chunk(max(map(len, held.rows)) + 2, len(texts))
        for at in range(0, len(held.rows), step):
            rows = held.rows[at : at + step]
            fed, mask = _padded([[*start, *row] for row in rows], 0, ids.device)
            logits = self.model(
                encoder_outputs=(encoded.repeat_interleave(len(rows), 0),),
                attention_mask=attention.repeat_interleave(len(rows), 0),
                decoder_input_ids=fed.repeat(len(texts), 1),
                decoder_attention_mask=mask.repeat(len(texts), 1),
            ).logits[:, 1:]
            logs = logits.float().log_softmax(-1).reshape(len(texts), len(rows), *logits.shape[1:])
            self._taken(logs, at, _within(held.row_of, at, step), out)
        return _stacked(out)


class Causal(Scorer):
    """GPT's kind: the template's left part is read once for a chunk of rows, the rows beside its cache."""

    def sums(self, texts: Sequence[str]) -> Tensor:
        """See Scorer."""
        return torch.stack([self._one(text) for text in texts])

    def _one(self, text: str) -> Tensor:
        ids = torch.tensor([self._prompt(text)], device=self.model.device)
        held = prefixes(self.cuts)
        out: list[Tensor | None] = [None] * len(self.cuts)
        step = self._chunk(max(map(len, held.rows)) + 1)
        for at in range(0, len(held.rows), step):
            rows = held.rows[at : at + step]
            first = self.model(input_ids=ids, use_cache=True)
            logits = first.logits[:, -1:].expand(len(rows), -1, -1)
            if any(rows):
                cache = first.past_key_values
                cache.batch_repeat_interleave(len(rows))
                fed, mask = _padded(rows, 0, ids.device)
                seen = torch.cat([ids.new_ones(len(rows), ids.shape[1]), mask], 1)
                more = self.model(input_ids=fed, attention_mask=seen, past_key_values=cache, use_cache=True).logits
                logits = torch.cat([logits, more], 1)
            self._taken(logits.float().log_softmax(-1)[None], at, _within(held.row_of, at, step), out)
        return _stacked(out)[0]

    def _prompt(self, text: str) -> list[int]:
        """What is read before the word; its blank belongs to the word."""
        ids: list[int] = self.tokenizer(self.template.before(text).rstrip(), add_special_tokens=False)["input_ids"]
        first = self.tokenizer.bos_token_id
        opens = first is not None and self.tokenizer("a")["input_ids"][0] == first
        return [first, *ids] if opens else ids


SCORERS: dict[Kind, type[Scorer]] = {"masked": Masked, "seq2seq": Seq2Seq, "causal": Causal}


def _within(row_of: Sequence[int], at: int, step: int) -> list[tuple[int, int]]:
    return [(word, row) for word, row in enumerate(row_of) if at <= row < at + step]


def _stacked(columns: Sequence[Tensor | None]) -> Tensor:
    return torch.stack([column for column in columns if column is not None], dim=1)


def _padded(rows: Sequence[Sequence[int]], pad: int, device: Any) -> tuple[Tensor, Tensor]:
    """Ids (N, T) padded to the right, and their mask."""
    width = max(map(len, rows))
    ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row in rows], dtype=torch.long, device=device)
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows], device=device)
    return ids, mask
