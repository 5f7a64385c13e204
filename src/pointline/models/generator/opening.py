"""Opening a model's files: weights, adapters and tokenizer, from a folder or a hub name, on the device at hand."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import torch
import transformers

from pointline.errors import MissingExtra, ModelFault, SettingsFault
from pointline.models.damaged import DAMAGED
from pointline.models.generator.settings import GeneratorSettings

ADAPTER = "adapter_config.json"
_SAMPLED = 1 << 20
_LIMITS = ("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length")


class Opened(NamedTuple):
    """A model ready to generate. `limit`: positions it has, None where it has no bound."""

    model: Any
    tokenizer: Any
    architecture: Literal["causal", "seq2seq"]
    limit: int | None
    device: torch.device


def open_model(name: str | Path, settings: GeneratorSettings) -> Opened:
    """Open a Hugging Face model or an adapter of one; raises ModelFault or SettingsFault with one line."""
    device = _device(settings.device)
    dtype = _dtype(settings.dtype, device)
    adapter = _adapter(Path(name))
    base = adapter or str(name)
    with _quiet(), _told(name):
        config = transformers.AutoConfig.from_pretrained(base)
        kind = transformers.AutoModelForSeq2SeqLM if config.is_encoder_decoder else transformers.AutoModelForCausalLM
        tokenizer = transformers.AutoTokenizer.from_pretrained(str(name))
        model = kind.from_pretrained(base, dtype=dtype)
        if adapter:
            model = _adapted(model, name, len(tokenizer))
        model = model.to(device).eval()
    if tokenizer.eos_token_id is None:
        raise ModelFault(f"{name}: the tokenizer has no end token, so answers have no end; give it one and train")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.padding_side = "right" if config.is_encoder_decoder else "left"
    text = config.get_text_config()
    limit = next((value for key in _LIMITS if isinstance(value := getattr(text, key, None), int) and value > 0), None)
    architecture: Literal["causal", "seq2seq"] = "seq2seq" if config.is_encoder_decoder else "causal"
    return Opened(model, tokenizer, architecture, limit, device)


def fingerprint(name: str | Path) -> str:
    """SHA-256 over a folder's files; of large ones over their size, beginning and end."""
    seen = hashlib.sha256(str(name).encode() if not Path(name).is_dir() else b"")
    for path in sorted(Path(name).glob("*")) if Path(name).is_dir() else ():
        if path.is_file() and path.suffix in (".json", ".safetensors", ".bin", ".model", ".txt", ".jinja"):
            size = path.stat().st_size
            seen.update(f"{path.name}\n{size}\n".encode())
            with open(path, "rb") as file:
                seen.update(file.read(_SAMPLED))
                if size > _SAMPLED:
                    file.seek(max(_SAMPLED, size - _SAMPLED))
                    seen.update(file.read())
    return seen.hexdigest()


def _device(told: str) -> torch.device:
    if told == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(told)
    except RuntimeError:
        raise SettingsFault(f"device: {told!r} is no device; say auto, cpu or cuda") from None
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SettingsFault(f"device: {told!r} is not here; say auto or cpu")
    return device


def _dtype(told: str, device: torch.device) -> torch.dtype:
    if told != "auto":
        found: torch.dtype = getattr(torch, told)
        return found
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def _adapter(folder: Path) -> str | None:
    """The base model of an adapter's folder; None where the folder holds a whole model."""
    if not (folder / ADAPTER).is_file():
        return None
    try:
        import peft
    except ModuleNotFoundError as error:
        raise MissingExtra("hf", error.name or "peft") from error
    base = peft.PeftConfig.from_pretrained(str(folder)).base_model_name_or_path
    if not base:
        raise ModelFault(f"{folder / ADAPTER}: base_model_name_or_path is missing; write the base model's path there")
    return str(base)


def _adapted(model: Any, name: str | Path, tokens: int) -> Any:
    import peft

    rows = model.get_input_embeddings().num_embeddings
    if tokens > rows:
        raise ModelFault(
            f"{name}: the tokenizer has {tokens:,} tokens, the base model {rows:,}; adapt the model it was trained on"
        )
    return peft.PeftModel.from_pretrained(model, str(name)).merge_and_unload()


@contextlib.contextmanager
def _told(name: str | Path) -> Iterator[None]:
    """Whatever the libraries say of a model that cannot be opened, as one line."""
    try:
        yield
    except DAMAGED as error:
        if isinstance(error, ModelFault):
            raise
        if not Path(name).exists() and str(name).count("/") != 1:
            raise ModelFault(f"{name}: there is no such folder; give a model's folder or its name on the hub") from None
        line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise ModelFault(f"{name}: the model cannot be opened ({line[:200]})") from None


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the libraries' progress bars and advice."""
    before = transformers.logging.get_verbosity()
    bars = transformers.logging.is_progress_bar_enabled()
    transformers.logging.set_verbosity(logging.ERROR)
    transformers.logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        transformers.logging.set_verbosity(before)
        if bars:
            transformers.logging.enable_progress_bar()
