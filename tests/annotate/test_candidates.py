"""Rule-based candidates from category folders: what rules find, what is counted, what is refused."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline import jsonl
from pointline.annotate.candidates import CandidateReport, candidates, first_of_each
from pointline.annotate.documents import DocumentSettings
from pointline.annotate.rules import read_rules
from pointline.annotate.wording import alternatives
from pointline.errors import InputFault, SettingsFault
from pointline.sample import Sample, faults

RULES = """
[lists]
firm = ["Orva", "Orva Labs", "若杉電機"]
film = "films.txt"
[patterns]
person = '[A-Z][a-z]+ [A-Z][a-z]+|[一-龠]{2,4}(?=さん)'
day = 'Monday|Tuesday|月曜日'

[[relation]]
type = "founded"
lang = "en"
pattern = ['{head:person} founded {tail:firm}', '{tail:firm}, founded by {head:person}']
[[relation]]
type = "starring"
lang = "ja"
labels = ["film"]
trigger = ["主演", "出演"]
arguments = { head = "person", tail = "film" }
[[event]]
type = "Launch"
name = "launch"
trigger = ["launched", "unveiled"]
unless = ["never"]
arguments.subject = { kind = "firm", where = "before" }
arguments.time = { kind = "day", optional = true }
[[event]]
type = "Open"
pattern = ['{subject:firm} {trigger} (?:the|a) ']
trigger = ["opened"]
"""
TEXTS = {
    "business/1.txt": "http://x\nTitle\n"
    "Ada Vale founded Orva Labs. Orva Labs launched nothing. Orva never launched it.",
    "business/2.txt": "http://y\nTitle\n"
    "Bo Rusk founded Orva and on Monday Orva launched Kite. Ada Vale founded Orva Labs.",
    "film/a.txt": "http://z\nTitle\n雨宮さんが『灯台』に主演した。\n若杉さんは昨日『灯台』を見た。",
    "film/b.txt": "http://z\nTitle\nOrva opened a cinema. Ada Vale founded Orva Labs.",
    "film/LICENSE.txt": "Ada Vale founded Orva Labs.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in TEXTS.items():
        path = tmp_path / "news" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "films.txt").write_text("『灯台』\n『引き潮』\n", encoding="utf-8")
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    return tmp_path


def run(folder: Path, **told: object) -> CandidateReport:
    chosen = DocumentSettings(**{"header": 2, **told})  # type: ignore[arg-type]
    return candidates(folder / "news", read_rules(folder / "rules.toml"), folder / "out", chosen)


def rows(folder: Path, name: str = "candidates.jsonl") -> list[Sample]:
    return list(jsonl.read(folder / "out" / name))


def test_what_is_found_and_counted(folder: Path) -> None:
    report = run(folder)
    assert (report.documents, report.sentences, report.matched, report.both) == (4, 9, 7, 1)
    assert (report.relations, report.events, report.samples) == (3, 3, 6)
    assert report.dropped == {"duplicate": 1, "duplicate_under_another_label": 1}
    assert report.by_type == {"relation": {"founded": 2, "starring": 1}, "event": {"Launch": 2, "Open": 1}}
    assert report.by_label["film"] == {"documents": 2, "sentences": 4, "relations": 1, "events": 1}
    assert report.by_rule["launch"] == 2
    assert report.unused == []
    assert json.loads((folder / "out/report.json").read_bytes())["matched"] == 7


def test_a_sentence_with_both_becomes_two_samples(folder: Path) -> None:
    run(folder)
    both = [s for s in rows(folder) if s.text.startswith("Bo Rusk")]
    assert [s.meta["task"] for s in both] == ["re", "ee"]
    assert [(s.relations is None, s.events is None) for s in both] == [(False, True), (True, False)]
    [event] = both[1].events or []
    assert [(a.role, a.text) for a in event.arguments] == [("time", "Monday"), ("subject", "Orva")]
    assert event.trigger is not None
    assert event.trigger.text == "launched"
    for sample in rows(folder):
        assert not list(faults(sample))
        assert len(sample.relations or ()) + len(sample.events or ()) == 1


def test_japanese_by_list_and_pattern(folder: Path) -> None:
    run(folder)
    [sample] = [s for s in rows(folder) if s.lang == "ja"]
    [found] = sample.relations or []
    assert (found.head.text, found.type, found.tail.text) == ("雨宮", "starring", "『灯台』")
    assert (found.head.type, found.tail.type) == ("person", "film")
    assert sample.labels == ["film"]
    assert sample.meta["annotate"]["document"] == "film/a.txt"
    assert sample.meta["annotate"]["trigger"] == "主演"


def test_dropped_samples_keep_their_reason(folder: Path) -> None:
    run(folder, least=30)
    reasons = [s.meta["annotate"]["dropped"] for s in rows(folder, "dropped.jsonl")]
    assert reasons.count("too_short") == 6
    assert all(len(s.text) >= 30 for s in rows(folder))


def test_the_same_bytes_each_time(folder: Path) -> None:
    run(folder)
    before = (folder / "out/candidates.jsonl").read_bytes()
    run(folder)
    assert (folder / "out/candidates.jsonl").read_bytes() == before


def test_other_encodings_and_line_ends(folder: Path) -> None:
    for path in (folder / "news").rglob("*.txt"):
        path.write_bytes(path.read_text("utf-8").replace("\n", "\r\n").encode("cp932"))
    assert run(folder, encoding="cp932").samples == 6
    with pytest.raises(InputFault, match=r"a\.txt:3: is not UTF-8"):
        run(folder)
    assert not list((folder / "out").glob(".*"))


def test_a_file_name_that_is_no_text(folder: Path) -> None:
    (Path(os.fsdecode(os.fsencode(folder / "news/film") + b"/\xff.txt"))).write_text("x")
    with pytest.raises(InputFault, match="its name is not UTF-8"):
        run(folder)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ("", "holds no rule"),
        ('[[relation]]\ntype = "x"\n', r"relation\[0\].pattern: the rule asks for nothing"),
        ('[[relation]]\ntype = "x"\npattern = ["{head:who}"]\n', "unknown kind 'who'"),
        ('[patterns]\na = "x"\n[[relation]]\ntype = "x"\npattern = ["{head:a}"]\n', "needs {head:...} and {tail:...}"),
        ('[patterns]\na = "("\n', "patterns.a: is no regular expression"),
        ('[patterns]\na = "(?P<x>y)"\n', "names a group"),
        ("[lists]\na = []\n", "lists.a: holds no word"),
        ('[lists]\na = "nowhere.txt"\n', "nowhere.txt: No such file"),
        ('[lists]\na = ["x"]\n[[event]]\ntype = "x"\npattern = ["{trigger} {s:a}"]\n', "needs the rule's trigger"),
        ('[[event]]\ntypo = "x"\n', "typo"),
        ("[[event\n", "is not TOML"),
        (
            '[lists]\na = ["x"]\n' + '[[event]]\ntype = "x"\nname = "n"\npattern = ["{s:a}"]\n' * 2,
            "two rules are called",
        ),
        (
            '[lists]\na = ["x"]\n[[relation]]\ntype = "x"\ntrigger = ["y"]\n'
            'arguments = { head = "a", tail = { kind = "a", optional = true } }\n',
            "neither end of a relation is optional",
        ),
    ],
)
def test_bad_rules_are_one_line(tmp_path: Path, rules: str, told: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(rules, encoding="utf-8")
    with pytest.raises(InputFault, match=told) as fault:
        read_rules(path)
    assert "\n" not in str(fault.value)


def test_bad_folders_and_settings(folder: Path) -> None:
    rules = read_rules(folder / "rules.toml")
    with pytest.raises(InputFault, match="is no folder"):
        candidates(folder / "none", rules, folder / "out")
    (folder / "empty/x").mkdir(parents=True)
    with pytest.raises(InputFault, match="holds no document"):
        candidates(folder / "empty", rules, folder / "out")
    with pytest.raises(SettingsFault, match="least <= most"):
        DocumentSettings(least=9, most=3)


def test_the_nearest_filler_counts_and_none_twice(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(
        '[lists]\nname = ["Ann", "Bo", "Cy"]\n[[relation]]\ntype = "met"\ntrigger = ["met"]\n'
        'arguments = { head = { kind = "name", where = "before" }, tail = "name" }\n'
    )
    rules = read_rules(path)
    [found] = first_of_each(rules, "Ann saw Bo, who met Cy.")
    assert found.places == {"head": (8, 10), "tail": (20, 22)}
    assert list(first_of_each(rules, "Ann met nobody.")) == []


@given(
    st.lists(st.text(alphabet="ab 勝つ.+(é", min_size=1, max_size=5), min_size=1, max_size=8),
    st.text("ab 勝つ", max_size=9),
)
def test_alternatives_find_what_the_words_say(words: list[str], text: str) -> None:
    found = re.compile(alternatives(words))
    for match in found.finditer(text + words[0]):
        assert match[0] in words
    assert found.fullmatch(words[0])
