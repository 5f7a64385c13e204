"""build and decode: pairs out, answers back, gold scores 100, faults are one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pointline import jsonl
from pointline.corpora.synthetic.generator import generate
from pointline.sample import Sample

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gold") / "gold.jsonl"
    jsonl.write(path, [s for s in generate(per_task=40)["test"] if s.labels and not s.meta.get("planted")])
    return path


def untriggered(sample: Sample) -> Sample:
    for event in sample.events or ():
        event.trigger = None
    return sample


@pytest.mark.parametrize("format", ["oiellm", "giellm", "usa", "slg", "plain", "iepile"])
def test_gold_goes_out_and_comes_back(pointline: Run, gold: Path, tmp_path: Path, format: str) -> None:
    pairs, raw, answers, held = (tmp_path / f"{name}.jsonl" for name in ("pairs", "raw", "answers", "held"))
    words = ["--keep-id"] if format == "iepile" else ["--drop-triggers"]
    built = json.loads(pointline("build", gold, "--format", format, "--out", pairs, *words, "--json").out)
    assert set(built.get("refused", ())) == ({"level_not_held"} if format == "usa" else set())
    rows = [json.loads(line) for line in pairs.read_text().splitlines()]
    assert built["rows"] == len(rows)
    said = "output" if format == "iepile" else "completion"
    raw.write_text("".join(json.dumps({"id": row["id"], "raw": row[said]}) + "\n" for row in rows))
    ids = {row["id"] for row in rows}
    jsonl.write(held, (s if format == "iepile" else untriggered(s) for s in jsonl.read(gold) if s.id in ids))
    ran = pointline("decode", raw, "--gold", held, "--format", format, "--out", answers)
    assert ran.code == 0, ran.err
    scored = json.loads(pointline("score", held, answers, "--json").out)
    levels = {"WL"} if format == "iepile" else {"TL", "WL", "ALL"}
    assert {level: scored[level]["f1"] for level in levels} == dict.fromkeys(levels, 100.0)


def test_a_trigger_that_a_format_cannot_hold_is_refused_and_counted(pointline: Run, gold: Path, tmp_path: Path) -> None:
    told = json.loads(pointline("build", gold, "--format", "oiellm", "--out", tmp_path / "p.jsonl", "--json").out)
    with_trigger = [s for s in jsonl.read(gold) if any(event.trigger for event in s.events or ())]
    assert told["refused"] == {"trigger_not_held": len(with_trigger)}


def test_damaged_outputs_are_read_and_counted(pointline: Run, tmp_path: Path) -> None:
    jsonl.write(tmp_path / "gold.jsonl", [Sample("1", "Ann sang", "en", ["culture"], [])])
    (tmp_path / "raw.jsonl").write_text(json.dumps({"id": "1", "raw": "I think: culture"}) + "\n")
    words = ["--gold", tmp_path / "gold.jsonl", "--format", "oiellm", "--out", tmp_path / "a.jsonl"]
    told = json.loads(pointline("decode", tmp_path / "raw.jsonl", *words, "--json").out)
    assert (told["decoded"], told["damaged"], told["missing"]) == (1, 1, 0)
    answer = next(iter(jsonl.read(tmp_path / "a.jsonl")))
    assert answer.raw == "I think: culture"
    assert answer.problems


def test_faults_are_one_line(pointline: Run, gold: Path, tmp_path: Path) -> None:
    raw = tmp_path / "raw.jsonl"
    raw.write_text('{"id": "nobody", "raw": "x"}\n')
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    out = ["--out", tmp_path / "o.jsonl"]
    for words, message in (
        (["build", gold, "--format", "oielm", *out], "did you mean 'oiellm'"),
        (["build", empty, "--format", "oiellm", *out], "holds no sample"),
        (["build", gold, "--format", "oiellm", "--task", "nothing", *out], "nothing"),
        (["decode", raw, "--gold", gold, "--format", "oiellm", *out], "nobody"),
        (["decode", empty, "--gold", gold, "--format", "oiellm", *out], "holds no output"),
        (["decode", gold, "--gold", gold, "--format", "oiellm", *out], "raw"),
    ):
        ran = pointline(*words)
        assert ran.code == 1, words
        assert message in ran.err, ran.err
        assert len(ran.err.strip().splitlines()) == 1
        assert not (tmp_path / "o.jsonl").exists()
