"""stats and clean: what they print and write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pointline import jsonl
from pointline.sample import Entity, Sample

Run = Callable[..., Any]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    def sample(id: str, text: str, label: str) -> Sample:
        return Sample(id, text, "en", [label], [Entity("x", text[:4], 0, 4)], split=id[:2])

    train = [sample("tr1", "play jazz", "a"), sample("tr2", "play jazz", "a"), sample("tr3", "play rock", "a")]
    train += [sample("tr4", "stop rock", "a"), sample("tr5", "stop rock", "b")]
    jsonl.write(tmp_path / "train.jsonl", train)
    jsonl.write(tmp_path / "test.jsonl", [sample("te1", "play rock", "a")])
    return tmp_path / "train.jsonl", tmp_path / "test.jsonl"


def test_clean_drops_with_a_reason_and_counts_all(pointline: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    train, test = files
    ran = pointline("clean", "--train", train, "--test", test, "--out", tmp_path / "out")
    assert ran.code == 0
    assert "in_test" in ran.out
    assert [s.id for s in jsonl.read(tmp_path / "out" / "train.jsonl")] == ["tr1"]
    assert [s.id for s in jsonl.read(tmp_path / "out" / "test.jsonl")] == ["te1"]
    dropped = [json.loads(line) for line in (tmp_path / "out" / "dropped.jsonl").read_text().splitlines()]
    assert {row["id"]: row["reason"] for row in dropped} == {
        "tr2": "duplicate",
        "tr3": "in_test",
        "tr4": "conflict",
        "tr5": "conflict",
    }
    told = json.loads(pointline("clean", "--train", train, "--out", tmp_path / "b", "--json").out)
    assert told == json.loads((tmp_path / "b" / "report.json").read_text())


def test_clean_refuses_what_it_does_not_know(pointline: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    for words in (["--rules", "nothing"], ["--set", "shrt=3"], []):
        given = ["--train", files[0]] if words else []
        ran = pointline("clean", *given, *words, "--out", tmp_path / "out")
        assert ran.code == 2
        assert len(ran.err.splitlines()) == 1
        assert not (tmp_path / "out").exists()


def test_stats_count_levels_and_names(pointline: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    told = json.loads(pointline("stats", *files, "--json").out)
    assert told["total"]["samples"] == 6
    assert told["by_split"]["tr"]["labels"]["names"] == {"a": 4, "b": 1}
    shown = pointline("stats", files[0]).out
    assert "entities" in shown
    assert "relations" not in shown
    (tmp_path / "empty.jsonl").touch()
    assert pointline("stats", tmp_path / "empty.jsonl").code == 1


def test_records_add_up_whether_from_samples_or_saved(pointline: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    both = json.loads(pointline("stats", *files, "--json").out)
    assert both["record"]["#Instance"] == {"te": 1, "tr": 5}
    assert both["record"]["Schema"] == ["x"]
    assert both["licence"] == "not stated"
    saved = tmp_path / "train.json"
    assert pointline("stats", files[0], "--out", saved).code == 0
    assert json.loads(pointline("stats", saved, files[1], "--json").out) == both
    for text in ("{", "{}", "[]", '{"total": {"samples": "many"}}'):
        saved.write_text(text)
        ran = pointline("stats", saved)
        assert (ran.code, len(ran.err.splitlines())) == (1, 1)
        assert "holds no data record" in ran.err


def test_a_card_tells_domain_and_licence(pointline: Run, tmp_path: Path) -> None:
    jsonl.write(tmp_path / "a.jsonl", [Sample("1", "play jazz", "en", ["a"], source="snips_slotgated")])
    told = json.loads(pointline("stats", tmp_path / "a.jsonl", "--json").out)
    card = json.loads(pointline("datasets", "show", "snips_slotgated", "--json").out)
    assert (told["record"]["Domain"], told["licence"]) == (card["domain"], card["licence"])


def test_corpora_are_cleaned_of_one_another(pointline: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    for name, moved in (("a", files[0]), ("b", files[1])):
        (tmp_path / name).mkdir()
        moved.rename(tmp_path / name / moved.name)
    ran = pointline("clean", "--corpus", tmp_path / "a", "--corpus", tmp_path / "b", "--out", tmp_path / "out")
    assert ran.code == 0
    assert "in_other_test" in ran.out
    assert [s.id for s in jsonl.read(tmp_path / "out/a/train.jsonl")] == ["tr1"]
    assert [s.id for s in jsonl.read(tmp_path / "out/b/test.jsonl")] == ["te1"]
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "a/train" in page
    assert "in_other_test" in page
    (tmp_path / "c" / "a").mkdir(parents=True)
    (tmp_path / "c" / "a" / "train.jsonl").touch()
    for words in (["--corpus", tmp_path / "c" / "a"], ["--train", tmp_path / "a/train.jsonl"], ["--corpus", tmp_path]):
        ran = pointline("clean", "--corpus", tmp_path / "a", *words, "--out", tmp_path / "no")
        assert (ran.code, len(ran.err.splitlines())) == (2 if "--train" in words else 1, 1)
        assert not (tmp_path / "no").exists()


def test_workers_change_nothing(pointline: Run, files: tuple[Path, Path], tmp_path: Path) -> None:
    for workers in (1, 2):
        ran = pointline("clean", "--train", files[0], "--out", tmp_path / str(workers), "--workers", workers)
        assert ran.code == 0
    for name in ("train.jsonl", "dropped.jsonl"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
