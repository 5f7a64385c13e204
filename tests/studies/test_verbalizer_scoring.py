"""Scores of whole words against brute force: every word by itself, no batch, no cache, no shared rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
import tiny_models  # noqa: E402

from pointline.errors import Refusal, SettingsFault  # noqa: E402
from pointline.sample import Sample  # noqa: E402
from pointline.studies.verbalizer.opening import Opened, kind_of, open_model  # noqa: E402
from pointline.studies.verbalizer.pieces import cut_words  # noqa: E402
from pointline.studies.verbalizer.prefixes import prefixes  # noqa: E402
from pointline.studies.verbalizer.prompting import prompted  # noqa: E402
from pointline.studies.verbalizer.scoring import SCORERS  # noqa: E402
from pointline.studies.verbalizer.settings import VerbalizerSettings  # noqa: E402
from pointline.studies.verbalizer.template import Template, template_for  # noqa: E402
from pointline.studies.verbalizer.told import listed  # noqa: E402

TEMPLATE = Template.of("{text} The topic is {word}.")
LISTS = listed({"News": ["news", "trigger", "Tokyo"], "Play": ["jazz", "play some", "good"], "時": ["時間", "東京都"]})
TEXTS = ["Bob met Ann in Tokyo", "play jazz", "東京都の田中さん"]


def opened(kind: str) -> Opened:
    """A tiny model of a kind that can be asked for words."""
    if kind == "masked":
        return tiny_models.masked()
    tokenizer = tiny_models.tokenizer("unigram" if kind == "seq2seq" else "byte-level")
    if kind == "seq2seq":
        tokenizer = tiny_models.with_sentinel()
        model = tiny_models.t5(tokenizer)
    else:
        model = tiny_models.model("byte-level")
    return Opened(model, tokenizer, kind, None)  # type: ignore[arg-type]


@torch.no_grad()
def by_hand(kind: str, held: Any, text: str, cut: tuple[int, ...]) -> float:
    """The log probability of one word, each piece by a pass of its own."""
    model, tok = held.model, held.tokenizer
    total = 0.0
    for at, piece in enumerate(cut):
        if kind == "masked":
            ids = tok(f"{text} The topic is {tok.mask_token * len(cut)}.")["input_ids"]
            place = [i for i, id in enumerate(ids) if id == tok.mask_token_id][at]
            logits = model(input_ids=torch.tensor([ids])).logits[0, place]
        elif kind == "seq2seq":
            ids = tok(f"{text} The topic is <extra_id_0>.")["input_ids"]
            said = [0, tok.convert_tokens_to_ids("<extra_id_0>"), *cut[:at]]
            logits = model(input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([said])).logits[0, -1]
        else:
            ids = tok(f"{text} The topic is")["input_ids"] + list(cut[:at])
            logits = model(input_ids=torch.tensor([ids])).logits[0, -1]
        total += float(logits.log_softmax(-1)[piece])
    return total


@pytest.mark.parametrize("kind", ["masked", "seq2seq", "causal"])
@pytest.mark.parametrize("rows", [2, 256])
def test_whole_words_as_by_hand(kind: str, rows: int) -> None:
    held = opened(kind)
    pieces = cut_words(LISTS, held.tokenizer, TEMPLATE.anchor)
    assert max(map(len, pieces.cuts)) > 2
    scorer = SCORERS[kind](held.model, held.tokenizer, TEMPLATE, rows)  # type: ignore[index]
    scorer.cuts = pieces.cuts
    with torch.no_grad():
        found, mean = scorer(TEXTS), scorer(TEXTS, "mean")
    expected = torch.tensor([[by_hand(kind, held, text, cut) for cut in pieces.cuts] for text in TEXTS])
    assert torch.allclose(found, expected, atol=2e-4)
    assert torch.allclose(mean, expected / torch.tensor([len(cut) for cut in pieces.cuts]), atol=2e-4)


def test_words_are_cut_as_in_running_text() -> None:
    tok = tiny_models.with_sentinel()
    pieces = cut_words(listed({"時": ["時間"], "京": ["京都"], "met": ["met"]}), tok, "これは")
    assert all(tok.convert_ids_to_tokens(cut[0]) != "▁" for cut in pieces.cuts[:2])
    report = pieces.report()
    assert report.empty_first > 0
    assert report.shared_first == 0
    assert report.shared_first_bare >= report.empty_first
    spaced = cut_words(listed({"met": ["met"]}), tok, " is ").cuts[0]
    assert tok.decode(spaced).strip() == "met"


def test_words_that_cannot_be_written_are_told() -> None:
    held = tiny_models.masked()
    pieces = cut_words(listed({"a": ["news", "\U0001f600"]}), held.tokenizer, "")
    assert (pieces.words, pieces.left_out) == (["news"], ["\U0001f600"])
    with pytest.raises(Refusal, match="no word of the label 'b'"):
        cut_words(listed({"a": ["news"], "b": ["\U0001f600"]}), held.tokenizer, "")


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4).map(tuple), min_size=1, max_size=12))
def test_rows_hold_every_word_and_no_row_another(cuts: list[tuple[int, ...]]) -> None:
    rows, row_of = prefixes(cuts)
    for cut, at in zip(cuts, row_of, strict=True):
        assert rows[at][: len(cut) - 1] == cut[:-1]
    for one in rows:
        assert not any(other != one and other[: len(one)] == one for other in rows)
    assert len(set(rows)) == len(rows)


SHOTS = [
    Sample(f"{label}{i}", text, "en", [label])
    for i in range(6)
    for label, text in (("News", "Bob met Ann in Tokyo"), ("Play", "play some jazz"), ("時", "at half past ten"))
]


@pytest.mark.parametrize("kind", ["masked", "seq2seq", "causal"])
@pytest.mark.parametrize("how", ["sum", "learned"])
def test_shots_are_learned(kind: str, how: str) -> None:
    settings = VerbalizerSettings(epochs=12, learning_rate=1e-2, aggregate=how, rows=16)  # type: ignore[arg-type]
    found = []
    for _ in range(2):
        asker = prompted(opened(kind), LISTS, TEMPLATE, settings)
        asker.refine([sample.text for sample in SHOTS])
        assert len(asker.pieces.words) == 5  # half of three, three and two
        asker.fit(SHOTS, seed=1)
        found.append(asker.predict(SHOTS[:3]))
    assert [max(range(3), key=lambda at: row[at]) for row in found[0]] == [0, 1, 2]
    assert found[0] == found[1]


def test_long_texts_are_cut_and_counted() -> None:
    held = tiny_models.masked()._replace(limit=32)
    asker = prompted(held, LISTS, TEMPLATE, VerbalizerSettings())
    rows = asker.predict([Sample("1", "Bob met Ann " * 40), Sample("2", "[MASK] good")])
    assert asker.cut == 1
    assert all(sum(torch.tensor(row).exp()) == pytest.approx(1) for row in rows)


def test_models_are_known_by_what_they_have(tmp_path: Any) -> None:
    for kind in ("masked", "seq2seq", "causal"):
        held = opened(kind)
        held.model.save_pretrained(tmp_path / kind)
        held.tokenizer.save_pretrained(tmp_path / kind)
        assert open_model(str(tmp_path / kind)).kind == kind
    with pytest.raises(Refusal, match="extra_id_0"):
        kind_of(tiny_models.model("unigram").config, tiny_models.tokenizer("unigram"))


def test_templates() -> None:
    assert template_for("topic", [Sample("1", "今天下雨")]).left == "{text} 这段话的主题是"
    assert template_for("{word}: {text}", []).filled("a", "b") == "b: a"
    with pytest.raises(SettingsFault, match="no template 'tpic'"):
        template_for("tpic", [])
    with pytest.raises(SettingsFault, match="each once"):
        Template.of("{word}")
    with pytest.raises(SettingsFault, match="from the left"):
        Template.of("{word}: {text}").before("a")
