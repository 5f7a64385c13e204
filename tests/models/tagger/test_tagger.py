"""A tagger as a model: order, schema, long and odd texts, saving and loading."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

import torch

from pointline.errors import ModelFault, Refusal
from pointline.models.extractor import load
from pointline.models.tagger.encode import Inventory
from pointline.models.tagger.features import FeatureSettings
from pointline.models.tagger.network import Network
from pointline.models.tagger.reader import NetworkSettings
from pointline.models.tagger.tagger import Tagger
from pointline.sample import Sample, faults
from pointline.schema import Schema


def tagger(multi: bool = False) -> Tagger:
    """An untrained network whose tags are wild, so that it says many spans."""
    torch.manual_seed(1)
    inventory = Inventory(("a", "b"), ("x", "y", "z"), ("A", "B"), multi)
    network = Network(NetworkSettings(words=4, labels=3, types=2, multi=multi, hidden=8, word_width=16)).eval()
    network.load_state_dict({name: tensor.half().float() for name, tensor in network.state_dict().items()})
    return Tagger(network, inventory, FeatureSettings())


MODEL = tagger()


@given(st.lists(st.text(max_size=50), max_size=8), st.integers(1, 4))
def test_predictions_keep_the_order_and_hold_the_record(texts, batch_size):
    found = list(MODEL.extract(texts, batch_size=batch_size))
    assert [prediction.text for prediction in found] == texts
    for prediction in found:
        assert list(faults(prediction)) == []
        assert prediction.labels is not None
        assert len(prediction.labels) == 1
        assert sum((prediction.label_scores or {}).values()) == pytest.approx(1, abs=1e-3)
        assert all(0 <= (entity.score or 0) <= 1.0001 for entity in prediction.entities or ())


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "😀👨‍👩‍👧", "\ud800 a", "﻿a"])
def test_odd_texts(text):
    prediction = MODEL.extract(text)
    assert prediction.text == text
    assert list(faults(prediction)) == []
    if not text.strip():
        assert prediction.entities == []


def test_one_text_a_sample_and_an_iterator_are_all_taken():
    sample = Sample("mine", "a b", "en", source="s", split="test", meta={"k": 1})
    prediction = MODEL.extract(sample)
    assert (prediction.id, prediction.source, prediction.split, prediction.meta) == ("mine", "s", "test", {"k": 1})
    assert [p.id for p in MODEL.extract(iter([sample, sample]))] == ["mine", "mine"]
    assert list(MODEL.extract([])) == []


def test_texts_are_read_as_they_are_needed():
    def endless():
        while True:
            yield "a b a"

    assert next(MODEL.extract(endless(), batch_size=2)).text == "a b a"


@pytest.mark.parametrize(("word", "tokens"), [("ab ", 33_334), ("長", 100_000), ("x", 1)])
def test_a_very_long_text_is_read_to_its_end(word, tokens):
    """A network that tags every token as a span of its own shows that no token is left out or said twice."""
    model = tagger()
    [reader] = model.network.readers
    reader.emit.weight.data.zero_()
    reader.emit.bias.data = torch.tensor([0.0, 9.0, 0.0, 0.0, 0.0])
    prediction = model.extract((word * 100_000)[:100_000])
    assert list(faults(prediction)) == []
    assert len(prediction.entities or ()) == tokens


def test_a_schema_narrows_the_answer():
    texts = ["a b a b a", "b b b a"]
    whole = list(MODEL.extract(texts))
    narrow = list(MODEL.extract(texts, Schema().label("l", ["x", "z"]).entities(["B"])))
    for one, other in zip(whole, narrow, strict=True):
        assert set(other.label_scores or {}) == {"x", "z"}
        assert other.entities == [entity for entity in one.entities or () if entity.type == "B"]
    words = MODEL.extract("a b", Schema().entities(["A"]))
    assert words.labels is None
    assert words.label_scores is None
    label = MODEL.extract("a b", Schema().label("l", ["x"]))
    assert label.labels == ["x"]
    assert label.entities is None


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (Schema().entities(["C"]), "entity type 'C'"),
        (Schema().label("l", ["w"]), "label 'w'"),
        (Schema().relations(["r"]), "relation 'r'"),
        (Schema().events(["e"]), "event 'e'"),
    ],
)
def test_what_the_model_does_not_know_is_refused(schema, said):
    with pytest.raises(Refusal, match=said):
        MODEL.extract(["a"], schema)


def test_several_labels_need_no_sum():
    prediction = tagger(multi=True).extract("a b a")
    scores = prediction.label_scores or {}
    assert prediction.labels == [name for name, score in scores.items() if score > 0.5]


def test_saved_and_loaded_it_says_the_same(tmp_path):
    MODEL.save(tmp_path / "m")
    texts = ["a b a", "b", "", "c c a"]
    assert load(tmp_path / "m").extract(texts) == MODEL.extract(texts)
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == [
        "model.json",
        "weights.safetensors",
        "words.json",
    ]


@pytest.mark.parametrize("name", ["weights.safetensors", "words.json"])
def test_a_changed_file_is_refused(tmp_path, name):
    MODEL.save(tmp_path)
    data = bytearray((tmp_path / name).read_bytes())
    data[-3] ^= 1
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ModelFault, match=f"{name} is not the file that model.json vouches for"):
        load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ModelFault, match="not complete"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 99}, "has format 99"),
        ({"kind": "oracle"}, "unknown kind of model 'oracle'"),
        ({"surplus": 1}, "surplus"),
    ],
)
def test_a_model_of_another_version_or_kind_is_refused(tmp_path, change, said):
    MODEL.save(tmp_path)
    card = json.loads((tmp_path / "model.json").read_text())
    (tmp_path / "model.json").write_text(json.dumps(card | change))
    with pytest.raises(ModelFault, match=said) as caught:
        load(tmp_path)
    assert "\n" not in str(caught.value)


def test_what_is_no_model_folder_is_refused(tmp_path):
    with pytest.raises(ModelFault, match=r"holds no model\.json"):
        load(tmp_path)
    (tmp_path / "model.json").write_text("{")
    with pytest.raises(ModelFault, match="cannot be read"):
        load(tmp_path)
    (tmp_path / "model.json").write_text("[]")
    with pytest.raises(ModelFault, match="not a JSON object"):
        load(tmp_path)
