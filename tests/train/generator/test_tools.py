"""Files for other trainers: their keys, the recipe's values, completions alone learned, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pointline.errors import Refusal
from pointline.sample import Pair
from pointline.train.generator.settings import GeneratorTraining
from pointline.train.generator.tools import TOOLS, train_files

yaml = pytest.importorskip("yaml")

PAIRS = [
    Pair("1", "ner", "s", "東京 と 😀\n次/NER", "/NER/:地名;東京"),
    Pair("2", "ner", "s", 'say "hi"/NER', "x/NER/"),
]
RECIPE = GeneratorTraining(model="some/model", preset="iepile")


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("tool", TOOLS)
def test_the_recipe_stands_in_the_configuration(tmp_path: Path, tool: str) -> None:
    names = train_files(PAIRS, tool, tmp_path, RECIPE, end="</s>")
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    config = yaml.safe_load((tmp_path / "train.yaml").read_text("utf-8"))
    assert config["learning_rate"] == 5e-5
    assert config["gradient_accumulation_steps"] == 4
    assert 64 in (config.get("lora_r"), config.get("lora_rank"))
    assert 20 in (config.get("micro_batch_size"), config.get("per_device_train_batch_size"))
    full = GeneratorTraining(model="some/model", preset="oiellm")
    train_files(PAIRS, tool, tmp_path / "full", full, end="</s>")
    config = yaml.safe_load((tmp_path / "full" / "train.yaml").read_text("utf-8"))
    assert config["learning_rate"] == 1e-5
    assert not any("lora" in key and key != "finetuning_type" for key in config)
    assert config["warmup_steps"] == 100


def test_llama_factory(tmp_path: Path) -> None:
    train_files(PAIRS, "llama-factory", tmp_path, RECIPE)
    info = json.loads((tmp_path / "dataset_info.json").read_bytes())
    config = yaml.safe_load((tmp_path / "train.yaml").read_text("utf-8"))
    columns = info[config["dataset"]]["columns"]
    [first, _] = rows(tmp_path / info[config["dataset"]]["file_name"])
    assert first[columns["prompt"]] == PAIRS[0].prompt
    assert first[columns["response"]] == PAIRS[0].completion
    assert (config["template"], config["stage"], config["finetuning_type"]) == ("empty", "sft", "lora")
    assert config["dataset_dir"] == str(tmp_path)


def test_axolotl(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "tokenizer_config.json").write_text('{"eos_token": {"content": "<|end|>"}}')
    recipe = GeneratorTraining(model=str(tmp_path / "m"), batching="packed")
    train_files(PAIRS, "axolotl", tmp_path / "out", recipe)
    config = yaml.safe_load((tmp_path / "out" / "train.yaml").read_text("utf-8"))
    [data] = config["datasets"]
    assert data["type"] == "input_output"
    [first, _] = rows(Path(data["path"]))
    assert first["segments"] == [
        {"label": False, "text": PAIRS[0].prompt},
        {"label": True, "text": PAIRS[0].completion + "<|end|>"},
    ]
    assert (config["excess_length_strategy"], config["sample_packing"]) == ("raise", True)
    with pytest.raises(Refusal, match="names no eos_token"):
        train_files(PAIRS, "axolotl", tmp_path / "out", RECIPE)


def test_trl(tmp_path: Path) -> None:
    train_files(PAIRS, "trl", tmp_path, RECIPE)
    config = yaml.safe_load((tmp_path / "train.yaml").read_text("utf-8"))
    assert config["max_length"] is None
    assert config["completion_only_loss"] is True
    assert config["lora_target_modules"] == "all-linear"
    assert rows(Path(config["dataset_name"]) / "train.jsonl") == [
        {"prompt": pair.prompt, "completion": pair.completion} for pair in PAIRS
    ]
    datasets = pytest.importorskip("datasets")
    read = datasets.load_dataset("json", data_files=str(tmp_path / "train.jsonl"), cache_dir=str(tmp_path / "c"))
    assert read["train"][0]["prompt"] == PAIRS[0].prompt


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="unknown trainer 'axolot'; did you mean 'axolotl'"):
        train_files(PAIRS, "axolot", tmp_path, RECIPE)
    with pytest.raises(Refusal, match="made on the spot"):
        train_files(PAIRS, "trl", tmp_path, GeneratorTraining())
    with pytest.raises(Refusal, match="no pair to write"):
        train_files([], "trl", tmp_path, RECIPE)
    assert not any(tmp_path.iterdir())
