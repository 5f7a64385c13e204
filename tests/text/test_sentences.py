"""Sentences in English, Japanese and Chinese: where they end, and that no character is lost."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.text.sentences import sentences


def cut(text: str, lang: str | None = None) -> list[str]:
    return [text[start:end] for start, end in sentences(text, lang)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Vale and Mr. J. K. Rusk of the U.S. Navy paid 4.5 million.", None),
        ("Yahoo! said so. It did.", ["Yahoo! said so.", "It did."]),
        ('"Go!" she said. "Stop." He left.', ['"Go!" she said.', '"Stop."', "He left."]),
        ("A line that is\nwrapped. The next\n\nNew part", ["A line that is\nwrapped.", "The next", "New part"]),
        ("(It rained. It poured.) Then sun.", ["(It rained. It poured.) Then sun."]),
        ("Is it I. No.", ["Is it I.", "No."]),
        ("今日は雨。明日は晴れ！本当？はい", ["今日は雨。", "明日は晴れ！", "本当？", "はい"]),
        ("「雨だ。寒い。」と言った。次の文。", ["「雨だ。寒い。」と言った。", "次の文。"]),
        ("「晴れ。」「雨。」と二人は言った。", ["「晴れ。」", "「雨。」と二人は言った。"]),
        ("「閉じない。次の文。", ["「閉じない。", "次の文。"]),
        ("すごい!でも3.5円。", ["すごい!", "でも3.5円。"]),
        ("見出し\n本文だ。\n続き", ["見出し", "本文だ。", "続き"]),
        ("他说：“好。走吧。”然后走了。价格是3.5元。", ["他说：“好。走吧。”然后走了。", "价格是3.5元。"]),
        ("真的？！是的……好吧。", ["真的？！", "是的……", "好吧。"]),
        ("Won 👀 🔴 Lost. 👀 Yes.", ["Won 👀 🔴 Lost.", "👀 Yes."]),
        ("", []),
        (" \n\u3000 ", []),
    ],
)
def test_where_sentences_end(text: str, wanted: list[str] | None) -> None:
    assert cut(text) == ([text] if wanted is None else wanted)


def test_the_language_says_whether_lines_are_wrapped() -> None:
    assert cut("東京\n大阪", "en") == ["東京\n大阪"]
    assert cut("Tokyo\nOsaka", "ja") == ["Tokyo", "Osaka"]


@given(st.text(alphabet="aB1 .!?…\n\r「」『』“”()\"'。！か\u3099東😀\u3000", max_size=60) | st.text(max_size=40))
def test_no_character_is_lost_and_none_is_in_two(text: str) -> None:
    places = sentences(text)
    assert all(a < b for a, b in places)
    assert all(first[1] <= second[0] for first, second in pairwise(places))
    assert "".join("".join(text[a:b].split()) for a, b in places) == "".join(text.split())
    assert all(text[a:b].strip() == text[a:b] for a, b in places)


def test_long_texts_take_linear_time() -> None:
    brackets = "（" * 20_000 + "」" * 20_000
    for text in ("（" * 20_000, "a. " * 50_000, "雨。" * 50_000, "「雨。" * 20_000, "(a. B) " * 20_000, brackets):
        started = time.process_time()
        sentences(text)
        assert time.process_time() - started < 3
