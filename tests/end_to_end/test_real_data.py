"""The main job walked on real data sets, from their own files to a score, by command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from pointline import jsonl
from pointline.sample import faults

WALKS = {
    "snips_slotgated": ("test", {"labels", "entities"}),
    "xsid_0.7": ("dev", {"labels", "entities"}),
    "stockmark_ner_wikipedia_ja": (None, {"entities"}),
    "chabsa_ja": (None, {"labels", "entities"}),
    "cluener_zh": ("test", {"entities"}),
}


def pointline(*words: object) -> Any:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pointline", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if "--json" in words else done.stdout


@pytest.mark.parametrize("name", WALKS)
def test_from_source_files_to_a_score(shared_data: Path, tmp_path: Path, name: str) -> None:
    split, levels = WALKS[name]
    whole = tmp_path / "whole.jsonl"
    pointline("convert", shared_data / name, "--card", name, *(["--split", split] if split else []), "--out", whole)
    samples = list(islice(jsonl.read(whole), 700))
    assert not [fault for sample in samples for fault in faults(sample)]
    cut = len(samples) * 3 // 4
    train, test = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    jsonl.write(train, samples[:cut])
    jsonl.write(test, samples[cut:])
    report = pointline("clean", "--train", train, "--test", test, "--out", tmp_path / "clean", "--json")
    for file in report["files"]:
        assert file["read"] == file["kept"] + sum(file["dropped"].values())
    test = tmp_path / "clean" / "test.jsonl"
    pointline("train", tmp_path / "clean" / "train.jsonl", "--out", tmp_path / "model", "--max-steps", 25)
    pointline("predict", tmp_path / "model", test, "--out", tmp_path / "answers.jsonl")
    answers = list(jsonl.read(tmp_path / "answers.jsonl"))
    assert [a.text for a in answers] == [s.text for s in jsonl.read(test)]
    assert all((answer.labels is not None) == ("labels" in levels) for answer in answers)
    score = pointline("score", test, tmp_path / "answers.jsonl", "--json")
    assert {"TL", "WL", "ALL"} & set(score) == ({"TL", "WL", "ALL"} if "labels" in levels else {"WL"})
    assert all(0 <= score[level]["f1"] <= 100 for level in {"TL", "WL", "ALL"} & set(score))
    if name == "snips_slotgated":
        assert score["TL"]["f1"] > 30, "25 steps should already tell seven intents apart better than chance"
