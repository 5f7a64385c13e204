"""What differs is told by id, level and item; what does not differ is not."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline import jsonl
from pointline.corpora.diff import Difference, between, diff, summary
from pointline.errors import InputFault
from pointline.sample import Entity, Sample

JAZZ, MILES = Entity("genre", "jazz", 5, 9), Entity("artist", "miles", 13, 18)


def told(tmp_path: Path, a: list[Sample], b: list[Sample], **key: str) -> list[tuple[str, str, str]]:
    jsonl.write(tmp_path / "a.jsonl", a)
    jsonl.write(tmp_path / "b.jsonl", b)
    return [(d.id, d.level, d.kind) for d in diff(tmp_path / "a.jsonl", tmp_path / "b.jsonl", **key)]  # type: ignore[arg-type]


def test_levels_items_fields_and_samples(tmp_path: Path) -> None:
    a = [
        Sample("1", "play jazz by miles", labels=["x"], entities=[JAZZ, MILES]),
        Sample("2", "same", lang="en"),
        Sample("3", "only here"),
        Sample("4", "null", entities=None),
    ]
    b = [
        Sample("5", "only there"),
        Sample("4", "null", entities=[]),
        Sample("2", "same", lang="ja"),
        Sample("1", "play jazz by miles", labels=["x"], entities=[Entity("artist", "jazz", 5, 9), MILES]),
    ]
    assert told(tmp_path, a, b) == [
        ("1", "entities", "only_a"),
        ("1", "entities", "only_b"),
        ("2", "lang", "changed"),
        ("3", "sample", "only_a"),
        ("4", "entities", "changed"),
        ("5", "sample", "only_b"),
    ]


def test_the_order_of_samples_and_items_does_not_differ(tmp_path: Path) -> None:
    a = [Sample("1", "play jazz by miles", labels=["x", "y"], entities=[JAZZ, MILES]), Sample("2", "x")]
    b = [Sample("2", "x"), Sample("1", "play jazz by miles", labels=["y", "x"], entities=[JAZZ, MILES])]
    assert told(tmp_path, a, b) == []


def test_samples_can_be_paired_by_text(tmp_path: Path) -> None:
    a = [Sample("1", "x", labels=["a"]), Sample("2", "x", labels=["a"]), Sample("3", "y")]
    b = [Sample("7", "x", labels=["a"]), Sample("8", "x", labels=["b"])]
    assert told(tmp_path, a, b, key="text") == [
        ("1", "id", "changed"),
        ("2", "id", "changed"),
        ("2", "labels", "only_a"),
        ("2", "labels", "only_b"),
        ("3", "sample", "only_a"),
    ]


def test_the_summary_counts_differences_and_samples() -> None:
    both = [
        Difference("1", "labels", "only_a"),
        Difference("1", "labels", "only_a"),
        Difference("2", "sample", "only_b"),
    ]
    assert summary(both) == [
        {"level": "sample", "kind": "only_b", "count": 1, "samples": 1},
        {"level": "labels", "kind": "only_a", "count": 2, "samples": 1},
    ]


labels = st.none() | st.lists(st.sampled_from("abc"), max_size=3)


@given(labels, labels)
def test_nothing_is_told_of_equals_and_something_of_others(one: list[str] | None, other: list[str] | None) -> None:
    def ordered(names: list[str] | None) -> list[str] | None:
        return None if names is None else sorted(names)

    found = list(between(Sample("1", "x", labels=one), Sample("1", "x", labels=other)))
    assert bool(found) == (ordered(one) != ordered(other))
    assert all(msgspec.json.encode(difference) for difference in found)


def test_a_file_at_fault_is_named(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "a.jsonl", [Sample("1", "x")])
    (tmp_path / "b.jsonl").write_bytes(b'{"id": "1"}')
    with pytest.raises(InputFault, match=r"b.jsonl:1: "):
        list(diff(tmp_path / "a.jsonl", tmp_path / "b.jsonl"))
