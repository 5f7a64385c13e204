"""Opens a pretrained model that can be asked for words, and says of which kind it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from pointline.errors import MissingExtra, ModelFault, Refusal
from pointline.studies.verbalizer.scoring import SENTINEL, Kind

SANE = 1_000_000
"""Tokenizers without a limit claim astronomic ones."""


class Opened(NamedTuple):
    """A model and its tokenizer; `limit`: tokens it reads, None where it has no bound."""

    model: Any
    tokenizer: Any
    kind: Kind
    limit: int | None


def open_model(name: str) -> Opened:
    """Open a Hugging Face folder or name, on a GPU where there is one.

    Raises ModelFault where it cannot be opened, Refusal where it has no place for a word to be asked.
    """
    try:
        import torch
        import transformers

        from pointline.train.generator.arguments import quiet
    except ModuleNotFoundError as error:
        raise MissingExtra("hf", error.name or "transformers") from None
    if not Path(name).exists() and (name.count("/") > 1 or name.startswith((".", "/", "~"))):
        raise ModelFault(f"{name} cannot be opened as a Hugging Face model (there is no such folder); check the path")
    try:
        with quiet(None):
            config = transformers.AutoConfig.from_pretrained(name)
            tokenizer = transformers.AutoTokenizer.from_pretrained(name)
            kind = kind_of(config, tokenizer)
            classes = {
                "masked": transformers.AutoModelForMaskedLM,
                "seq2seq": transformers.AutoModelForSeq2SeqLM,
                "causal": transformers.AutoModelForCausalLM,
            }
            model = classes[kind].from_pretrained(name, dtype=torch.float32)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        what = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelFault(f"{name} cannot be opened as a Hugging Face model ({what})") from None
    model.to("cuda" if torch.cuda.is_available() else "cpu")
    return Opened(model.eval(), tokenizer, kind, limit_of(config, tokenizer))


def kind_of(config: Any, tokenizer: Any) -> Kind:
    """Masked where the model has a mask, encoder-decoder where it has T5's sentinels, else causal.

    Raises Refusal for an encoder-decoder without sentinels.
    """
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_FOR_MASKED_LM_MAPPING

    if config.is_encoder_decoder:
        if tokenizer.convert_tokens_to_ids(SENTINEL) in (None, tokenizer.unk_token_id):
            raise Refusal(f"the tokenizer has no {SENTINEL}: of encoder-decoders those of T5's kind can be asked")
        return "seq2seq"
    if tokenizer.mask_token_id is not None and type(config) in MODEL_FOR_MASKED_LM_MAPPING:
        return "masked"
    if type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        raise Refusal(f"a model of type {config.model_type!r} says no words; take a masked, causal or T5-like one")
    return "causal"


def limit_of(config: Any, tokenizer: Any) -> int | None:
    """Tokens that the model reads, as the tokenizer says or, where that says nothing, the config."""
    if tokenizer.model_max_length < SANE:
        return int(tokenizer.model_max_length)
    places = getattr(config.get_text_config(), "max_position_embeddings", None)
    # RoBERTa counts its positions from behind the padding's number.
    taken = (config.pad_token_id or 0) + 1 if "roberta" in str(config.model_type) else 0
    return int(places) - taken if isinstance(places, int) else None
