"""readers, convert, check: what they print, how they stop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pointline import jsonl

Run = Callable[..., Any]
CONLL = "play O\njazz B-genre\n\nby O\nMiles B-artist\nDavis I-artist\n"


def test_convert_and_check(pointline: Run, tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text(CONLL)
    out = tmp_path / "a.jsonl"
    ran = pointline("convert", tmp_path / "a.conll", "--reader", "columns", "--set", "lang=en", "--out", out)
    assert (ran.code, ran.out) == (0, "")
    assert "2 samples" in ran.err
    assert [[(e.text, e.start) for e in s.entities or ()] for s in jsonl.read(out)] == [
        [("jazz", 5)],
        [("Miles Davis", 3)],
    ]
    ran = pointline("check", out)
    assert (ran.code, ran.out) == (0, "")


def test_convert_to_stdout_is_samples_only(pointline: Run, tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text(CONLL)
    ran = pointline("convert", tmp_path / "a.conll", "--reader", "columns", "--set", "lang=en", "--out", "-")
    assert [json.loads(line)["text"] for line in ran.out.splitlines()] == ["play jazz", "by Miles Davis"]


def test_convert_json_is_one_document(pointline: Run, tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("jazz I-genre\n")
    ran = pointline("convert", tmp_path / "a.conll", "--reader", "columns", "--out", tmp_path / "o.jsonl", "--json")
    told = json.loads(ran.out)
    assert told["samples"] == 1
    assert ran.err == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--reader", "nothing"], "unknown reader 'nothing'"),
        (["--reader", "columns", "--set", "tokn=1"], "did you mean 'token"),
        ([], "name a reader or a card"),
        (["--card", "no_such_card"], "no_such_card"),
    ],
)
def test_wrong_wishes_are_one_line(pointline: Run, tmp_path: Path, words: list[str], message: str) -> None:
    (tmp_path / "a.conll").write_text(CONLL)
    ran = pointline("convert", tmp_path / "a.conll", *words, "--out", tmp_path / "o.jsonl")
    assert ran.code == (1 if "--card" in words else 2)
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "o.jsonl").exists()


def test_usage_is_exit_code_2(pointline: Run) -> None:
    assert pointline("convert").code == 2
    assert pointline("nothing").code == 2
    assert pointline("check").code == 2


def test_check_lists_every_fault(pointline: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'{"id": "1", "text": "ab", "entities": [{"type": "X", "text": "b", "start": 0, "end": 1}]}\n'
        b'{"id": "1", "text": "\xff"}\n'
        b'{"id": "1", "text": "ab", "labels": ["x", "x"]}\n'
        b'{"id": "2", "txt": "ab"}\n'
    )
    ran = pointline("check", path)
    assert ran.code == 1
    assert [line.split(": ")[0].rpartition(":")[2] for line in ran.out.splitlines()] == ["1", "2", "3", "4", "3"]
    assert "4 faults" in ran.err
    told = pointline("check", path, "--json")
    assert told.code == 1
    assert [fault["breaks"] for fault in json.loads(told.out)["faults"]] == [True, True, False, True, True]


def test_check_of_an_empty_file(pointline: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.touch()
    ran = pointline("check", path)
    assert ran.code == 1
    assert "no sample" in ran.out


def test_readers(pointline: Run) -> None:
    listed = pointline("readers")
    assert listed.code == 0
    assert {"samples", "parallel", "columns", "spans"} <= {line.split(" ")[0] for line in listed.out.splitlines()}
    assert "--set scheme" in pointline("readers", "columns").out
    assert "columns" in json.loads(pointline("readers", "--json").out)
    assert pointline("readers", "nothing").code == 2


def test_version_and_help(pointline: Run) -> None:
    assert pointline("--version").out.startswith("pointline ")
    assert "convert" in pointline("--help").out


def test_datasets(pointline: Run, tmp_path: Path) -> None:
    assert "snips_slotgated" in pointline("datasets", "list").out
    assert "parallel" in pointline("datasets", "show", "snips_slotgated").out
    assert "licence" in pointline("datasets", "fetch-help", "msra_ner_zh").out
    assert pointline("datasets", "show", "snipz").code == 1
    folder = tmp_path / "data" / "snips_slotgated" / "test"
    folder.mkdir(parents=True)
    for name, line in (("seq.in", "play jazz"), ("seq.out", "O B-genre"), ("label", "PlayMusic")):
        (folder / name).write_text(line + "\n")
    words = ["snips_slotgated", "--root", tmp_path / "data", "--split", "test", "--out", tmp_path / "o.jsonl"]
    assert pointline("datasets", "convert", *words).code == 0
    assert [s.labels for s in jsonl.read(tmp_path / "o.jsonl")] == [["PlayMusic"]]
