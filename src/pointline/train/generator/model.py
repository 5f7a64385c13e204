"""The model to train: opened or made, with its tokenizer, adapters put on; what cannot be trained is refused."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
import xxhash

from pointline.errors import MissingExtra, ModelFault, Refusal
from pointline.models.damaged import DAMAGED
from pointline.sample import Pair
from pointline.train.generator.fresh import causal_model, causal_tokenizer, seq2seq_model, seq2seq_tokenizer
from pointline.train.generator.settings import GeneratorTraining
from pointline.train.generator.tokens import Architecture

HALF = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Opened(NamedTuple):
    """A model with its tokenizer; `start` is the first token of an encoder-decoder's answers."""

    model: Any
    tokenizer: Any
    architecture: Architecture
    start: int = 0


def open_model(settings: GeneratorTraining, pairs: Sequence[Pair]) -> Opened:
    """Open the model that the settings name, or make a new one; without adapters yet.

    Raises ModelFault where it cannot be opened, Refusal where its tokenizer has no EOS, MissingExtra for qlora
    without bitsandbytes.
    """
    if settings.fresh and settings.method != "full":
        raise Refusal(f"{settings.model}: a new model has no weights to adapt; leave --lora out")
    if settings.fresh:
        texts = (text for pair in pairs for text in (pair.prompt, pair.completion))
        causal = settings.model == "new:causal"
        tokenizer = (causal_tokenizer if causal else seq2seq_tokenizer)(texts, settings.vocabulary)
        model = (causal_model if causal else seq2seq_model)(tokenizer, settings)
    else:
        with _told(settings.model):
            tokenizer, model = _from_files(settings)
    if tokenizer.eos_token_id is None:
        raise Refusal(f"{settings.model}: its tokenizer has no end-of-sequence token; set eos_token in its folder")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model.config.pad_token_id = tokenizer.pad_token_id
    if not model.config.is_encoder_decoder:
        return Opened(model, tokenizer, "causal")
    start = model.config.decoder_start_token_id
    if start is None:
        raise Refusal(f"{settings.model}: its config names no decoder_start_token_id; set it in config.json")
    return Opened(model, tokenizer, "seq2seq", start)


def with_adapters(opened: Opened, settings: GeneratorTraining) -> Any:
    """The model with LoRA adapters (Hu et al. 2022) on every linear layer but the last; itself for method=full."""
    if settings.method == "full":
        return opened.model
    try:
        import peft
    except ModuleNotFoundError:
        raise MissingExtra("hf", "peft") from None
    model = opened.model
    if settings.method == "qlora":
        model = peft.prepare_model_for_kbit_training(model, use_gradient_checkpointing=settings.checkpointing)
    elif settings.checkpointing:
        model.enable_input_require_grads()
    config = peft.LoraConfig(
        task_type="SEQ_2_SEQ_LM" if opened.architecture == "seq2seq" else "CAUSAL_LM",
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules="all-linear",
    )
    return peft.get_peft_model(model, config)


def longest(opened: Opened, settings: GeneratorTraining) -> int | None:
    """How many tokens fit: as set, else what the model's config says; None: no limit (relative positions)."""
    if settings.max_length is not None:
        return settings.max_length
    config = opened.model.config
    limit = getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None)
    return None if getattr(config, "model_type", "") in ("t5", "mt5", "umt5") else limit


def fingerprint(settings: GeneratorTraining) -> str:
    """A hash of the files of the model that training starts from; its name, where it is new or not a folder."""
    folder = Path(settings.model)
    if settings.fresh or not folder.is_dir():
        return settings.model
    seen = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in (".json", ".safetensors", ".bin", ".model", ".txt"):
            seen.update(path.name.encode() + digest_of(path).encode())
    return seen.hexdigest()


def digest_of(path: Path) -> str:
    """A fast hash of a file's bytes."""
    seen = xxhash.xxh3_64()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            seen.update(block)
    return seen.hexdigest()


def precision_of(settings: GeneratorTraining) -> str:
    """What "auto" means on this machine."""
    if settings.precision != "auto":
        return settings.precision
    return "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "float32"


def _from_files(settings: GeneratorTraining) -> tuple[Any, Any]:
    import transformers

    config = transformers.AutoConfig.from_pretrained(settings.model)
    tokenizer = transformers.AutoTokenizer.from_pretrained(settings.model)
    kind = transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
    half = HALF.get(precision_of(settings), torch.float32)
    dtype = torch.float32 if settings.method == "full" else half
    if settings.method != "qlora":
        return tokenizer, kind.from_pretrained(settings.model, dtype=dtype)
    try:
        importlib.import_module("bitsandbytes")
    except ModuleNotFoundError:
        raise MissingExtra("qlora", "bitsandbytes") from None
    four = transformers.BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=half
    )
    place = {"": int(os.environ.get("LOCAL_RANK", "0"))}
    return tokenizer, kind.from_pretrained(settings.model, dtype=dtype, quantization_config=four, device_map=place)


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn what transformers raises for a folder that is none into one line."""
    if name.startswith("new:"):
        raise ModelFault(f"--model {name}: new models are new:causal and new:seq2seq")
    if not Path(name).exists() and (name.count("/") != 1 or name.startswith((".", "/", "~"))):
        raise ModelFault(f"{name} cannot be opened as a Hugging Face model (there is no such folder); check the path")
    try:
        yield
    except DAMAGED as error:
        what = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelFault(
            f"{name} cannot be opened as a Hugging Face model ({what}); give a folder with config.json"
        ) from None
