"""Files for other trainers: data and configuration that LLaMA-Factory, axolotl and TRL read as they stand."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from pointline import jsonl
from pointline.errors import Refusal
from pointline.sample import Pair
from pointline.train.generator.settings import GeneratorTraining, chosen

Row: TypeAlias = dict[str, Any]
DATA = "train.jsonl"
LENGTH = 2048
"""Tokens of a sample where the settings name no max_length."""


def train_files(
    pairs: Iterable[Pair], tool: str, out: str | Path, settings: GeneratorTraining, end: str | None = None
) -> list[str]:
    """Write pairs and the settings' recipe for another trainer into the folder `out`; returns the files' names.

    tool: "llama-factory" (`llamafactory-cli train OUT/train.yaml`), "axolotl" (`axolotl train OUT/train.yaml`), "trl"
    (`trl sft --config OUT/train.yaml`). All learn completions only, without a chat template. `end` is the
    end-of-sequence token that axolotl wants written out; by default the one of the model's folder.
    Raises Refusal for an unknown tool, a model that is made on the spot, and where no pair is given.

    >>> import tempfile
    >>> recipe = GeneratorTraining(model="some/model", preset="iepile")
    >>> train_files([Pair("1", "ner", "", "a/NER", "b")], "trl", tempfile.mkdtemp(), recipe)
    ['train.jsonl', 'train.yaml']
    """
    if tool not in TOOLS:
        near = difflib.get_close_matches(tool, TOOLS, n=1)
        raise Refusal(f"unknown trainer {tool!r}; " + (f"did you mean {near[0]!r}?" if near else _known()))
    if settings.fresh:
        raise Refusal(f"{settings.model} is made on the spot, no other trainer knows it; name a model")
    folder, filled = Path(out), chosen(settings)
    if tool == "axolotl":
        end = end or _end_of(filled.model)
    row, config = TOOLS[tool]
    count = jsonl.write(folder / DATA, (row(pair, end or "") for pair in pairs))
    if not count:
        (folder / DATA).unlink()
        raise Refusal("there is no pair to write; give a file of pairs, as `pointline build` writes it")
    names = [DATA]
    if tool == "llama-factory":
        columns = {"prompt": "instruction", "query": "input", "response": "output"}
        _write(
            folder / "dataset_info.json", json.dumps({"pointline": {"file_name": DATA, "columns": columns}}, indent=2)
        )
        names.append("dataset_info.json")
    _write(folder / "train.yaml", _yaml(config(filled, folder)))
    return [*names, "train.yaml"]


def _llama_factory(settings: GeneratorTraining, folder: Path) -> Row:
    """Keys of LLaMA-Factory's `examples/train_*`; the template `empty` adds nothing to prompt and completion."""
    adapters = {"lora_rank": settings.lora_rank, "lora_alpha": settings.lora_alpha} | {
        "lora_dropout": settings.lora_dropout,
        "lora_target": "all",
    }
    four = {"quantization_bit": 4, "quantization_method": "bnb"} if settings.method == "qlora" else {}
    return {
        "model_name_or_path": settings.model,
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "full" if settings.method == "full" else "lora",
        **({} if settings.method == "full" else adapters),
        **four,
        "dataset": "pointline",
        "dataset_dir": str(folder),
        "template": "empty",
        "cutoff_len": settings.max_length or LENGTH,
        "packing": settings.batching == "packed",
        "neat_packing": settings.batching == "packed",
        "train_on_prompt": False,
        "output_dir": str(folder / "model"),
        "optim": "adamw_torch",
        **_trainer(settings),
    }


