"""Rules by name: what each catches, and what it leaves in peace."""

from __future__ import annotations

import pytest

from pointline.translate.languages import pair
from pointline.translate.rules import doubts, faults, residues

FAULTS = [
    ("ja", "zh", "東京へ行く", "去とうきょう", "residual_script"),
    ("ja", "zh", "東京へ行く", "去ﾄｳｷｮｳ", "residual_script"),
    ("ja", "zh", "データ", "数据ー", "residual_script"),
    ("ja", "en", "東京へ行く", "go to 東京", "residual_script"),
    ("ja", "en", "東京へ行く", "go to Tokyoへ", "residual_script"),
    ("zh", "en", "去东京", "go to 东京", "residual_script"),
    ("en", "zh", "go to Tokyo", "去トウキョウ", "residual_script"),
    ("en", "ja", "go to Seoul", "서울へ行く", "residual_script"),
    ("ru", "en", "в Москву", "to Москва", "residual_script"),
    ("en", "zh", "play some jazz", "play some jazz", "copied_source"),
    ("en", "de", "play some jazz", "Play some jazz", "copied_source"),
    ("en", "zh", "see https://a.org/x now", "现在看 https://a.org/", "url_lost"),
    ("en", "zh", "write to a.b@c.org", "写信给 a.b@d.org", "url_lost"),
    ("en", "zh", "go home", "回家回家回家回家回家", "repetition"),
    ("en", "zh", "go home", "  ", "empty"),
]
FINE = [
    ("ja", "zh", "東京へ行く", "去东京"),
    ("ja", "zh", "ジャン・レノ", "让・雷诺"),
    ("en", "zh", "IBM", "IBM"),
    ("en", "de", "Miles Davis", "Miles Davis"),
    ("en", "zh", "α and β", "α和β"),
    ("en", "ja", "play jazz", "ジャズをかけて"),
    ("en", "zh", "ha ha ha ha ha", "哈哈哈哈哈哈"),
    ("en", "xx", "go home", "что угодно"),
    ("en", "ko", "go home 😀", "집에 가 😀"),
    ("en", "zh", "see https://a.org/x.", "看https://a.org/x。"),
]
DOUBTS = [
    ("en", "zh", "wake me at 5 pm tomorrow", "明天下午 6 点叫醒我", "number_lost"),
    ("ja", "en", "XML Schemaを使う", "it uses a schema", "latin_lost"),
    ("en", "zh", "play some jazz music", "播放一些jazz", "copied_words"),
    ("en", "zh", "a sentence of some length", "句", "length_ratio"),
    ("ja", "en", "とても長い文章を書きましたよ", "yes", "length_ratio"),
]
SURE = [
    ("en", "zh", "wake me at 5 pm", "下午五点叫醒我"),
    ("en", "ja", "wake me at 5 pm", "17時に起こして"),
    ("en", "zh", "25 people paid 1,200", "二十五个人付了1200"),
    ("ja", "en", "１０人で行く", "ten of us go there"),
    ("ja", "zh", "XML Schemaを使う", "使用xml schema"),
    ("en", "zh", "play Jazz on NPR", "在NPR播放Jazz"),
]


@pytest.mark.parametrize(("source", "target", "text", "said", "reason"), FAULTS)
def test_a_fault_is_named(source: str, target: str, text: str, said: str, reason: str) -> None:
    assert faults(pair(source, target), text, said) == [reason]


@pytest.mark.parametrize(("source", "target", "text", "said"), FINE)
def test_what_is_no_fault(source: str, target: str, text: str, said: str) -> None:
    assert faults(pair(source, target), text, said) == []


@pytest.mark.parametrize(("source", "target", "text", "said", "reason"), DOUBTS)
def test_a_doubt_is_named(source: str, target: str, text: str, said: str, reason: str) -> None:
    assert doubts(pair(source, target), text, said) == [reason]


@pytest.mark.parametrize(("source", "target", "text", "said"), SURE)
def test_what_is_no_doubt(source: str, target: str, text: str, said: str) -> None:
    assert doubts(pair(source, target), text, said) == []


def test_allowed_words_stay() -> None:
    ja_zh = pair("ja", "zh")
    assert residues(ja_zh, "優の良品", "优の良品") == [(1, 2)]
    assert residues(ja_zh, "優の良品", "优の良品", ["の"]) == []
    assert faults(ja_zh, "優の良品", "优の良品", ["の"]) == []


def test_the_glossary_is_held_to() -> None:
    told = pair("en", "zh", {"Springfield": "斯普林菲尔德"})
    assert faults(told, "go to springfield", "去春田") == ["glossary_ignored"]
    assert faults(told, "go to springfield", "去斯普林菲尔德") == []
    assert faults(told, "go to Springfields", "去春田") == []


def test_a_stretch_of_residue_is_one_place() -> None:
    assert residues(pair("ja", "zh"), "x", "在コーヒー ショップ喝カフェ") == [(1, 10), (11, 14)]


@pytest.mark.parametrize(
    ("to", "text", "copied"),
    [
        ("zh", "SOCCER - OSLO GET LUCKY WIN , LIMA IN SURPRISE DEFEAT .", True),
        ("zh", "Senate Passes New Budget Bill After Long Debate", True),
        ("fr", "Senate Passes New Budget Bill After Long Debate", True),
        ("zh", "play some jazz", True),
        ("fr", "Miles Davis", False),
        ("zh", "Miles Davis", False),
        ("ja", "GT-500 MkII", False),
    ],
)
def test_a_headline_left_as_it_was_is_no_translation(to: str, text: str, copied: bool) -> None:
    assert ("copied_source" in faults(pair("en", to), text, text)) == copied
