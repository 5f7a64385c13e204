"""Joined files keep every sample and say the strictest licence of their parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointline import jsonl
from pointline.corpora import cards
from pointline.corpora.licences import UNKNOWN, clashes, rank, strictest
from pointline.corpora.merge import Part, merge
from pointline.sample import Sample

RISING = [
    "CC0-1.0 (LICENSE)",
    "Apache-2.0 (repository)",
    "CC BY 3.0 (corpus README); repo MIT",
    "CC BY-SA 4.0",
    "GPL-2.0 (repository)",
    "CC BY-ND 4.0",
    "CC BY-NC 4.0",
    "CC BY-NC-SA 4.0",
    "CC BY-NC-ND 4.0",
    "BosonNLP data licence (research)",
    "not stated (repo MIT)",
]


def test_licences_are_ranked_by_what_they_ask() -> None:
    ranks = [rank(licence) for licence in RISING]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(RISING)
    assert rank("a licence nobody knows") == rank(None) == rank("") == UNKNOWN
    assert rank("cc-by-sa-4.0") == rank("CC BY-SA 4.0")


@pytest.mark.parametrize("last", range(1, len(RISING)))
def test_the_strictest_is_the_last_in_rank(last: int) -> None:
    assert strictest(RISING[:last]) == RISING[last - 1]
    assert strictest(reversed(RISING[:last])) == RISING[last - 1]
    assert strictest([]) == "not stated"


def test_what_cannot_stand_together_is_said() -> None:
    assert clashes(["MIT", "CC BY 4.0"]) == []
    assert clashes(["CC BY-SA 4.0", "CC BY-SA 4.0"]) == []
    assert "each ask" in clashes(["CC BY-SA 4.0", "CC BY-NC-SA 4.0"])[0]
    assert clashes(["CC BY-NC-ND 4.0"]) == ["CC BY-NC-ND 4.0 allows no changed copies"]
    assert clashes([None]) == ["not stated: ask its authors"]


def test_every_card_has_a_licence_that_is_ranked() -> None:
    for name in cards.names():
        licence = cards.load(name).licence
        assert rank(licence) < UNKNOWN or licence.startswith("not stated"), (name, licence)


def test_files_are_joined_with_sources_licences_and_ids_apart(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "one.jsonl", [Sample("1", "a"), Sample("2", "b", source="xsid_0.7")])
    jsonl.write(tmp_path / "two.jsonl", [Sample("1", "c"), Sample("two/1", "d"), Sample("3", "e", source="mine")])
    jsonl.write(tmp_path / "three.jsonl", [Sample("1", "f", source="two")])
    parts = [
        Part(tmp_path / "one.jsonl", "given"),
        Part(tmp_path / "two.jsonl", licence="MIT"),
        Part(tmp_path / "three.jsonl"),
    ]
    merged = merge(parts, tmp_path / "all.jsonl")
    samples = list(jsonl.read(tmp_path / "all.jsonl"))
    assert [s.text for s in samples] == list("abcdef")
    assert [s.source for s in samples] == ["given", "xsid_0.7", "two", "two", "mine", "two"]
    assert len({s.id for s in samples}) == 6
    assert (samples[0].id, samples[5].id) == ("1", "two/1-2")
    assert merged.renamed_ids == 3
    assert [(share.source, share.samples, share.licence) for share in merged.sources] == [
        ("given", 1, "not stated"),
        ("mine", 1, "MIT"),
        ("two", 3, "MIT"),
        ("xsid_0.7", 1, "CC BY-SA 4.0"),
    ]
    assert merged.licence == "not stated"
    assert merge(parts[1:2], tmp_path / "part.jsonl").licence == "MIT"
