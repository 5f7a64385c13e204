"""Hard negatives: what is found, why, and how a dictionary is read, mended and written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.errors import InputFault, SettingsFault
from pointline.instruct.dictionary_files import read_dictionary, report_unknown, write_dictionary
from pointline.instruct.evidence import confusions, gather
from pointline.instruct.hard_negatives import (
    BY_HAND,
    CLOSURE,
    HardNegatives,
    Mining,
    Neighbour,
    Sources,
    edited,
    mine,
)
from pointline.instruct.labels import Label, labels_of
from pointline.sample import Argument, Entity, Event, Sample, Span
from pointline.schema import EventType, Schema


def named(found: HardNegatives) -> dict[str, list[str]]:
    return {key: [n.name for n in near] for key, near in found.labels.items()}


def plain(*names: str) -> list[Label]:
    return [Label(name, name) for name in names]


def test_shared_roles_join_names_that_share_no_letters() -> None:
    schema = Schema().events(
        {"layoff": ["employer", "staff"], "dismissal": ["employer", "staff"], "wedding": ["bride"]}
    )
    found = mine(labels_of(schema, "ee"))
    assert found.labels["layoff"][0].name == "dismissal"
    assert found.labels["layoff"][0].signal == "schema"


def test_mentions_join_labels_that_the_names_keep_apart() -> None:
    samples = [
        Sample(str(i), text, entities=[Entity(kind, text, 0, len(text))])
        for i, (kind, text) in enumerate(
            [("甲", "東京"), ("乙", "東京"), ("丙", "りんご"), ("丁", "りんご"), ("甲", "大阪"), ("乙", "大阪")]
        )
    ]
    labels = plain("甲", "乙", "丙", "丁")
    assert mine(labels).labels == {"甲": [], "乙": [], "丙": [], "丁": []}
    found = named(mine(labels, Sources(gather(samples, labels, "ner"))))
    assert (found["甲"][0], found["丙"][0]) == ("乙", "丁")


def test_confusions_of_a_dev_run_make_neighbours() -> None:
    gold = [Sample("1", "rose", entities=[Entity("plant", "rose", 0, 4)])]
    said = {"1": Sample("1", "rose", entities=[Entity("food", "rose", 0, 4)])}
    counts, totals = confusions(gold, said, "ner")
    found = mine(plain("plant", "food", "city"), Sources(confusions=counts, gold=totals))
    assert found.labels["plant"][0].name == "food"
    assert found.labels["plant"][0].signal == "confusion"


def test_embeddings_are_a_source_like_any_other() -> None:
    vectors = {"aaa": [1, 0], "bbb": [1, 0.1], "ccc": [0, 1]}
    found = mine(plain(*vectors), Sources(embed=lambda texts: [vectors[text] for text in texts]))
    assert named(found)["aaa"][0] == "bbb"


def test_descriptions_count() -> None:
    labels = [Label("aa", "aa", "a city or town"), Label("bb", "bb", "a town hall"), Label("cc", "cc", "some liquid")]
    assert mine(labels).labels["aa"][0] == Neighbour("bb", mine(labels).labels["aa"][0].score, "definitions")


@pytest.mark.parametrize("names", [(), ("only",), ("x", "y")])
def test_small_schemas_have_no_neighbours_to_give(names: tuple[str, ...]) -> None:
    assert mine(plain(*names)).labels == {name: [] for name in names}


@given(st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=14, unique=True), st.booleans())
def test_laws_of_the_dictionary(names: list[str], symmetric: bool) -> None:
    settings = Mining(symmetric=symmetric)
    found = mine(plain(*names), settings=settings)
    assert list(found.labels) == names
    for key, near in found.labels.items():
        assert key not in [n.name for n in near]
        assert len({n.name for n in near}) == len(near)
        assert [n.score for n in near] == sorted((n.score for n in near), reverse=True)
        assert all(0 <= n.score <= 1 for n in near)
        assert symmetric or len(near) <= settings.most
        assert not symmetric or all(key in named(found)[n.name] for n in near)


def test_symmetric_closure_says_what_it_added() -> None:
    names = [
        "start position",
        "end position",
        "position",
        "start",
        "stop position",
        "position end",
        "last position",
        "posit",
    ]
    found = mine(plain(*names), settings=Mining(least=1, most=1, symmetric=True))
    assert CLOSURE in {n.signal for near in found.labels.values() for n in near}


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(SettingsFault, match="least=5 and most=2"):
        Mining(least=5, most=2)


def test_a_dictionary_edited_by_hand_wins(tmp_path: Path) -> None:
    mined = mine(plain("start position", "end position", "win"))
    write_dictionary(tmp_path / "k.json", mined)
    assert read_dictionary(tmp_path / "k.json").labels == mined.labels
    assert '"signal": "surface"' in (tmp_path / "k.json").read_text()
    (tmp_path / "hand.json").write_text('{"win": ["end position"], "end position": []}')
    both = edited(mined, read_dictionary(tmp_path / "hand.json"))
    assert both.labels["win"] == [Neighbour("end position", 1.0, BY_HAND)]
    assert both.labels["end position"] == []
    assert both.labels["start position"] == mined.labels["start position"]


def test_the_published_form_and_its_missing_labels(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "published.json"
    path.write_text(json.dumps({"NER": {"clue": {"a": ["b", "gone"], "b": ["a"]}, "other": {"x": []}}, "RE": {}}))
    found = read_dictionary(path, "ner", "CLUE")
    assert found.table(["a", "b", "new"]) == ((1,), (0,), ())
    line = report_unknown(found, ["a", "b", "new"])
    assert line == "1 labels without an entry (new); 1 names that the schema lacks (gone)"
    assert line in caplog.text
    assert report_unknown(found, ["a", "b", "gone"]) == "1 labels without an entry (gone)"
    with pytest.raises(InputFault, match="choose source as FILE#SOURCE out of: clue, other"):
        read_dictionary(path, "ner")
    with pytest.raises(InputFault, match="has no task 'ee'; choose task out of: NER, RE"):
        read_dictionary(path, "ee")


@pytest.mark.parametrize(
    ("text", "what"),
    [("[1]", "is not a dictionary"), ("{", "is not JSON"), ('{"a": 3}', "not a list"), ('{"a": [3]}', "no name")],
)
def test_a_damaged_dictionary_gets_one_clear_line(tmp_path: Path, text: str, what: str) -> None:
    (tmp_path / "k.json").write_text(text)
    with pytest.raises(InputFault, match=what):
        read_dictionary(tmp_path / "k.json")


def test_the_published_dictionary_loads(shared_data: Path) -> None:
    path = shared_data / "iepile_data" / "hard_negative" / "hard_dict.json"
    found = read_dictionary(path, "re", "duie2.0")
    lacking, foreign = found.unknown(sorted(found.labels))
    assert lacking == []
    assert foreign == ["民族"]
    assert len(read_dictionary(path, "ner", "Ontonotes").table(["date", "time"])) == 2
    flat = read_dictionary(path.with_name("SPO_DuIE2.0.json"))
    assert "人物_母亲_人物" in flat.labels


def test_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    code = (
        "import sys; from pointline.instruct.hard_negatives import mine;"
        "from pointline.instruct.labels import labels_of; from pointline.schema import Schema;"
        "from pointline.instruct.dictionary_files import write_dictionary;"
        "schema = Schema().events({'a b': ['x', 'y'], 'b c': ['y'], 'c': ['x']});"
        "write_dictionary(sys.argv[1], mine(labels_of(schema, 'ee')))"
    )
    written = []
    for seed in ("0", "7"):
        path = tmp_path / seed
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, "-c", code, str(path)], check=True, env=env)
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_roles_seen_in_annotations_stand_in_for_a_schema_without_any() -> None:
    schema = Schema().events([EventType("hire"), EventType("fire!"), EventType("storm")])
    events = [Event(kind, Span("x", 0, 1), [Argument("boss", "x", 0, 1)]) for kind in ("hire", "fire!")]
    sample = Sample("1", "x y", events=[*events, Event("storm", Span("y", 2, 3), [Argument("place", "y", 2, 3)])])
    labels = labels_of(schema, "ee")
    found = mine(labels, Sources(gather([sample], labels, "ee")))
    assert named(found)["hire"][0] == "fire!"


def test_a_neighbour_has_a_score_above_zero() -> None:
    two = mine([Label("start a war", "start a war"), Label("start a firm", "start a firm")])
    assert [n.score for near in two.labels.values() for n in near] == [1.0, 1.0]
    names = ["start war", "start firm", "end war", "end firm", "warm end"]
    assert all(n.score > 0 for near in mine([Label(n, n) for n in names]).labels.values() for n in near)