def _axolotl(settings: GeneratorTraining, folder: Path) -> Row:
    """Keys of axolotl's configuration; `input_output` takes the segments as they are, and a long one stops the run."""
    adapters = {
        "adapter": settings.method,
        "lora_r": settings.lora_rank,
        "lora_alpha": settings.lora_alpha,
        "lora_dropout": settings.lora_dropout,
        "lora_target_linear": True,
    }
    return {
        "base_model": settings.model,
        "load_in_4bit": settings.method == "qlora",
        **({} if settings.method == "full" else adapters),
        "datasets": [{"path": str(folder / DATA), "ds_type": "json", "type": "input_output"}],
        "train_on_inputs": False,
        "sequence_len": settings.max_length or LENGTH,
        "excess_length_strategy": "drop" if settings.on_long == "drop" else "raise",
        "sample_packing": settings.batching == "packed",
        "group_by_length": settings.batching == "grouped",
        "output_dir": str(folder / "model"),
        "micro_batch_size": settings.batch,
        "gradient_accumulation_steps": settings.accumulate,
        "num_epochs": settings.epochs,
        "max_steps": settings.max_steps,
        "learning_rate": settings.learning_rate,
        "lr_scheduler": settings.schedule,
        "warmup_steps": settings.warm_up,
        "optimizer": "adamw_torch",
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.clip,
        "gradient_checkpointing": settings.checkpointing,
        "bf16": settings.precision in ("auto", "bf16"),
        "fp16": settings.precision == "fp16",
        "seed": settings.seed,
    }


def _trl(settings: GeneratorTraining, folder: Path) -> Row:
    """Keys of TRL's `sft` script; max_length null, since TRL cuts longer samples without a word."""
    adapters = {
        "use_peft": True,
        "lora_r": settings.lora_rank,
        "lora_alpha": settings.lora_alpha,
        "lora_dropout": settings.lora_dropout,
        "lora_target_modules": "all-linear",
        "load_in_4bit": settings.method == "qlora",
    }
    return {
        "model_name_or_path": settings.model,
        "dataset_name": str(folder),
        "completion_only_loss": True,
        "max_length": settings.pack_length if settings.batching == "packed" else None,
        "packing": settings.batching == "packed" and settings.pack_length is not None,
        **({} if settings.method == "full" else adapters),
        "output_dir": str(folder / "model"),
        "optim": "adamw_torch",
        **_trainer(settings),
    }


def _trainer(settings: GeneratorTraining) -> Row:
    """The keys that transformers' TrainingArguments share."""
    return {
        "per_device_train_batch_size": settings.batch,
        "gradient_accumulation_steps": settings.accumulate,
        "num_train_epochs": float(settings.epochs or 0),
        "max_steps": settings.max_steps or -1,
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": settings.schedule,
        "warmup_steps": settings.warm_up,
        "weight_decay": settings.weight_decay,
        "max_grad_norm": settings.clip,
        "gradient_checkpointing": settings.checkpointing,
        "bf16": settings.precision in ("auto", "bf16"),
        "fp16": settings.precision == "fp16",
        "seed": settings.seed,
        "report_to": "none",
    }


TOOLS: dict[str, tuple[Callable[[Pair, str], Row], Callable[[GeneratorTraining, Path], Row]]] = {
    "llama-factory": (
        lambda pair, end: {"instruction": pair.prompt, "input": "", "output": pair.completion},
        _llama_factory,
    ),
    "axolotl": (
        lambda pair, end: {
            "segments": [{"label": False, "text": pair.prompt}, {"label": True, "text": pair.completion + end}]
        },
        _axolotl,
    ),
    "trl": (lambda pair, end: {"prompt": pair.prompt, "completion": pair.completion}, _trl),
}
"""How a trainer wants a pair, and its configuration."""


def _end_of(model: str) -> str:
    """The end-of-sequence token that a model's folder names."""
    path = Path(model) / "tokenizer_config.json"
    try:
        told = msgspec.json.decode(path.read_bytes()).get("eos_token")
    except (OSError, msgspec.DecodeError, AttributeError):
        told = None
    if isinstance(told, dict):
        told = told.get("content")
    if not isinstance(told, str):
        raise Refusal(f"{path} names no eos_token, and axolotl wants it written out; say --end (in Python end=)")
    return told


def _known() -> str:
    return "known: " + ", ".join(TOOLS)


def _yaml(values: Row) -> str:
    """One key a line, values as JSON, which YAML reads; floats with a point, since YAML 1.1 takes `1e-05` for text."""
    return "".join(f"{key}: {_value(value)}\n" for key, value in values.items() if value is not None) + "".join(
        f"{key}: null\n" for key, value in values.items() if value is None and key == "max_length"
    )


def _value(value: Any) -> str:
    if isinstance(value, float):
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    return json.dumps(value, ensure_ascii=False)


def _write(path: Path, text: str) -> None:
    with jsonl.writing(path) as file:
        file.write(text.rstrip("\n").encode() + b"\n")
