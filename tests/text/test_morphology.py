"""The optional analysers: words that cover any text, and one clear line where an analyser is absent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointline.errors import MissingExtra
from pointline.text import morphology
from pointline.text.morphology import ANALYSERS, available, dictionary_words, morphemes

MIXED = st.text(st.sampled_from("東京都国会議事堂へ行くた。か\u3099ﾊﾟA1 \u3000\n\ud800👩\u200d⚕️浙商银行"), max_size=30)
CASES = [("sudachi", "short"), ("sudachi", "long"), ("jieba", "short")]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join(case))
def analyser(request):
    if not available(request.param[0]):
        pytest.skip(f"{request.param[0]} is not installed")
    return request.param


def assert_covers(text, words):
    covered = [place for word in words for place in range(word.start, word.end)]
    assert len(covered) == len(set(covered))
    assert covered == sorted(covered)
    assert {i for i, char in enumerate(text) if not char.isspace()} <= set(covered)


@settings(max_examples=60)
@given(text=MIXED | st.text(max_size=20))
def test_words_cover_the_text(analyser, text):
    assert_covers(text, morphemes(text, *analyser))


def test_long_texts_are_read_whole(analyser):
    text = "東京へ行く。" * 9_000 + "漢" * 20_000
    words = morphemes(text, *analyser)
    assert_covers(text, words)
    assert words[-1].end == len(text)


def test_long_units_hold_short_ones():
    if not available("sudachi"):
        pytest.skip("sudachi is not installed")
    text = "国会議事堂前で会う"
    short, long = (morphemes(text, "sudachi", unit) for unit in ("short", "long"))
    assert len(long) < len(short)
    assert {word.end for word in long} <= {word.end for word in short}
    assert short[0].pos[0] == "名詞"


def test_dictionary_words_overlap():
    if not available("jieba"):
        pytest.skip("jieba is not installed")
    text = "浙商银行"
    found = [text[word.start : word.end] for word in dictionary_words(text)]
    assert {"浙商", "银行"} <= set(found)
    assert all(len(word) > 1 for word in found)


@pytest.mark.parametrize(("lang", "analyser"), ANALYSERS.items())
def test_an_absent_analyser_names_the_pip_line(lang, analyser, monkeypatch):
    monkeypatch.setattr(morphology, "find_spec", lambda name: None)
    for name in ("_sudachi", "_sudachi_dictionary", "_jieba", "_jieba_dictionary"):
        monkeypatch.setattr(morphology, name, getattr(morphology, name).__wrapped__)
    assert not available(analyser)
    with pytest.raises(MissingExtra, match=rf"pip install 'pointline\[{lang}\]'"):
        morphemes("text", analyser)
