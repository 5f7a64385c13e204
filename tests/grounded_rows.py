"""Rows to walk through: a grounder for every kind of tokenizer, rough texts, outputs drawn from what is open."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tiny_models import KINDS, tokenizer

from pointline.formats.grammar import Grammar
from pointline.models.constrain.grounder import Grounder
from pointline.models.constrain.replay import Part, replay
from pointline.models.constrain.row import Row
from pointline.schema import Schema

GROUNDERS = {kind: Grounder(tokenizer(kind)) for kind in KINDS}
SCHEMA = (
    Schema()
    .label("topic", ["news", "newsy", "news on", "東京"])
    .entities(["PER", "PERS", "時間"])
    .relations(["likes", "like", "関係"])
    .events({"Win": ["subject", "object", "time"], "Wins": ["subject"]})
)
TEXTS = [
    "Bob met Ann at 10:30 in Pi:Co; System/360 :PER;x",
    "東京都の㍿製品名か\u3099ンダムと：；／の😀😀👨\u200d👩、ｶﾞ京都",
    '北京大学的王先生 说 "是\\n" :PER;昨天/实体命名识别/',
    "play  some\njazz \t by Miles Davis é e\u0301 한국어 مرحبا",
    "NAN head tail BANANA subject",
]


def random_output(row: Row, rng: random.Random, budget: int = 90) -> list[int]:
    """Tokens drawn evenly from what is open, as the processor's length guard leaves it."""
    place, ids = row.start, []
    while True:
        left = budget - len(ids)
        tokens = row.tokens(place)
        if left <= row.reach(place) + 2 and len(tokens):
            tokens = tokens[row.needs(place) <= left - 2]
        if place.done and (not len(tokens) or rng.random() < 0.1):
            return ids
        assert len(tokens), "a dead end"
        ids.append(int(rng.choice(tokens)))
        after = row.advance(place, ids[-1])
        assert after is not None
        place = after


def read(row: Row, grammar: Grammar, ids: Sequence[int]) -> tuple[str, list[Part]]:
    said = replay(row, grammar.source, ids)
    assert said is not None, row.automaton.vocabulary.join(ids)
    return said
