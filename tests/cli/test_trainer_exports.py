"""Data and configurations for other trainers, written by the verb export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pointline import jsonl
from pointline.sample import Entity, Event, Sample, Span

yaml = pytest.importorskip("yaml")

SAMPLES = [
    Sample("1", "play 東京 by Bob", "en", labels=["Play"], entities=[Entity("song", "東京", 5, 7)]),
    Sample("2", "stop", "en", labels=["Stop"], entities=[]),
]
MODEL = ("--model", "some/model", "--format", "oiellm")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    jsonl.write(tmp_path / "s.jsonl", SAMPLES)
    return tmp_path / "s.jsonl"


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("to", "prompt", "completion"),
    [("llama-factory", "instruction", "output"), ("trl", "prompt", "completion"), ("axolotl", None, None)],
)
def test_samples_become_what_a_trainer_reads(pointline, data, tmp_path, to, prompt, completion) -> None:
    out = tmp_path / "out"
    ran = pointline("export", data, "--to", to, *MODEL, "--preset", "iepile", "--set", "batch=3", "--end", "</s>",
              "--out", out, "--json")  # fmt: skip
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["written"] == 2
    assert sorted(told["files"]) == sorted(path.name for path in out.iterdir())
    assert str(out / "train.yaml") in told["run"]
    [first, second] = rows(out / "train.jsonl")
    if to == "axolotl":
        parts = [part["text"] for part in first["segments"]]
        assert parts == ["play 東京 by Bob/NER", "Play/NER/:song;東京</s>"]
    else:
        assert (first[prompt], first[completion]) == ("play 東京 by Bob/NER", "Play/NER/:song;東京")
        assert second[completion] == "Stop/NER/"
    config = yaml.safe_load((out / "train.yaml").read_text("utf-8"))
    assert "some/model" in config.values()
    assert 3 in (config.get("micro_batch_size"), config.get("per_device_train_batch_size"))
    assert config["learning_rate"] == 5e-5


@pytest.mark.parametrize("name", ["giellm", "usa", "iepile"])
def test_the_format_is_the_one_asked_for(pointline, data, tmp_path, name) -> None:
    ran = pointline(
        "export", data, "--to", "trl", "--model", "m", "--format", name, "--task", "ner", "--out", tmp_path / "o"
    )
    assert ran.code == 0, ran.err
    pointline("build", data, "--format", name, "--task", "ner", "--out", tmp_path / "p.jsonl", "--mode", "train")
    completions = [row["completion"] for row in rows(tmp_path / "o" / "train.jsonl")]
    assert completions
    if name == "giellm":
        assert completions == [row["completion"] for row in rows(tmp_path / "p.jsonl")]


def test_pairs_are_taken_as_they_are(pointline, data, tmp_path) -> None:
    assert pointline("build", data, "--format", "giellm", "--out", tmp_path / "p.jsonl").code == 0
    ran = pointline("export", tmp_path / "p.jsonl", "--to", "trl", "--model", "m", "--out", tmp_path / "o")
    assert ran.code == 0, ran.err
    pairs = [(row["prompt"], row["completion"]) for row in rows(tmp_path / "p.jsonl")]
    assert [(row["prompt"], row["completion"]) for row in rows(tmp_path / "o" / "train.jsonl")] == pairs


def test_what_the_format_cannot_hold_is_counted_or_refused(pointline, tmp_path) -> None:
    trigger = Sample("3", "Bob won", "en", labels=["x"], events=[Event("Win", Span("won", 4, 7), [])])
    jsonl.write(tmp_path / "s.jsonl", [*SAMPLES, trigger])
    told = ("export", tmp_path / "s.jsonl", "--to", "trl", *MODEL, "--out", tmp_path / "o")
    ran = pointline(*told)
    assert ran.code == 0
    assert "trigger_not_held" in ran.err
    assert len(rows(tmp_path / "o" / "train.jsonl")) == 2
    strict = pointline(*told[:-1], tmp_path / "strict", "--strict")
    assert strict.code == 1
    assert "trigger_not_held" in strict.err
    assert not (tmp_path / "strict" / "train.jsonl").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "trl"), "say by --model"),
        (("--to", "trl", "--model", "new:causal"), "made on the spot"),
        (("--to", "trl", "--model", "m", "--format", "oielm"), "did you mean 'oiellm'"),
        (("--to", "trl", "--model", "m", "--set", "batches=2"), "batch"),
        (("--to", "axolotl", "--model", "m"), "say --end"),
        (("--to", "conll", "--model", "m"), "belongs to trainers"),
        (("--to", "tlr",), "trl"),
    ],
)  # fmt: skip
def test_faults_are_one_line(pointline, data, tmp_path, words, said) -> None:
    ran = pointline("export", data, *words, "--out", tmp_path / "o")
    assert ran.code in (1, 2)
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert not (tmp_path / "o").exists() or not any((tmp_path / "o").iterdir())
