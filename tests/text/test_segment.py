"""Tokens of any script: they cover what is no space, in order, and keep together what belongs together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.text.scripts import language, script, spaced
from pointline.text.segment import characters, tokens

ODD = "é\u0301か\u3099👩\u200d⚕️🇯🇵1️⃣हिन्दीภาษาไทย한국어עברית\u200c\u200b\ufeff\ud800\r\n\u3000ﾊﾟ𠮷々ーA1_'-/"
TEXTS = st.text(max_size=40) | st.text(st.sampled_from(ODD), max_size=40) | st.text(st.characters(), max_size=40)


@pytest.mark.parametrize("cut", [tokens, characters])
@given(text=TEXTS)
def test_tokens_cover_every_character_that_is_no_space_once_and_in_order(cut, text):
    covered = [place for start, end in cut(text) for place in range(start, end)]
    assert covered == [place for place, char in enumerate(text) if not char.isspace()]


@given(text=TEXTS)
def test_characters_only_cut_tokens_further(text):
    borders = {place for span in characters(text) for place in span}
    assert all(start in borders and end in borders for start, end in tokens(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't stop", ["don", "'", "t", "stop"]),
        ("東京(TOKYO)2012年", ["東", "京", "(", "TOKYO", ")", "2012", "年"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("ง่ายดี", ["ง่", "า", "ย", "ดี"]),
        ("한국어 단어", ["한국어", "단어"]),
        ("می\u200cخواهم برم", ["می\u200cخواهم", "برم"]),
        ("cafe\u0301 naïve", ["cafe\u0301", "naïve"]),
        ("👩\u200d⚕️👍🏽🇯🇵🇩🇪ok", ["👩\u200d⚕️", "👍🏽", "🇯🇵", "🇩🇪", "ok"]),
    ],
)
def test_what_belongs_together_stays_together(text, expected):
    assert [text[start:end] for start, end in tokens(text)] == expected


def test_characters_part_letters_and_digits():
    assert characters("NY1の") == [(0, 1), (1, 2), (2, 3), (3, 4)]


@given(char=st.characters())
def test_every_character_has_a_script(char):
    assert script(char)


@pytest.mark.parametrize(
    ("text", "told", "expected"),
    [
        ("東京へ", None, "ja"),
        ("北京", None, "zh"),
        ("北京", "ja", "ja"),
        ("北京", "zh-Hant-TW", "zh"),
        ("Miles Davis", None, None),
        ("the word 桜 means cherry", None, None),
        ("", None, None),
    ],
)
def test_the_language_is_told_or_seen(text, told, expected):
    assert language(text, told) == expected


@pytest.mark.parametrize(
    ("text", "told", "expected"),
    [
        ("ไทย", None, False),
        ("x", "th", False),
        ("서울에서", None, True),
        ("桜", "en", True),
        ("iPhoneを買う", None, False),
    ],
)
def test_spaces_are_expected_where_the_language_has_them(text, told, expected):
    assert spaced(text, told) is expected
