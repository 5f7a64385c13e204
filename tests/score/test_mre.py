"""The `mre` protocol against cases counted by hand."""

from __future__ import annotations

import json

import pytest

from pointline.errors import Refusal
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span
from pointline.score import Settings, score

QUICK = Settings(resamples=50)


def entities(*pairs: tuple[str, str]) -> list[Entity]:
    return [Entity(kind, text) for kind, text in pairs]


def test_counts_by_hand() -> None:
    gold = [
        Sample("1", "t", labels=["x"], entities=entities(("A", "a"), ("A", "a"), ("B", "b"))),
        Sample("2", "t", labels=["y"], entities=entities(("A", "c"))),
        Sample("3", "t", labels=["y"], entities=[]),
    ]
    answers = [
        Sample("1", "t", labels=["x"], entities=entities(("B", "b"), ("A", "a"))),  # a repeat counts once: all right
        Sample("2", "t", labels=["x"], entities=entities(("A", "c"), ("B", "c"))),
        Sample("3", "t", labels=None, entities=None),  # says nothing
    ]
    got = score(gold, answers, settings=QUICK)
    assert (got["TL"].gold, got["TL"].predicted, got["TL"].hits) == (3, 2, 1)
    assert got["TL"].f1 == pytest.approx(40.0)
    assert (got["WL"].gold, got["WL"].predicted, got["WL"].hits) == (3, 4, 3)
    assert got["WL"].f1 == pytest.approx(100 * 6 / 7)
    assert (got["ALL"].gold, got["ALL"].predicted, got["ALL"].hits) == (3, 2, 1)
    assert got["ALL"].f1 == pytest.approx(40.0)
    assert {(row.level, row.label): (row.n, row.predicted, row.f1) for row in got.labels} == {
        ("labels", "x"): (1, 2, pytest.approx(200 / 3)),
        ("labels", "y"): (2, 0, 0.0),
        ("entities", "A"): (2, 2, 100.0),
        ("entities", "B"): (1, 2, pytest.approx(200 / 3)),
    }
    assert [(c.gold, c.predicted, c.n) for c in got.confusion] == [("x", "x", 1), ("y", None, 1), ("y", "x", 1)]


def test_relations_and_events_count_whole() -> None:
    relation = Relation("owns", Span("Ann"), Span("a cat"))
    turned = Relation("owns", Span("a cat"), Span("Ann"))
    event = Event("Buy", Span("bought"), [Argument("who", "Ann"), Argument("what", "a cat")])
    lacking = Event("Buy", Span("bought"), [Argument("who", "Ann")])
    gold = [Sample("1", "t", relations=[relation], events=[event])]
    other_order = Event("Buy", Span("bought"), event.arguments[::-1])
    assert score(gold, [Sample("1", "t", relations=[relation], events=[other_order])], settings=QUICK)["WL"].f1 == 100
    half = score(gold, [Sample("1", "t", relations=[turned], events=[event])], settings=QUICK)["WL"]
    assert (half.gold, half.predicted, half.hits) == (2, 2, 1)
    assert score(gold, [Sample("1", "t", relations=[], events=[lacking])], settings=QUICK)["WL"].f1 == 0


def test_a_level_that_gold_lacks_is_not_scored() -> None:
    gold = [Sample("1", "t", labels=["x"]), Sample("2", "t", labels=["x"])]
    answers = [Sample("1", "t", labels=["x"], entities=entities(("A", "a"))), Sample("2", "t", labels=["x"])]
    got = json.loads(score(gold, answers, settings=QUICK).to_json())
    assert got["TL"]["f1"] == 100
    assert "WL" not in got
    assert "ALL" not in got
    assert {"f1", "low", "high", "n"} <= got["TL"].keys()
    assert got["TL"]["n"] == 2


def test_all_needs_both_levels() -> None:
    gold = [Sample("1", "t", labels=["x"], entities=[]), Sample("2", "t", labels=["x"])]
    got = score(gold, gold, settings=QUICK)
    assert (got["TL"].n, got["WL"].n, got["ALL"].n) == (2, 1, 1)
    assert got["WL"].f1 == got["ALL"].f1 == 100


def test_gold_that_is_empty_everywhere_is_hit_by_silence() -> None:
    gold = [Sample("1", "t", labels=[], entities=[]), Sample("2", "t", labels=["x"], entities=[])]
    assert score(gold, gold, settings=QUICK)["ALL"].f1 == 100


def test_gold_without_annotation_is_refused() -> None:
    with pytest.raises(Refusal, match="annotates nothing"):
        score([Sample("1", "t")], [Sample("1", "t", labels=["x"])])


def test_unknown_protocol_names_the_nearest() -> None:
    with pytest.raises(Refusal, match="did you mean 'mre'"):
        score([], [], "mer")
