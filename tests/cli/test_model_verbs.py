"""train, predict, extract, score: the main job by command line, and what breaks it."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pointline import jsonl
from pointline.corpora.synthetic.generator import generate
from pointline.sample import Sample

Run = Callable[..., Any]
QUICK = ["--set", "epochs=3", "--set", "min_steps=1"]


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """train.jsonl and test.jsonl: English topics and entities out of the project's own sample data."""
    folder = tmp_path_factory.mktemp("corpus")
    for split, samples in generate(languages=("en",), per_task=200).items():
        jsonl.write(folder / f"{split}.jsonl", [s for s in samples if s.entities is not None])
    return folder


@pytest.fixture(scope="session")
def model(corpus: Path) -> Path:
    out = corpus / "model"
    words = ["train", corpus / "train.jsonl", "--out", out, "--set", "epochs=12", "--set", "batch=16"]
    subprocess.run([sys.executable, "-m", "pointline", *map(str, words)], check=True, capture_output=True)
    return out


def test_train_says_what_it_did_and_keeps_a_record(pointline: Run, corpus: Path, tmp_path: Path) -> None:
    words = ["train", corpus / "train.jsonl", "--dev", corpus / "dev.jsonl", "--out", tmp_path / "m", *QUICK]
    ran = pointline(*words, "--json")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told == json.loads((tmp_path / "m" / "training.json").read_bytes())
    assert len(told["curve"]) == 3
    assert sorted(path.name for path in (tmp_path / "m").iterdir() if "." in path.name)
    again = pointline(*words)
    assert "3 epochs" in again.out


def test_same_seed_same_weights_another_seed_others(pointline: Run, corpus: Path, tmp_path: Path) -> None:
    weights = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        out = tmp_path / name
        words = ["--set", "epochs=1", "--set", "min_steps=1", "--max-steps", "2", "--seed", seed]
        assert pointline("train", corpus / "dev.jsonl", "--out", out, *words).code == 0
        weights.append((out / "weights.safetensors").read_bytes())
    assert weights[0] == weights[1] != weights[2]


