"""Every gold span of the Japanese and Chinese sets lies on the borders of the tokens that the tagger labels."""

from __future__ import annotations

import json

import pytest

from pointline.models.tagger.tokens import tokenize


def reached(text: str, lang: str, spans: list[tuple[int, int]]) -> int:
    tokens = tokenize(text, lang)
    starts = {token.start for token in tokens}
    ends = {token.end for token in tokens}
    return sum(start in starts and end in ends for start, end in spans)


@pytest.mark.parametrize("lang", ["ja", None])
def test_stockmark(shared_data, lang):
    samples = json.loads((shared_data / "stockmark_ner_wikipedia_ja" / "ner.json").read_text(encoding="utf-8"))
    if lang is None:
        samples = [sample for sample in samples if any("\u3041" <= char <= "\u30ff" for char in sample["text"])]
    spans = [[tuple(entity["span"]) for entity in sample["entities"]] for sample in samples]
    found = sum(reached(sample["text"], lang, places) for sample, places in zip(samples, spans, strict=True))
    assert found == sum(map(len, spans))
    assert lang is None or found == 13_185


def test_cluener(shared_data):
    wanted = found = 0
    for name in ("train.json", "test.json"):
        for line in (shared_data / "cluener_zh" / name).read_text(encoding="utf-8").splitlines():
            sample = json.loads(line)
            places = [(a, b + 1) for kind in sample["label"].values() for spans in kind.values() for a, b in spans]
            wanted += len(places)
            found += reached(sample["text"], "zh", places)
    assert found == wanted == 27_044
