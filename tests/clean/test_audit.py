"""The audit: each check finds what was put there, and nothing in a corpus that is in order."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pointline import jsonl
from pointline.clean import near as near_file
from pointline.clean.audit import audit
from pointline.clean.corpus import clean
from pointline.clean.findings import Finding, Place
from pointline.clean.near import near_pairs, shingles, template
from pointline.clean.rules import CleanSettings
from pointline.errors import MissingExtra, SettingsFault
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span


def found(*samples: Sample, file: str = "train", near: bool = False) -> dict[str, Finding]:
    places = [Place(file, line, sample) for line, sample in enumerate(samples, 1)]
    return {finding.name: finding for finding in audit(places, near=near)}


def rows(finding: Finding, *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(row[key] for key in keys) for row in finding.rows]


def test_a_corpus_in_order_has_no_finding_but_its_balance() -> None:
    samples = [
        Sample(f"{name}{i}", f"{verb} {name} now", "en", [verb], [Entity("artist", name, 5, 5 + len(name))])
        for i, verb in enumerate(("play", "stop"))
        for name in ("Miles", "Ella", "Coltrane")
    ]
    findings = found(*samples)
    assert {name for name, finding in findings.items() if finding.count} == {"balance", "templates"}
    assert rows(findings["balance"], "level", "names", "evenness") == [("entities", 1, 1.0), ("labels", 2, 1.0)]


def test_offsets_that_do_not_hold_and_spans_without_offsets() -> None:
    wrong = Sample("1", "play jazz", entities=[Entity("genre", "jazz", 4, 8)])
    lost = Sample("2", "play jazz", entities=[Entity("genre", "jazz"), Entity("genre", "rock")])
    findings = found(wrong, lost)
    assert rows(findings["faults"], "id", "line", "field") == [("1", 1, "entities[0]")]
    assert rows(findings["unlocated"], "span", "what") == [("jazz", "is in the text"), ("rock", "is not in the text")]


@pytest.mark.parametrize(
    ("lang", "text", "fits"),
    [
        ("en", "play jazz", True),
        ("en", "東京で寿司を食べた", False),
        ("ja", "play jazz", False),
        ("ja", "東京で寿司を食べた", True),
        ("ja", "東京都", True),
        ("ja", "北京今天天气很好我们去公园散步", False),
        ("zh", "北京今天天气很好", True),
        ("zh-TW", "東京で寿司をたべた", False),
        ("ko", "서울에서 만나요", True),
        ("ru", "Привет", True),
        ("ru", "hello", False),
        ("xx", "hello", True),
        ("en", "12 34", True),
        (None, "hello", True),
    ],
)
def test_texts_that_do_not_fit_their_language(lang: str | None, text: str, fits: bool) -> None:
    assert found(Sample("1", text, lang))["language"].count == (0 if fits else 1)


def test_names_written_two_ways_standing_once_or_unseen_in_train() -> None:
    train = [Sample(f"{i}", "x", labels=["time_range"], entities=[Entity("A", "x", 0, 1)]) for i in range(3)]
    test = [Sample("t", "x", labels=["timeRange"], entities=[Entity("B", "x", 0, 1)])]
    places = [Place("train", i, s) for i, s in enumerate(train)] + [Place("test", i, s) for i, s in enumerate(test)]
    findings = {finding.name: finding for finding in audit(places, near=False)}
    assert rows(findings["case_twins"], "level", "names") == [("labels", {"timeRange": 1, "time_range": 3})]
    assert rows(findings["singletons"], "level", "name") == [("entities", "B"), ("labels", "timeRange")]
    assert rows(findings["unseen"], "level", "name") == [("entities", "B"), ("labels", "timeRange")]
    assert rows(findings["surfaces"], "surface", "types") == [("x", {"A": 3, "B": 1})]


def test_density_outliers_and_bare_files() -> None:
    plain = [Sample(f"{i}", "a" * 100, entities=[Entity("T", "a", 0, 1)] * (1 + i % 2)) for i in range(20)]
    dense = Sample("dense", "a" * 20, entities=[Entity("T", "a", i, i + 1) for i in range(8)])
    findings = found(*plain, dense, Sample("bare", "hm", entities=[]), Sample("no", "hm"))
    assert rows(findings["dense"], "id", "spans") == [("dense", 8)]
    assert rows(findings["bare"], "samples", "without") == [(22, 1)]


def test_templates_of_every_level() -> None:
    jazz, miles = Span("jazz", 5, 9, "genre"), Span("miles", 13, 18, "artist")
    assert template(Sample("1", "play jazz by miles")) is None
    assert (
        template(Sample("1", "Play jazz by miles", relations=[Relation("by", miles, jazz)]))
        == "play <genre> by <artist>"
    )
    event = Event(
        "Play", Span("play", 0, 4), [Argument("what", "jazz by miles", 5, 18), Argument("who", "miles", 13, 18)]
    )
    assert template(Sample("1", "play jazz by miles", events=[event])) == "<> <what>"


def test_the_templates_of_snips(corpus: Callable[[str], list[Sample]]) -> None:
    places = [Place(sample.split or "", line, sample) for line, sample in enumerate(corpus("snips_slotgated"), 1)]
    shared = {finding.name: finding for finding in audit(places, near=False)}["templates_in_train"]
    assert rows(shared, "file", "samples") == [("dev", 350), ("test", 394)]


def test_near_duplicates_of_any_script() -> None:
    texts = [
        "Please play the newest record by Miles Davis for me",
        "please play the newest record by Miles Davis for me!",
        "昨日の夜、東京駅の近くの店で寿司をたくさん食べました。",
        "昨日の夜、東京駅の近くの店で寿司をたくさん食べました",
        "今天天气很好，我们一起去公园散步吧",
        "stop the music",
        "hm",
        "",
    ]
    assert [(one, other) for one, other, alike in near_pairs(texts) if alike < 1] == [(0, 1), (2, 3)]
    assert list(near_pairs([])) == []
    assert shingles("") == [""]


def test_no_pair_is_missed_that_comparing_all_finds(corpus: Callable[[str], list[Sample]]) -> None:
    texts = [sample.text for sample in corpus("snips_slotgated") if sample.split == "dev"]
    sets = [set(shingles(text)) for text in texts]
    alike = {
        (i, j)
        for i, one in enumerate(sets)
        for j in range(i + 1, len(sets))
        if len(one & sets[j]) >= near_file.ALIKE * len(one | sets[j])
    }
    assert {(one, other) for one, other, _ in near_pairs(texts)} == alike
    assert alike


def near_corpus(folder: Path) -> dict[str, str | Path]:
    text = "please play the newest record by Miles Davis for me"
    jsonl.write(
        folder / "train.jsonl", [Sample("a", text + "!", labels=["x"]), Sample("b", "stop the music", labels=["y"])]
    )
    jsonl.write(folder / "test.jsonl", [Sample("t", text, labels=["x"]), Sample("u", text + "?", labels=["x"])])
    return {"train": folder / "train.jsonl", "test": folder / "test.jsonl"}


def test_near_duplicates_of_test_are_reported_and_dropped_when_asked(tmp_path: Path) -> None:
    splits = near_corpus(tmp_path)
    report = clean(splits, tmp_path / "seen")
    assert report.files[0].kept == 2
    across = next(finding for finding in report.findings if finding.name == "near_across")
    assert (across.count, across.rows[0]["id"], across.rows[0]["twin_file"]) == (2, "a", "test")
    report = clean(splits, tmp_path / "dropped", CleanSettings(near="drop"))
    assert [(file.kept, file.dropped) for file in report.files] == [(1, {"near_test": 1}), (2, {})]
    dropped = json.loads((tmp_path / "dropped" / "dropped.jsonl").read_bytes())
    assert (dropped["id"], dropped["reason"], dropped["twin"]) == ("a", "near_test", "t")
    with pytest.raises(SettingsFault, match="near"):
        CleanSettings(rules="iepile-published", near="drop")


def test_what_is_left_out_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    splits = near_corpus(tmp_path)
    assert "near_limit=1" in clean(splits, tmp_path / "a", CleanSettings(near_limit=1)).skipped[0]
    report = clean(splits, tmp_path / "b", CleanSettings(audit_limit=1, near="off"))
    assert (report.findings, len(report.skipped)) == ([], 1)
    monkeypatch.setitem(__import__("sys").modules, "rensa", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pointline[near]" in clean(splits, tmp_path / "c").skipped[0]
    with pytest.raises(MissingExtra, match="near"):
        clean(splits, tmp_path / "d", CleanSettings(near="drop"))


def test_a_kept_sample_that_is_not_in_form_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(
        b'{"id": "1", "text": "play jazz"}\n{"id": "2", "text": "stop it now", "lables": []}\n'
    )
    with pytest.raises(Exception, match=r"a.jsonl:2: .*lables"):
        clean({"train": tmp_path / "a.jsonl"}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_many_examples_are_counted_and_few_shown() -> None:
    samples = [Sample(str(i), "ab", entities=[Entity("T", "b", 0, 1)]) for i in range(50)]
    places = [Place("train", i, s) for i, s in enumerate(samples)]
    faults = audit(places, examples=3, near=False)[0]
    assert (faults.count, len(faults.rows)) == (50, 3)