def test_predict_and_score(pointline: Run, corpus: Path, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    ran = pointline("predict", model, corpus / "test.jsonl", "--out", out)
    assert (ran.code, ran.out) == (0, "")
    gold, answers = list(jsonl.read(corpus / "test.jsonl")), list(jsonl.read(out))
    assert [s.id for s in answers] == [s.id for s in gold]
    scored = json.loads(pointline("score", corpus / "test.jsonl", out, "--json").out)
    assert scored["protocol"] == "mre"
    assert 0 < scored["TL"]["low"] <= scored["TL"]["f1"] <= scored["TL"]["high"] <= 100
    assert {"WL", "ALL", "signature"} <= set(scored)
    shown = pointline("score", corpus / "test.jsonl", out)
    assert "95 % interval" in shown.out
    own = json.loads(pointline("score", out, out, "--json").out)
    assert {own[level]["f1"] for level in ("TL", "WL", "ALL")} == {100.0}
    compared = json.loads(pointline("score", corpus / "test.jsonl", out, "--compare", out, "--json").out)
    assert compared["compare"]["WL"]["delta"] == 0


def test_a_label_that_the_model_never_saw_is_told(pointline: Run, corpus: Path, model: Path, tmp_path: Path) -> None:
    strange = [Sample("1", "Alma Lindale sang.", "en", ["opera"], [])]
    jsonl.write(tmp_path / "gold.jsonl", strange)
    assert pointline("predict", model, tmp_path / "gold.jsonl", "--out", tmp_path / "a.jsonl").code == 0
    ran = pointline("score", tmp_path / "gold.jsonl", tmp_path / "a.jsonl")
    assert ran.code == 0
    assert "no answer bears: opera (1)" in ran.err


def test_predict_does_not_read_annotations(pointline: Run, corpus: Path, model: Path, tmp_path: Path) -> None:
    bare = [Sample(s.id, s.text, s.lang) for s in jsonl.read(corpus / "test.jsonl")]
    jsonl.write(tmp_path / "bare.jsonl", bare)
    for name, data in (("a", corpus / "test.jsonl"), ("b", tmp_path / "bare.jsonl")):
        assert pointline("predict", model, data, "--out", tmp_path / name).code == 0
    a, b = (list(jsonl.read(tmp_path / name)) for name in "ab")
    assert [(s.labels, s.entities) for s in a] == [(s.labels, s.entities) for s in b]


def test_predict_killed_and_called_again_ends_in_the_same_bytes(model: Path, tmp_path: Path, pointline: Run) -> None:
    data = tmp_path / "many.jsonl"
    text = "Alma Lindale of Orvane said on Monday that the profit of Harrow Foods rose by 3% in Castell"
    jsonl.write(data, (Sample(str(i), f"{text} {i}") for i in range(6_000)))
    out = tmp_path / "killed.jsonl"
    words = [sys.executable, "-m", "pointline", "predict", str(model), str(data), "--out", str(out)]
    run = subprocess.Popen(words, stderr=subprocess.PIPE)
    partial = tmp_path / ".killed.jsonl.partial"
    while run.poll() is None and (not partial.exists() or partial.stat().st_size < 300_000):
        time.sleep(0.01)
    assert run.poll() is None, "it was done before it could be killed"
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    assert not out.exists()
    small = tmp_path / "small.jsonl"
    jsonl.write(small, (s for i, s in enumerate(jsonl.read(data)) if i < 3000))
    done = pointline("predict", model, data, "--out", out)
    assert done.code == 0
    assert "going on after" in done.err
    assert pointline("predict", model, small, "--out", tmp_path / "whole.jsonl").code == 0
    begin = (tmp_path / "whole.jsonl").read_bytes().splitlines()[:2048]
    assert out.read_bytes().splitlines()[:2048] == begin
    assert sum(1 for _ in jsonl.read(out)) == 6_000


def test_extract(pointline: Run, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Halima Quill of Orvane Labs said on Friday that its profit fell."
    ran = pointline("extract", model, text)
    assert ran.code == 0
    assert text in ran.out
    assert "labels" in ran.out
    told = json.loads(pointline("extract", model, text, "日本語😀", "--json").out)
    assert [sample["text"] for sample in told] == [text, "日本語😀"]
    for sample in told:
        for entity in sample["entities"]:
            assert sample["text"][entity["start"] : entity["end"]] == entity["text"]

    class Stdin:
        buffer = io.BytesIO("one line\nzwei Zeilen 😀\r\n\n".encode())

    monkeypatch.setattr(sys, "stdin", Stdin)
    told = json.loads(pointline("extract", model, "--json").out)
    assert [sample["text"] for sample in told] == ["one line", "zwei Zeilen 😀"]


def test_a_schema_narrows_and_unknown_names_are_refused(pointline: Run, model: Path, tmp_path: Path) -> None:
    schema = tmp_path / "schema.json"
    schema.write_bytes(msgspec.json.encode({"entities": ["person"]}))
    text = "Halima Quill of Orvane Labs said on Friday that its profit fell."
    told = json.loads(pointline("extract", model, text, "--schema", schema, "--json").out)
    assert "labels" not in told[0]
    assert {entity["type"] for entity in told[0]["entities"]} <= {"person"}
    schema.write_bytes(msgspec.json.encode({"entities": ["dragon"]}))
    ran = pointline("extract", model, text, "--schema", schema)
    assert ran.code == 1
    assert "'dragon'" in ran.err


def test_faults_are_one_line(pointline: Run, corpus: Path, model: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    unannotated = tmp_path / "bare.jsonl"
    jsonl.write(unannotated, [Sample("1", "some text")])
    test = corpus / "test.jsonl"
    for words, message in (
        (["train", empty, "--out", tmp_path / "m"], "holds no sample"),
        (["train", unannotated, "--out", tmp_path / "m"], "annotated"),
        (["train", test, "--out", tmp_path / "m", "--set", "epoch=3"], "did you mean 'epochs'"),
        (["train", test, "--out", tmp_path / "m", "--model", "unheard"], "unheard cannot be opened"),
        (["predict", model, empty, "--out", tmp_path / "a"], "holds no sample"),
        (["predict", tmp_path, test, "--out", tmp_path / "a"], "model.json"),
        (["predict", tmp_path / "no", test, "--out", tmp_path / "a"], "model"),
        (["extract", tmp_path, "text"], "model.json"),
        (["score", test, unannotated], "id"),
        (["score", test, test, "--protocol", "unheard"], "unheard"),
        (["score", unannotated, unannotated], "annotates nothing"),
    ):
        ran = pointline(*words)
        assert ran.code == (2 if "epoch=3" in words else 1), words
        assert message in ran.err, words
        assert len(ran.err.strip().splitlines()) == 1, ran.err
        assert "Traceback" not in ran.err


@pytest.mark.parametrize("name", ["weights.safetensors", "model.json", "words.json"])
def test_a_damaged_model_is_told(pointline: Run, model: Path, tmp_path: Path, name: str) -> None:
    damaged = tmp_path / "model"
    damaged.mkdir()
    for path in model.iterdir():
        if path.is_file():
            content = path.read_bytes()
            (damaged / path.name).write_bytes(content[: len(content) // 2] if path.name == name else content)
    ran = pointline("extract", damaged, "text")
    assert ran.code == 1
    assert name in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_a_model_of_another_version_is_told(pointline: Run, model: Path, tmp_path: Path) -> None:
    other = shutil.copytree(model, tmp_path / "model")
    card = json.loads((other / "model.json").read_bytes())
    (other / "model.json").write_text(json.dumps(card | {"format": 999}))
    ran = pointline("extract", other, "text")
    assert ran.code == 1
    assert "999" in ran.err


def test_weights_that_do_not_fit_are_told(pointline: Run, model: Path, tmp_path: Path) -> None:
    other = shutil.copytree(model, tmp_path / "model")
    card = json.loads((other / "model.json").read_bytes())
    card["network"]["hidden"] += 16
    (other / "model.json").write_text(json.dumps(card))
    ran = pointline("extract", other, "text")
    assert ran.code == 1
    assert "do not fit" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_a_text_of_100000_characters_is_read_whole(pointline: Run, model: Path, tmp_path: Path) -> None:
    unit = "Oona Lindale of Harrow Foods said on Monday that its profit rose. "
    text = unit * (100_000 // len(unit) + 1)
    jsonl.write(tmp_path / "long.jsonl", [Sample("1", text)])
    assert pointline("predict", model, tmp_path / "long.jsonl", "--out", tmp_path / "a.jsonl").code == 0
    answer = next(iter(jsonl.read(tmp_path / "a.jsonl")))
    starts = [entity.start or 0 for entity in answer.entities or ()]
    assert starts
    assert max(starts) > 99_000
    assert min(starts) < 1_000


def test_shards_give_the_same_bytes_whatever_the_workers(
    pointline: Run, corpus: Path, model: Path, tmp_path: Path
) -> None:
    for workers in (2, 3):
        words = ["--workers", workers, "--shards", 4, "--out", tmp_path / f"{workers}.jsonl"]
        assert pointline("predict", model, corpus / "test.jsonl", *words).code == 0
    assert (tmp_path / "2.jsonl").read_bytes() == (tmp_path / "3.jsonl").read_bytes()
    assert not list(tmp_path.glob(".*"))
    answers = list(jsonl.read(tmp_path / "2.jsonl"))
    assert [s.id for s in answers] == [s.id for s in jsonl.read(corpus / "test.jsonl")]
    assert pointline("predict", model, corpus / "test.jsonl", "--out", tmp_path / "one.jsonl").code == 0
    for one, many in zip(jsonl.read(tmp_path / "one.jsonl"), answers, strict=True):
        assert (one.labels, [(e.type, e.start) for e in one.entities or ()]) == (
            many.labels,
            [(e.type, e.start) for e in many.entities or ()],
        )


def test_faults_of_shards_are_one_line(pointline: Run, model: Path, tmp_path: Path) -> None:
    bad, empty = tmp_path / "bad.jsonl", tmp_path / "empty.jsonl"
    bad.write_text('{"id": "1", "text": "a"}\n\n{"id": "2"}\n')
    empty.touch()
    for words, message in (
        ([model, bad], "bad.jsonl:3"),
        ([model, empty], "holds no sample"),
        ([model, "-"], "name files"),
        ([tmp_path / "no", bad], "model.json"),
        ([model, bad, "--free"], "always in form"),
        ([model, bad, "--task", "ner"], "--format"),
    ):
        ran = pointline("predict", *words, "--workers", 2, "--out", tmp_path / "o.jsonl")
        assert ran.code in (1, 2), words
        assert message in ran.err, ran.err
        assert "Traceback" not in ran.err
        assert not (tmp_path / "o.jsonl").exists()
