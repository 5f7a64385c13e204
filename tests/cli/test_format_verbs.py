"""build and decode: pairs out, answers back, gold scores 100, faults are one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pointline import jsonl
from pointline.corpora.synthetic.generator import generate
from pointline.sample import Entity, Sample

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


NAMES = [f"kind {i}" for i in range(20)]


def instructions(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def singers(tmp_path: Path) -> Path:
    path = tmp_path / "s.jsonl"
    texts = [f"Ann{i} sang" for i in range(40)]
    found = [[Entity(NAMES[i % 20], text[:-5], 0, len(text) - 5)] if i % 4 else [] for i, text in enumerate(texts)]
    jsonl.write(
        path, (Sample(f"s/{i}", t, "en", entities=e) for i, (t, e) in enumerate(zip(texts, found, strict=True)))
    )
    return path


def sizes(rows: list[dict[str, Any]]) -> set[int]:
    return {len(json.loads(row["instruction"])["schema"]) for row in rows}


def test_iepile_asks_in_batches_by_default(pointline: Run, singers: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.jsonl"
    (tmp_path / "schema.json").write_text(json.dumps({"entities": NAMES}))
    words = ["build", singers, "--schema", tmp_path / "schema.json", "--format", "iepile", "--out", out]
    assert pointline(*words).code == 0
    assert sizes(instructions(out)) <= set(range(3, 10))
    assert 6 in sizes(instructions(out))
    assert pointline(*words, "--split-num", "-1").code == 0
    assert sizes(instructions(out)) == {20}
    assert pointline(*words, "--set", "negatives=0").code == 0
    assert len(instructions(out)) < 60
    assert pointline(*words, "--set", "wording=varied", "--set", "guidelines=Mind the hyphens.").code == 0
    said = {json.loads(row["instruction"])["instruction"] for row in instructions(out)}
    assert len(said) == 3
    assert all(one.endswith("Mind the hyphens.") for one in said)
    ran = pointline(*words, "--set", "negative=0")
    assert (ran.code, "unknown setting 'negative'" in ran.err) == (2, True)
    ran = pointline(*words, "--drop-triggers")
    assert (ran.code, "not for --format iepile" in ran.err) == (2, True)


def test_outputs_to_test_batches_are_joined_and_what_lacks_is_said(
    pointline: Run, singers: Path, tmp_path: Path
) -> None:
    rows, raw, out = (tmp_path / f"{name}.jsonl" for name in ("rows", "raw", "answers"))
    assert pointline("build", singers, "--format", "iepile", "--mode", "test", "--out", rows).code == 0
    gold = {sample.id: sample for sample in jsonl.read(singers)}
    lines = []
    for row in instructions(rows):
        said = {
            name: [e.text for e in gold[row["id"]].entities or () if e.type == name]
            for name in json.loads(row["instruction"])["schema"]
        }
        lines.append(json.dumps({"id": row["id"], "raw": json.dumps(said)}))
    raw.write_text("\n".join([*lines[1:], '{"id": "s/39", "raw": "{\\"kind 19\\": []}"}']))
    words = ["decode", raw, "--gold", singers, "--format", "iepile", "--out", out]
    assert pointline(*words).code == 0
    answers = {sample.id: sample for sample in jsonl.read(out)}
    assert (answers["s/0"].problems, len(answers["s/0"].meta["batches"]["batch_missing"])) == (["batch_missing"], 6)
    assert answers["s/39"].meta["batches"] == {"batches_contradict": ["kind 19"]}
    assert all(answers[id].entities == sample.entities for id, sample in gold.items())
    assert [s.problems for s in answers.values() if s.id not in ("s/0", "s/39")] == [None] * 38
    assert pointline(*words, "--mode", "train").code == 0
    assert next(iter(jsonl.read(out))).problems is None


def test_one_output_for_the_whole_schema_loses_nothing(pointline: Run, singers: Path, tmp_path: Path) -> None:
    rows, raw, out = (tmp_path / f"{name}.jsonl" for name in ("rows", "raw", "answers"))
    words = ["--split-num", "-1", "--keep-id", "--out", rows]
    assert pointline("build", singers, "--format", "iepile", *words).code == 0
    raw.write_text("".join(json.dumps({"id": r["id"], "raw": r["output"]}) + "\n" for r in instructions(rows)))
    assert pointline("decode", raw, "--gold", singers, "--format", "iepile", "--out", out).code == 0
    assert [s.entities for s in jsonl.read(out)] == [s.entities for s in jsonl.read(singers)]
    assert {str(s.problems) for s in jsonl.read(out)} == {"None"}


def test_a_part_of_a_published_dictionary(pointline: Run, singers: Path, tmp_path: Path) -> None:
    published = tmp_path / "hard.json"
    sets = {"one": {"PER": ["LOC"]}, "two": {"PER": [], "LOC": ["PER"]}}
    published.write_text(json.dumps({"NER": sets, "RE": {"one": {}}}))
    words = ["build", singers, "--format", "iepile", "--task", "ner", "--out", tmp_path / "p.jsonl"]
    ran = pointline(*words, "--hard-negatives", published)
    assert (ran.code, "as FILE#SOURCE out of: one, two" in ran.err) == (1, True)
    assert pointline(*words, "--hard-negatives", f"{published}#two").code == 0
    assert "has no source 'three'" in pointline(*words, "--hard-negatives", f"{published}#three").err


@pytest.mark.parametrize("format", ["iepile", "oiellm"])
def test_no_pair_at_all_is_a_fault(pointline: Run, singers: Path, tmp_path: Path, format: str) -> None:
    (tmp_path / "s.json").write_text('{"events": [{"type": "Win", "roles": []}]}')
    words = ["--format", format, "--schema", tmp_path / "s.json", "--out", tmp_path / "p.jsonl"]
    ran = pointline("build", singers, *words)
    assert (ran.code, "gives no pair" in ran.err, len(ran.err.splitlines())) == (1, True, 1)
    assert not (tmp_path / "p.jsonl").exists()
