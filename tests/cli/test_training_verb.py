"""train with a generative model, by command line: made on the spot, from a folder, from pairs; and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("transformers")

from made_samples import made
from train.generator.tiny import folder

from pointline import jsonl

Run = Callable[..., Any]
SMALL = [f"--set={word}" for word in ("width=32", "heads=2", "layers=1", "vocabulary=330", "batch=8", "dev_samples=2")]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    jsonl.write(tmp_path / "train.jsonl", made(24))
    jsonl.write(tmp_path / "dev.jsonl", made(4, 1))
    return tmp_path


def test_train_a_new_model_and_go_on_where_it_is_finished(pointline: Run, data: Path) -> None:
    words = ["train", data / "train.jsonl", "--dev", data / "dev.jsonl", "--model", "new:causal", "--format", "giellm"]
    words += ["--max-steps", 2, "--seed", 3, "--out", data / "m", *SMALL]
    ran = pointline(*words, "--json")
    assert (ran.code, ran.err.count("Traceback")) == (0, 0)
    told = json.loads(ran.out)
    assert told == json.loads((data / "m" / "training.json").read_bytes())
    assert (told["settings"]["format"], told["settings"]["seed"], told["step"]) == ("giellm", 3, 2)
    assert json.loads((data / "m" / "model.json").read_bytes())["kind"] == "generator"
    before = (data / "m" / "model.safetensors").stat().st_mtime_ns
    again = pointline(*words, "--resume")
    assert "24 samples, 1 epochs" in again.out
    assert (data / "m" / "model.safetensors").stat().st_mtime_ns == before


def test_train_a_model_of_a_folder_with_adapters_on_built_pairs(pointline: Run, data: Path) -> None:
    base = folder(data / "base")
    assert pointline("build", data / "train.jsonl", "--format", "oiellm", "--out", data / "p.jsonl").code == 0
    words = ["train", data / "p.jsonl", "--dev", data / "dev.jsonl", "--model", base, "--lora", "--preset", "iepile"]
    ran = pointline(*words, "--max-steps", 1, "--set", "dev_samples=2", "--out", data / "m", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert (told["settings"]["method"], told["settings"]["accumulate"]) == ("lora", 4)
    assert (data / "m" / "adapter_model.safetensors").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "new:causal", "--preset", "iepil"], "preset 'iepil' is unknown; did you mean 'iepile'?"),
        (["--model", "new:causal", "--format", "oielm"], "unknown format 'oielm'; did you mean 'oiellm'?"),
        (["--model", "new:causal", "--task", "nerr"], "unknown_task: 'nerr'"),
        (["--model", "new:causal", "--set", "epoch=3"], "unknown setting 'epoch'; did you mean 'epochs'?"),
        (["--model", "new:causal", "--lora"], "a new model has no weights to adapt"),
        (["--model", "./absent/folder"], "./absent/folder cannot be opened as a Hugging Face model"),
        (["--model", "new:causal", "--encoder", "x"], "--encoder belongs to --model tagger"),
        (["--encoder", "./absent"], "./absent cannot be opened as a Hugging Face encoder"),
        (["--format", "oiellm"], "--format belongs to generative models"),
        (["--model", "new:seq2seq", "--set", "batching=packed"], "an encoder-decoder cannot tell packed samples apart"),
    ],
)
def test_what_cannot_be_is_one_line(pointline: Run, data: Path, words: list[str], message: str) -> None:
    ran = pointline("train", data / "train.jsonl", "--out", data / "m", *words)
    assert ran.code in (1, 2)
    assert message in ran.err
    assert "Traceback" not in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_an_empty_file_is_one_line(pointline: Run, tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("")
    ran = pointline("train", tmp_path / "none.jsonl", "--model", "new:causal", "--out", tmp_path / "m")
    assert (ran.code, ran.err) == (
        1,
        f"pointline: {tmp_path}/none.jsonl: holds no sample; give a file with at least one JSON line\n",
    )
