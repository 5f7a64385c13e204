"""Names of labels: one form for every spelling, answers read whatever stands around them, proposals one way."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.annotate.answers import read
from pointline.annotate.names import Names, key
from pointline.annotate.synonyms import proposals

NAMES = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)


@given(NAMES)
def test_a_key_is_its_own_key_but_for_plurals(name: str) -> None:
    form = key(name)
    assert key(form) in (form, form.removesuffix("s"), key(form))
    assert form == " ".join(form.split())


@given(st.lists(st.sampled_from(["health", "care", "Politics", "政治", "経済", "law"]), min_size=1, max_size=3))
def test_case_width_and_breaks_make_no_difference(words: list[str]) -> None:
    plain = key(" ".join(words))
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in "_".join(words).upper())
    assert key(wide) == plain
    assert key(unicodedata.normalize("NFD", "-".join(words))) == plain


@given(st.dictionaries(NAMES.filter(key), st.integers(1, 9), min_size=1, max_size=6))
def test_the_name_that_stands_for_a_spelling_stands_for_itself(seen: dict[str, int]) -> None:
    names = Names(seen)
    for name in seen:
        assert key(names(name)) == key(name)
        assert names(names(name)) == names(name)
        assert seen[names(name)] == max(count for other, count in seen.items() if key(other) == key(name))


def test_a_table_joins_and_parts() -> None:
    names = Names(
        {"Arts": 3, "Art": 5, "Tech": 1, "technology": 9}, {"Arts": "Arts", "tech": "Technology", "Noise": ""}
    )
    assert [names(name) for name in ("Arts", "Art", "TECH", "technology", "noise")] == [
        "Arts", "Art", "Technology", "Technology", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "labels"),
    [
        ("Politics", ("Politics",)),
        ("Label: Politics", ("Politics",)),
        ("The topic is: **Medical research**.", ("Medical research",)),
        ("<think>sports? no.</think>\nLaw", ("Law",)),
        ("```text\nLaw\n```", ("Law",)),
        ("Label:\nLaw", ("Law",)),
        ("Law\n\nThe text is about a court.", ("Law",)),
        ("ラベル：医療", ("医療",)),
        ("标签：“经济”。", ("经济",)),
        ("- Law", ("Law",)),
        ("1. Law", ("Law",)),
        ("Law, law, Crime", ("Law",)),
        ("3D printing", ("3D printing",)),
        ("C++", ("C++",)),
    ],
)
def test_labels_are_read_out_of_what_stands_around_them(said: str, labels: tuple[str, ...]) -> None:
    assert read(said).labels == labels


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("", "no_label"),
        ("...", "no_label"),
        ("<think>never ends", "no_label"),
        ("抱歉，我无法回答。", "excuse"),
        ("I cannot help with that", "excuse"),
        ("The text tells of a striker who scored twice in one game", "too_long"),
        ("これはサッカーの試合で選手が二度得点したことについての文章です", "too_long"),
    ],
)
def test_what_is_no_label(said: str, problem: str) -> None:
    assert read(said).problem == problem


def test_several_labels_in_their_order_each_once() -> None:
    assert read("Law, Crime; law、Politics", max_labels=3).labels == ("Law", "Crime", "Politics")


@given(NAMES, st.integers(1, 3))
def test_reading_never_raises_and_labels_have_no_commas(said: str, most: int) -> None:
    vote = read(said, most)
    assert len(vote.labels) <= most
    assert bool(vote.labels) == (vote.problem is None)
    assert not any(mark in label for label in vote.labels for mark in ",，、;；\n")


def test_proposals_lead_from_the_rarer_to_the_more_frequent_name() -> None:
    rows = proposals({"Tech": 2, "Technology": 9, "Tecnology": 1, "Sport": 4, "医療": 3, "医療・健康": 1}, {})
    assert [(row.old, row.new) for row in rows] == [
        ("Tech", "Technology"), ("Tecnology", "Technology"), ("医療・健康", "医療"),
    ]  # fmt: skip


@given(st.dictionaries(st.text("abc ", min_size=1, max_size=6).filter(key), st.integers(1, 5), max_size=8))
def test_proposals_never_go_in_a_circle(counts: dict[str, int]) -> None:
    to = {row.old: row.new for row in proposals(counts, {})}
    for name in to:
        met = [name]
        while met[-1] in to:
            met.append(to[met[-1]])
            assert len(met) == len(set(met))
