"""The three heuristics of quality, in any script; and the quick look that must never be wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointline.clean.quality import doubtful, non_alphabetic_share, quality_fault, stopword_share
from pointline.clean.rules import CleanSettings
from pointline.clean.stopwords import CHINESE, ENGLISH, JAPANESE
from pointline.errors import SettingsFault

GOOD = [
    "play jazz by Miles Davis",
    "東京で寿司を食べた。",
    "ありがとうございました",
    "北京今天天气很好。",
    "서울에서 만나요",
    "Привет, как дела?",
    "สวัสดีครับ ยินดีต้อนรับ",
    "नमस्ते दुनिया",
    "مرحبا بالعالم",
    "IL-2 gene expression",
]


@pytest.mark.parametrize("text", GOOD)
def test_good_texts_of_any_script_stay(text: str) -> None:
    assert quality_fault(text, CleanSettings()) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "non_alphabetic"),
        ("--- 12/34 --- x", "non_alphabetic"),
        ("１２３４（５６）。、東", "non_alphabetic"),
        ("😀😀😀😀😀", "non_alphabetic"),
        ("❤️❤️❤️❤️❤️", "non_alphabetic"),
        ("what is it to be", "stopwords"),
        ("The The THE of", "stopwords"),
        ("you’re “it”", None),
        ("“it” is (what) it is", "stopwords"),
        ("それはそれでこれです。", "stopwords"),
        ("的是在了我们。", "stopwords"),
        ("個這個那個這些", "stopwords"),
    ],
)
def test_poor_texts_leave_with_their_reason(text: str, reason: str | None) -> None:
    assert quality_fault(text, CleanSettings()) == reason


def test_the_borders_belong_to_the_good() -> None:
    assert non_alphabetic_share("ab345678 9") == 0.8
    assert quality_fault("ab345678 9", CleanSettings()) is None
    assert stopword_share("what is it to play") == 0.8
    assert quality_fault("what is it to play", CleanSettings()) is None
    assert quality_fault("what is it to play", CleanSettings(stopwords=0.7)) == "stopwords"
    assert quality_fault("what is it", CleanSettings(stopwords=1.0)) is None
    assert quality_fault("1 2 3 4 5", CleanSettings(non_alphabetic=1.0)) is None


def test_impossible_settings_are_refused() -> None:
    for words in ({"stopwords": 0.0}, {"non_alphabetic": 1.1}, {"short": -1}, {"workers": 0}):
        with pytest.raises(SettingsFault):
            CleanSettings(**words)  # type: ignore[arg-type]


pieces = st.one_of(
    st.sampled_from(
        [*sorted(ENGLISH)[:40], *JAPANESE[:30], *CHINESE[:30], "The", "東", "京", "寿司", "jazz", "テスト"]
    ),
    st.sampled_from([" ", "  ", ".", "1", "２", "。", "İ", "ß", "é", "ő", "’", "-", "\u0301", "한", "कि", "𠮷", "ｱ"]),
    st.characters(exclude_categories=["Cs"]),
)
borders = st.sampled_from([0.3, 0.5, 0.8, 0.9, 1.0])


@settings(max_examples=700)
@given(st.lists(st.lists(pieces, max_size=14), max_size=3), borders, borders)
def test_the_quick_look_is_never_wrong(drawn: list[list[str]], non_alphabetic: float, stopwords: float) -> None:
    keys = [" ".join(joint.join(text).split()) for text in drawn for joint in ("", " ")]
    rules = CleanSettings(non_alphabetic=non_alphabetic, stopwords=stopwords)
    doubted = set(doubtful(keys, rules))
    for at, key in enumerate(keys):
        if at not in doubted:
            assert quality_fault(key, rules) is None
            assert len(key) >= rules.short


def test_the_quick_look_sees_most_plain_texts() -> None:
    assert len(doubtful(GOOD, CleanSettings())) <= 4


def test_a_text_too_long_to_be_counted_is_looked_at_closely() -> None:
    assert doubtful(["寿" * (1 << 21), "寿" * 20], CleanSettings()) == [0]
