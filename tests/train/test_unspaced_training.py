"""Fitting a tagger on Japanese and Chinese: learned, saved and read back whole, with and without the analysers."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("torch")

from pointline.models.extractor import load
from pointline.models.tagger import features
from pointline.sample import Entity, Sample
from pointline.text.morphology import ANALYSERS, available
from pointline.train.dev import dev_score
from pointline.train.tagger import fit
from pointline.train.tagger.settings import TaggerTraining

QUICK = TaggerTraining(preset="ja", epochs=8, batch=16, hidden=16, learning_rate=5e-3, dropout=0.2, patience=8)
MADE = {
    "ja": (
        ["山田太郎", "鈴木花子", "ジョン・スミス"],
        ["青森県", "米", "ＮＹ", "京都"],
        ["{n}は{p}勢だ", "{n}が渡{p}した"],
    ),
    "zh": (["王小明", "李娜", "张伟"], ["北京", "上海", "纽约NY"], ["{n}昨天去了{p}", "在{p}见到{n}先生"]),
}


def made(lang: str, count: int, seed: int) -> list[Sample]:
    draw = random.Random(seed)
    names, places, patterns = MADE[lang]
    samples = []
    for i in range(count):
        name, place, pattern = draw.choice(names), draw.choice(places), draw.choice(patterns)
        text = pattern.format(n=name, p=place)
        entities = [
            Entity(kind, value, text.index(value), text.index(value) + len(value))
            for kind, value in (("name", name), ("place", place))
        ]
        entities.sort(key=lambda e: e.start or 0)
        samples.append(Sample(f"{lang}/{seed}/{i}", text, lang, [str(patterns.index(pattern))], entities))
    return samples


@pytest.mark.parametrize("lang", MADE)
@pytest.mark.parametrize("extra", [True, False], ids=["analyser", "characters"])
def test_it_is_learned_and_read_back(lang, extra, tmp_path, monkeypatch):
    if extra and not available(ANALYSERS[lang]):
        pytest.skip(f"{ANALYSERS[lang]} is not installed")
    if not extra:
        monkeypatch.setattr(features, "available", lambda analyser: False)
    record = fit(made(lang, 160, 0), made(lang, 30, 1), QUICK, tmp_path)
    assert record.lost_entities == {}
    model = load(tmp_path)
    assert bool(model.encoder.settings.analysers) is extra
    test = made(lang, 60, 2)
    score = dev_score(test, list(model.extract(test)))
    assert score.TL is not None
    assert score.WL is not None
    assert score.TL > 90
    assert score.WL > 90
    long = "".join(sample.text + "。\n " for sample in test)
    found = model.extract(Sample("1", long, lang))
    assert found.entities
    assert all(long[entity.start : entity.end] == entity.text for entity in found.entities)
    empty = list(model.extract([Sample("1", " ", lang), Sample("2", "word", "en"), test[0]]))
    assert empty[0].entities == []
    assert empty[2].entities == model.extract(test[0]).entities
