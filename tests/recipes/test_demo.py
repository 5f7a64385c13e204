"""The demo's whole story, small: what it leaves, what it says, the same each time."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys

import msgspec
import pytest

from pointline import jsonl
from pointline.errors import MissingExtra, SettingsFault
from pointline.models.extractor import load
from pointline.recipes.demo import SENTENCES, demo
from pointline.recipes.demo_page import page
from pointline.recipes.demo_result import Demo, DemoSettings
from pointline.report.page import Prose
from pointline.sample import faults

SMALL = DemoSettings(per_task=20, steps=6)


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def result(tmp_path_factory, told):
    out = tmp_path_factory.mktemp("demo")
    return demo(out, SMALL, lambda *stage: told.append(stage))


@pytest.fixture(scope="module")
def folder(result, tmp_path_factory):
    return tmp_path_factory.getbasetemp() / "demo0"


def _rows(path):
    return list(jsonl.read(path))


def test_it_leaves_data_models_answers_and_a_page(result, folder):
    made, kept = (len(_rows(folder / place / "train.jsonl")) for place in ("data", "clean"))
    left = sum(row.rows for row in result.dropped if row.split == "train")
    assert made - left == kept == sum(row.sentences for row in result.held) - 24 - 72
    for arm in ("joint", "text", "word"):
        assert len(_rows(folder / "answers" / f"{arm}.jsonl")) == len(_rows(folder / "gold.jsonl")) == 72
        assert load(folder / "models" / arm).fingerprint
    assert result.report == str(folder / "report.html")
    assert msgspec.json.decode((folder / "result.json").read_bytes(), type=Demo) == result


def test_each_arm_answers_its_level_alone(result, folder):
    for arm, labels, entities in (("joint", True, True), ("text", True, False), ("word", False, True)):
        for answer in _rows(folder / "answers" / f"{arm}.jsonl"):
            assert (answer.labels is not None, answer.entities is not None) == (labels, entities)


def test_relations_and_events_are_counted_but_not_scored(result, folder):
    assert sum(row.relations for row in result.held) > 20
    assert sum(row.events for row in result.held) > 20
    assert {row.task for row in result.held if row.relations} == {"re"}
    assert result.scores["all"]["TL"].n == 72
    assert result.scores["all"]["WL"].n == 36
    assert set(result.scores) == {"all", "en", "ja", "zh"}
    assert result.scores["all"]["TL"].n == sum(result.scores[lang]["TL"].n for lang in SENTENCES)


def test_planted_faults_are_found(result):
    found = {row.fault: row for row in result.found}
    assert set(found) == {"duplicate", "conflict", "leak", "junk"}
    for fault in ("duplicate", "conflict", "leak"):
        assert found[fault].planted == found[fault].removed > 0
    assert 0 < found["junk"].removed < found["junk"].planted


def test_it_compares_joint_with_single(result):
    assert set(result.deltas) == {"TL", "WL"}
    for level, delta in result.deltas.items():
        assert delta.a == pytest.approx(result.scores["all"][level].value)
        assert delta.low <= delta.delta <= delta.high


def test_it_reads_a_sentence_a_language(result):
    assert {sample.lang: sample.text for sample in result.extracted} == SENTENCES
    for sample in result.extracted:
        assert sample.labels
        assert sample.entities is not None
        assert list(faults(sample)) == []


def test_the_page_is_honest_and_complete(result, folder):
    html = (folder / "report.html").read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.S))
    assert "It proves nothing about reinforcement" in text
    assert "<script" not in html
    for heading in ("Cleaning", "Scores on test", "Joint against single", "Relations and events"):
        assert "<h2" in html
        assert heading in text
    assert SENTENCES["en"].split(",")[0] in text
    for lang in ("en", "ja", "zh"):
        assert f'lang="{lang}"' in html


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0.5, 3.0, "helped"), (-3.0, -0.5, "did not help"), (-1.0, 1.0, "no difference is shown")],
)
def test_the_verdict_follows_the_interval(result, low, high, words):
    delta = msgspec.structs.replace(result.deltas["WL"], low=low, high=high)
    built = page(msgspec.structs.replace(result, deltas={"WL": delta}), [], [])
    said = [
        b.text for s in built.sections if s.heading == "Joint against single" for b in s.blocks if isinstance(b, Prose)
    ]
    assert words in said[0]
    assert said[0].startswith("Word level:")


def test_progress_is_told_in_order(result, told):
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages[:2] == ["generate", "clean"]
    assert stages[-2:] == ["score", "done"]
    assert [s for s in stages if s.startswith("train")] == ["train joint", "train text", "train word"]
    assert all(0 <= step <= steps for _, step, steps in told)


def test_once_more_gives_the_same_bytes(result, folder):
    """Into the same folder again, models and answers removed: data, answers and page do not change."""
    before = {
        name: (folder / name).read_bytes() for name in ("clean/train.jsonl", "answers/joint.jsonl", "report.html")
    }
    shutil.rmtree(folder / "models")
    shutil.rmtree(folder / "answers")
    demo(folder, SMALL)
    assert before == {name: (folder / name).read_bytes() for name in before}


def test_a_missing_extra_is_named_at_once(tmp_path, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "matplotlib" else real(name))
    with pytest.raises(MissingExtra, match=r"pointline\[report\]"):
        demo(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_impossible_settings_are_refused():
    with pytest.raises(SettingsFault, match="per_task"):
        DemoSettings(per_task=3)


@pytest.mark.slow
def test_the_whole_demo_of_the_command_line(tmp_path):
    command = [sys.executable, "-m", "pointline", "demo", "--out", str(tmp_path / "demo"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    joint = json.loads(done.stdout)["scores"]
    assert joint
    assert (tmp_path / "demo" / "report.html").stat().st_size > 10_000
