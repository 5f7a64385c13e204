"""Gold as prediction scores 100 under every protocol that applies: real sets in three languages, and any sample."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from real_sets import SETS
from score_cases import QUICK
from strategies import schemas_and_samples

from pointline.corpora import cards
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.sample import Sample
from pointline.schema import Schema
from pointline.score import PROTOCOLS, Board, score_all

CARDS = {
    "xsid_0.7": "xsid_0.7",
    "chabsa_ja": "chabsa_ja",
    "genia_w2ner": "genia_w2ner",
    "phee": "phee",
    "duie2_zh": "duie2_zh",
    "casie": "casie",
    "iepile_spo": "iepile_data",
    "iepile_kg": "iepile_data",
    "iepile_eea": "iepile_data",
    "acos_laptop": "acos_quad",
}


def holds(board: Board) -> None:
    assert set(board.scores) | set(board.refused) == set(PROTOCOLS)
    assert all(board.refused.values())
    for name, score in board.scores.items():
        for key, figure in score.figures.items():
            assert (name, key, figure.value) == (name, key, 100)
            assert (figure.low, figure.high) == (100, 100)


@pytest.mark.parametrize("name", SETS)
def test_real_sets(name: str, shared_data: Path) -> None:
    gold = list(SETS[name](shared_data))[:3000]
    board = score_all(gold, gold, settings=QUICK)
    holds(board)
    assert {"mre", "mre-accuracy", "slg"} <= set(board.scores)
    if gold[0].entities is not None:
        assert {"iepile", "universalner", "offset", "gliner", "partial"} <= set(board.scores)


@pytest.mark.parametrize("name", CARDS)
def test_sets_by_card(name: str, shared_data: Path) -> None:
    request = Request(card=cards.load(name))
    gold = []
    for i, sample in enumerate(convert([shared_data / CARDS[name]], request, Report())):
        sample.id = str(i)
        gold.append(sample)
        if i == 1500:
            break
    board = score_all(gold, gold, settings=QUICK)
    holds(board)
    assert "mre" in board


@given(st.lists(schemas_and_samples(), min_size=1, max_size=4))
@settings(max_examples=80)
def test_any_samples(drawn: list[tuple[Schema, Sample]]) -> None:
    gold = [sample for _, sample in drawn]
    for i, sample in enumerate(gold):
        sample.id = str(i)
    holds(score_all(gold, gold, settings=QUICK))
