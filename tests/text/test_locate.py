"""Surfaces to offsets: order, repeats, whole words, folded forms with the way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from real_sets import SETS
from strategies import spans, texts

from pointline.text.locate import Locator, occurrences
from pointline.text.normalize import fold


@given(texts())
def test_fold_keeps_the_way_back(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert folded.starts == sorted(folded.starts)
    assert all(0 <= a < b <= len(text) for a, b in zip(folded.starts, folded.ends, strict=True))
    assert fold(folded.text).text == folded.text


@given(st.data(), texts())
def test_every_span_of_a_text_is_found_in_it(data: st.DataObject, text: str) -> None:
    locator = Locator(text)
    for surface, start, _ in data.draw(st.lists(spans(text), max_size=5)):
        place = locator.place(surface)
        if start is not None:
            assert place.how in ("exact", "repeated")
        if place.how in ("exact", "repeated") and surface in text:
            assert text[place.start : place.end] == surface


@pytest.mark.parametrize(
    ("text", "surfaces", "starts"),
    [
        ("東京と東京都と東京", ["東京", "東京都", "東京"], [0, 3, 7]),
        ("with it", ["it"], [5]),
        ("Bob saw Bob", ["Bob", "Bob", "Bob"], [0, 8, 8]),
        ("カﾞス ガス", ["ｶﾞｽ"], [0]),
        ("e\u0301tat", ["état"], [0]),
        ("a  b\nc", ["b c", "a b"], [3, 0]),
        ("a\n(b a b", ["a (b", "a (b"], [0, 0]),
        ("ＩＢＭ ㍿ x", ["ibm", "株式会社", "会社"], [0, 4, None]),
        ("he said “yes”", ['"yes"'], [9]),
        ("", ["x"], [None]),
    ],
)
def test_places(text: str, surfaces: list[str], starts: list[int | None]) -> None:
    locator = Locator(text)
    assert [locator.place(surface).start for surface in surfaces] == starts


def test_one_surface_with_two_types_may_share_its_place() -> None:
    locator = Locator("Paris")
    assert [locator.place("Paris", kind)[:2] for kind in ("PER", "LOC")] == [(0, 5), (0, 5)]


def test_other_white_space_makes_fragments() -> None:
    place = Locator("New\nYork City").place("New York City")
    assert place == (0, 13, "broken", [(0, 3), (4, 13)])
    assert Locator("New\nYork").first("New York").fragments == [(0, 3), (4, 8)]
    assert Locator("New\nYork").place("New  York").how == "normalised"


def test_occurrences_overlap_and_end() -> None:
    assert occurrences("ababa", "aba") == [(0, 3), (2, 5)]
    assert len(occurrences("a" * 5000, "a")) == 500


@pytest.mark.parametrize(("name", "least"), [("stockmark", 0.999), ("cluener", 0.997), ("snips", 0.999)])
def test_gold_offsets_come_back(shared_data: Path, name: str, least: float) -> None:
    right = total = 0
    for sample in SETS[name](shared_data):
        locator = Locator(sample.text)
        found = [locator.place(e.text, e.type)[:2] for e in sample.entities or ()]
        right += found == [(e.start, e.end) for e in sample.entities or ()]
        total += 1
    assert right / total >= least
