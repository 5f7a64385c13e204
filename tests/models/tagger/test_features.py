"""Words and ids: the same in every process, one entry a token, the layers fitting together, whatever the text."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointline.errors import MissingExtra
from pointline.models.tagger import features as module
from pointline.models.tagger.features import BUCKETS, FeatureSettings, featurize
from pointline.models.tagger.tokens import tokenize
from pointline.text import morphology
from pointline.text.morphology import ANALYSERS, available

INSTALLED = FeatureSettings(analysers={lang: one for lang, one in ANALYSERS.items() if available(one)})
PLAIN = FeatureSettings()
TEXTS = st.text(max_size=20) | st.text(
    st.sampled_from("東京都県勢訪日おけるた。か\u3099ﾊﾟFCvs19 \u3000\n\ud800👩\u200d⚕️浙商银行ไทยง่าย"), max_size=30
)


@settings(max_examples=80)
@given(text=TEXTS, lang=st.sampled_from([None, "ja", "zh", "en", "th"]), how=st.sampled_from([INSTALLED, PLAIN]))
def test_layers_fit_and_ids_lie_in_the_table(text, lang, how):
    tokens = tokenize(text, lang)
    words, ids, inside = featurize(text, tokens, lang, how)
    assert len(words) == len(ids)
    rows = list(ids)
    if inside is None:
        assert len(words) == len(tokens)
    else:
        assert len(inside.parents) == len(inside.ids) == len(tokens)
        assert inside.parents == sorted(inside.parents)
        assert all(0 <= parent < len(words) for parent in inside.parents)
        rows += inside.ids
    assert all(0 <= number < BUCKETS for row in rows for number in row)
    assert featurize(text, tokens, lang, how) == (words, ids, inside)


def test_ids_are_the_same_in_every_process():
    texts = [("ロンドンオリンピックに渡米した19節", "ja"), ("浙商银行CSOL叶老桂", "zh"), ("play Miles 42", "en")]
    code = (
        "from pointline.models.tagger.features import *;from pointline.models.tagger.tokens import tokenize;import sys;"
        f"s=FeatureSettings(analysers={INSTALLED.analysers!r});"
        f"print([featurize(t,tokenize(t,l),l,s) for t,l in {texts!r}])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": ":".join(filter(None, sys.path)), "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(said) == 1


def test_a_character_without_its_analyser_knows_its_neighbours():
    words, ids, inside = featurize("東京", tokenize("東京", "ja"), "ja", PLAIN)
    assert (words, inside) == (["東", "京"], None)
    assert set(ids[0]) != set(ids[1])


@pytest.mark.skipif(not available("sudachi"), reason="sudachi is not installed")
def test_japanese_is_read_by_words_and_labelled_by_characters():
    text = "県勢は New York"
    words, _, inside = featurize(text, tokenize(text, "ja"), "ja", INSTALLED)
    assert words == ["県勢", "は", "new", "york"]
    assert inside is not None
    assert inside.parents == [0, 0, 1, 2, 2, 2, 3, 3, 3, 3]


@pytest.mark.parametrize(("lang", "analyser"), ANALYSERS.items())
def test_a_model_that_needs_an_absent_analyser_names_the_pip_line(lang, analyser, monkeypatch):
    monkeypatch.setattr(morphology, "find_spec", lambda name: None)
    for name in ("_sudachi", "_sudachi_dictionary", "_jieba", "_jieba_dictionary"):
        monkeypatch.setattr(morphology, name, getattr(morphology, name).__wrapped__)
    text = "東京"
    with pytest.raises(MissingExtra, match=rf"pip install 'pointline\[{lang}\]'"):
        featurize(text, tokenize(text, lang), lang, FeatureSettings(analysers={lang: analyser}))


def test_only_installed_analysers_of_languages_that_occur_are_chosen(monkeypatch):
    monkeypatch.setattr(module, "available", lambda analyser: analyser == "jieba")
    texts = [("東京へ", None), ("去北京", "zh-CN"), ("go", "en")]
    assert FeatureSettings.installed(texts).analysers == {"zh": "jieba"}
    assert not FeatureSettings.installed(texts).layered
