"""Word lists from word-level annotations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.errors import Refusal, SettingsFault
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span
from pointline.studies.verbalizer.words import WordSettings, word_lists, words

JAZZ = Sample("1", "play free jazz", "en", ["Play"], [Entity("genre", "free jazz", 5, 14)])
TABLE = Sample("2", "a table at Ann's", "en", ["Book"], [Entity("place", "Ann's", 11, 16), Entity("genre", "a", 0, 1)])


def test_both_readings() -> None:
    assert word_lists([JAZZ, TABLE]).words == {"Book": {"a": 1, "ann": 1, "s": 1}, "Play": {"free": 1, "jazz": 1}}
    types = {"genre": "Play", "place": "Book"}
    found = word_lists([JAZZ, TABLE], WordSettings("types"), types).words
    assert found == {"Book": {"ann": 1, "s": 1}, "Play": {"a": 1, "free": 1, "jazz": 1}}
    with pytest.raises(Refusal, match="no type belongs to a label"):
        word_lists([JAZZ, TABLE], WordSettings("types"))


def test_shared_words_are_dropped_and_told() -> None:
    both = [JAZZ, Sample("3", "book jazz", "en", ["Book"], [Entity("genre", "jazz", 5, 9), Entity("x", "book", 0, 4)])]
    found = word_lists(both)
    assert (found.words, found.dropped) == ({"Book": {"book": 1}, "Play": {"free": 1}}, ["jazz"])
    assert "jazz" in word_lists(both, WordSettings(shared=True)).words["Book"]


def test_whole_names_relations_and_events() -> None:
    sample = Sample("1", "Ann left Oslo", labels=["L"], relations=[Relation("r", Span("Ann"), Span("Oslo"))])
    sample.events = [Event("Leave", Span("left"), [Argument("who", "Ann")])]
    assert word_lists([sample]).words == {"L": {"ann": 2, "left": 1, "oslo": 1}}
    assert word_lists([JAZZ], WordSettings(whole=True)).words == {"Play": {"free jazz": 1}}


def test_log_odds_prefer_what_tells_labels_apart() -> None:
    rows = [
        Sample(str(i), "", labels=[label], entities=[Entity("x", "the"), Entity("x", word)])
        for i in range(20)
        for label, word in (("A", "ape"), ("B", "bee"))
    ]
    for weight in ("frequency", "tfidf", "log-odds"):
        found = word_lists(rows, WordSettings(weight=weight, size=1, shared=True)).words
        assert {label: list(held) for label, held in found.items()} == {"A": ["ape"], "B": ["bee"]}
    assert "the" not in word_lists(rows, WordSettings(weight="log-odds")).words["A"]


def test_japanese_words_are_morphemes() -> None:
    pytest.importorskip("sudachipy")
    assert list(words("東京へ行く。", "ja")) == ["東京", "へ", "行く"]


def test_a_list_holds_a_word() -> None:
    with pytest.raises(SettingsFault, match="size"):
        WordSettings(size=0)


NAMES = st.text("ab 中カ", min_size=1, max_size=4)
SAMPLES = st.builds(
    lambda id, label, names: Sample(id, "", labels=[label], entities=[Entity("T", name) for name in names]),
    st.text("0123456789", min_size=1), st.sampled_from("ABC"), st.lists(NAMES, max_size=4),
)  # fmt: skip


@given(st.lists(SAMPLES, max_size=6), st.sampled_from(["frequency", "tfidf", "log-odds"]), st.integers(1, 5))
def test_lists_are_short_disjoint_and_in_order(drawn: list[Sample], weight: str, size: int) -> None:
    try:
        found = word_lists(drawn, WordSettings(weight=weight, size=size))  # type: ignore[arg-type]
    except Refusal:
        return
    every = [word for held in found.words.values() for word in held]
    assert len(every) == len(set(every))
    for held in found.words.values():
        assert len(held) <= size
        assert list(held) == sorted(held, key=lambda word: (-held[word], word))
    assert found == word_lists(list(reversed(drawn)), WordSettings(weight=weight, size=size))  # type: ignore[arg-type]
