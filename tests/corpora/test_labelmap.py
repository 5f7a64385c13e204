"""Renaming and merging names: on every level, nothing else touched, misspelt names told."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.corpora.labelmap import LabelMap, Renamed, apply, read_map
from pointline.errors import InputFault
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span


def sample() -> Sample:
    return Sample(
        "1",
        "Miles plays jazz",
        labels=["Play", "Music"],
        entities=[Entity("PER", "Miles", 0, 5), Entity("Person", "Miles", 0, 5), Entity("GENRE", "jazz", 12, 16)],
        relations=[Relation("plays", Span("Miles", 0, 5, "PER"), Span("jazz", 12, 16, "GENRE"))],
        events=[
            Event(
                "Play", Span("plays", 6, 11, "VERB"), [Argument("who", "Miles", 0, 5), Argument("what", "jazz", 12, 16)]
            )
        ],
    )


def mapped(labels: LabelMap) -> tuple[Sample, Renamed]:
    renamed = Renamed(labels)
    return next(apply([sample()], labels, renamed)), renamed


def test_every_level_gets_its_names_and_what_becomes_equal_stands_once() -> None:
    labels = LabelMap(
        labels={"Play": "music", "Music": "music"},
        entities={"PER": "person", "Person": "person", "VERB": "verb"},
        relations={"plays": "performs"},
        events={"Play": "Performance"},
        roles={"who": "artist", "what": ""},
    )
    done, renamed = mapped(labels)
    assert done.labels == ["music"]
    assert done.entities == [Entity("person", "Miles", 0, 5), Entity("GENRE", "jazz", 12, 16)]
    assert done.relations == [Relation("performs", Span("Miles", 0, 5, "person"), Span("jazz", 12, 16, "GENRE"))]
    assert done.events == [Event("Performance", Span("plays", 6, 11, "verb"), [Argument("artist", "Miles", 0, 5)])]
    assert renamed.rows()[0] == {"level": "labels", "old": "Music", "new": "music", "count": 1}


def test_an_empty_name_takes_out_and_a_star_names_the_rest() -> None:
    done, renamed = mapped(LabelMap(entities={"PER": "", "*": "other"}, labels={"*": ""}, relations={"plays": ""}))
    assert done.labels == []
    assert done.relations == []
    assert done.entities == [Entity("other", "Miles", 0, 5), Entity("other", "jazz", 12, 16)]
    assert renamed.unused() == []


def test_names_that_nothing_bears_are_told() -> None:
    _, renamed = mapped(LabelMap(entities={"PERS": "person"}, roles={"who": "who"}))
    assert renamed.unused() == [("entities", "PERS")]


def test_levels_that_are_not_annotated_stay_so() -> None:
    bare = Sample("1", "x", labels=None, entities=[])
    done = next(apply([bare], LabelMap(labels={"*": "y"}, entities={"*": "z"})))
    assert (done.labels, done.entities, done.relations, done.events) == (None, [], None, None)


names = st.sampled_from(["Play", "Music", "PER", "Person", "GENRE", "plays", "who", "what"])


@given(st.dictionaries(names, names), st.dictionaries(names, names))
def test_an_identity_map_changes_nothing_and_a_map_changes_only_names(
    labels: dict[str, str], entities: dict[str, str]
) -> None:
    same, _ = mapped(LabelMap(labels={n: n for n in labels}, entities={n: n for n in entities}))
    assert same == sample()
    done, _ = mapped(LabelMap(labels=labels, entities=entities))
    assert {(e.text, e.start, e.end) for e in done.entities or ()} == {("Miles", 0, 5), ("jazz", 12, 16)}
    assert (done.id, done.text, done.meta) == (sample().id, sample().text, sample().meta)


def test_a_map_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('[entities]\nPER = "person"\n"*" = ""\n', "utf-8")
    assert read_map(path) == LabelMap(entities={"PER": "person", "*": ""})
    path.write_text("[entity]\nPER = 'person'\n", "utf-8")
    with pytest.raises(InputFault, match=r"map.toml: .*entity"):
        read_map(path)
    path.write_text("[labels]\nPER = 3\n", "utf-8")
    with pytest.raises(InputFault, match=r"labels"):
        read_map(path)
    assert msgspec.structs.fields(LabelMap)
