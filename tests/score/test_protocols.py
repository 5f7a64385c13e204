"""Every published protocol against cases counted by hand."""

from __future__ import annotations

from typing import ClassVar

import pytest
from score_cases import QUICK, counts, entity, event, relation, scored, words

from pointline.errors import Refusal
from pointline.sample import Entity, Sample, Span
from pointline.score import PROTOCOLS, Settings, score_all

TEXT = "abcdefghijklmnopqrstuvwxyz"


class TestMreAccuracy:
    """GIELLM: TL right / all, WL matched / gold pairs, ALL as printed."""

    gold: ClassVar = [
        Sample("1", TEXT, labels=["x"], entities=words(("A", "a"), ("A", "a"), ("B", "b"))),
        Sample("2", TEXT, labels=["x"], entities=words(("A", "c"))),
        Sample("3", TEXT, labels=["y"], entities=[]),
        Sample("4", TEXT, labels=["y"], entities=[]),
    ]
    answers: ClassVar = [
        Sample("1", TEXT, labels=["x"], entities=words(("A", "a"), ("B", "b"))),  # 2 of 3 pairs: a repeat counts
        Sample("2", TEXT, labels=["x"], entities=words(("A", "c"), ("B", "z"))),  # all pairs and a spurious one
        Sample("3", TEXT, labels=["y"], entities=words(("A", "z"))),  # none to find, one generated: wrong
        Sample("4", TEXT, labels=["x"], entities=[]),  # label wrong
    ]

    def test_as_printed(self) -> None:
        got = scored(self.gold, self.answers, "mre-accuracy")
        assert got["TL"].accuracy == 75
        assert counts(got["WL"]) == (4, 5, 3)
        assert got["WL"].accuracy == 75
        assert got["ALL"].accuracy == 25

    def test_strict_all(self) -> None:
        got = scored(self.gold, self.answers, "mre-accuracy", Settings(resamples=0, strict_all=True))
        assert got["ALL"].accuracy == 0
        assert "strict_all:yes" in got.signature

    def test_no_pairs_at_all(self) -> None:
        gold = [Sample("1", TEXT, labels=["x"], entities=[])]
        assert scored(gold, gold, "mre-accuracy")["WL"].accuracy == 100


def test_slg_is_string_equality() -> None:
    gold = [
        Sample("1", TEXT, labels=["x", "y"], entities=[entity("A", 0, 1), entity("B", 3, 4)]),
        Sample("2", TEXT, labels=["x"], entities=words(("A", "a"), ("A", "a"))),
        Sample("3", TEXT, labels=["x"], relations=[relation("r", "a", "b"), relation("s", "a", "b")]),
    ]
    answers = [
        Sample("1", TEXT, labels=["y", "x"], entities=[entity("B", 3, 4), entity("A", 0, 1)]),  # entities are ordered
        Sample("2", TEXT, labels=["x"], entities=words(("A", "a"))),
        Sample("3", TEXT, labels=["x"], relations=[relation("s", "a", "b"), relation("r", "a", "b")]),
    ]
    got = scored(gold, answers, "slg")
    assert [counts(got[name]) for name in ("TL", "WL", "ALL")] == [(3, 3, 2), (3, 3, 1), (3, 3, 0)]
    assert got["WL"].accuracy == pytest.approx(100 / 3)


class TestIepile:
    """Span micro-F1, task by task."""

    gold: ClassVar = [
        Sample(
            "1",
            TEXT,
            entities=words(("A", "a"), ("A", "a"), ("B", "b")),
            relations=[relation("r", "h", "t", ("P", "Q"))],
            events=[event("Buy", "bought", ("who", "Ann"), ("what", "cat")), event("Sell", None, ("who", "Ann"))],
        )
    ]
    answers: ClassVar = [
        Sample(
            "1",
            TEXT,
            entities=words(("A", "a"), ("B", "c")),
            relations=[relation("r", "h", "t", ("P", "X"))],
            events=[event("Buy", "buys", ("who", "Ann"), ("who", "Ann")), event("Sell", None, ("who", "Ann"))],
        )
    ]

    def test_multisets(self) -> None:
        got = scored(self.gold, self.answers, "iepile")
        assert counts(got["NER"]) == (3, 2, 1)
        assert got["NER"].f1 == pytest.approx(40)
        assert counts(got["RE"]) == (1, 1, 1)
        assert counts(got["SPO"]) == (1, 1, 0)
        assert counts(got["EE-trigger"]) == (2, 2, 1)
        assert counts(got["EE-argument"]) == (3, 3, 2)
        assert counts(got["WL"]) == (9, 8, 5)

    def test_sets(self) -> None:
        got = scored(self.gold, self.answers, "iepile-set")
        assert counts(got["NER"]) == (2, 2, 1)
        assert counts(got["EE-argument"]) == (3, 2, 2)

    @pytest.mark.parametrize(("task", "figure"), [("EET", "EET"), ("EEA", "EEA"), ("ner", "NER"), ("KG", "KG")])
    def test_the_task_that_gold_names(self, task: str, figure: str) -> None:
        gold = [Sample("1", TEXT, **self._levels(), meta={"task": task})]
        got = scored(gold, self.answers, "iepile")
        assert set(got.figures) == {"WL", figure}

    def test_spo_compares_the_types_of_the_ends(self) -> None:
        gold = [Sample("1", TEXT, **self._levels(), meta={"task": "SPO"})]
        assert counts(scored(gold, self.answers, "iepile")["SPO"]) == (1, 1, 0)
        assert counts(scored(gold, self.gold, "iepile")["WL"]) == (1, 1, 1)

    def _levels(self) -> dict:
        one = self.gold[0]
        return {"entities": one.entities, "relations": one.relations, "events": one.events}


class TestOffset:
    """Exact offsets and type."""

    def test_places_and_types(self) -> None:
        gold = [Sample("1", "a a a", labels=["x"], entities=[Entity("A", "a", 0, 1), Entity("A", "a", 4, 5)])]
        answers = [Sample("1", "a a a", labels=["x"], entities=[Entity("A", "a", 0, 1), Entity("A", "a", 2, 3)])]
        got = scored(gold, answers, "offset")
        assert counts(got["WL"]) == counts(got["NER"]) == (2, 2, 1)
        assert counts(got["ALL"]) == (1, 1, 0)
        assert scored(gold, answers, "mre")["WL"].f1 == 100

    def test_fragments_count(self) -> None:
        whole = Entity("A", "a c", 0, 3, fragments=[(0, 1), (2, 3)])
        gold = [Sample("1", "abc", entities=[whole])]
        assert counts(scored(gold, [Sample("1", "abc", entities=[Entity("A", "abc", 0, 3)])], "offset")["WL"])[2] == 0
        assert scored(gold, gold, "offset")["WL"].f1 == 100

    def test_gold_without_offsets_is_refused_and_answers_without_are_wrong(self) -> None:
        placed, floating = (
            [Sample("1", "ab", entities=[Entity("A", "a", 0, 1)])],
            [Sample("1", "ab", entities=[Entity("A", "a")])],
        )
        assert counts(scored(placed, floating, "offset")["WL"]) == (1, 1, 0)
        for name in ("offset", "partial", "gliner", "seqeval"):
            with pytest.raises(Refusal, match=r"gold sample '1': the span 'a' has no offsets"):
                scored(floating, placed, name)

    def test_relations_and_events(self) -> None:
        gold_event = event("Buy", None, ("who", "a"))
        gold_event.trigger = Span("b", 1, 2)
        gold_event.arguments[0].start, gold_event.arguments[0].end = 0, 1
        gold_relation = relation("r", "a", "b")
        gold_relation.head.start, gold_relation.head.end = 0, 1
        gold_relation.tail.start, gold_relation.tail.end = 1, 2
        gold = [Sample("1", "ab", relations=[gold_relation], events=[gold_event])]
        got = scored(gold, gold, "offset")
        assert {name: got[name].f1 for name in got.figures} == dict.fromkeys(
            ("WL", "RE", "EE-trigger", "EE-argument"), 100.0
        )
        assert counts(scored(gold, [Sample("1", "ab", relations=[])], "offset")["WL"]) == (3, 0, 0)


class TestPartial:
    """MUC and SemEval-2013: strict, exact, partial, type."""

    def figures(self, gold: list[Entity], answers: list[Entity]) -> dict[str, tuple]:
        got = scored([Sample("1", TEXT, entities=gold)], [Sample("1", TEXT, entities=answers)], "partial")
        return {name: got[name].hits for name in ("strict", "exact", "partial", "type")}

    def test_each_kind_of_match(self) -> None:
        gold = [entity("A", 0, 2), entity("B", 3, 5), entity("C", 6, 9), entity("D", 12, 14)]
        answers = [entity("A", 0, 2), entity("X", 3, 5), entity("C", 7, 9), entity("D", 20, 22)]
        assert self.figures(gold, answers) == {"strict": 1, "exact": 2, "partial": 2.5, "type": 2}

    def test_touching_is_not_overlapping(self) -> None:
        assert self.figures([entity("A", 0, 2)], [entity("A", 2, 4)])["partial"] == 0

    def test_each_stands_once(self) -> None:
        one, two = [entity("A", 0, 9)], [entity("A", 0, 3), entity("A", 4, 9)]
        assert self.figures(one, two) == {"strict": 0, "exact": 0, "partial": 0.5, "type": 1}
        assert self.figures(two, one) == {"strict": 0, "exact": 0, "partial": 0.5, "type": 1}

    def test_order_does_not_matter(self) -> None:
        gold = [entity("A", 0, 4), entity("A", 5, 9)]
        answers = [entity("A", 3, 6), entity("A", 5, 9), entity("A", 0, 1)]
        assert self.figures(gold, answers) == self.figures(gold[::-1], answers[::-1])
        assert self.figures(gold, answers) == {"strict": 1, "exact": 1, "partial": 1.5, "type": 2}

    def test_precision_and_recall(self) -> None:
        got = scored(
            [Sample("1", TEXT, entities=[entity("A", 0, 2), entity("A", 5, 7)])],
            [Sample("1", TEXT, entities=[entity("A", 0, 3)])],
            "partial",
        )["partial"]
        assert (got.precision, got.recall) == (50, 25)
        assert got.f1 == pytest.approx(100 / 3)


def test_universalner_normalises() -> None:
    gold = [Sample("1", TEXT, entities=words(("A", "The U.S."), ("A", "us"), ("B", "東京、都")))]
    answers = [Sample("1", TEXT, entities=words(("A", "US"), ("B", "東京、都"), ("B", "a  cat")))]
    got = scored(gold, answers, "universalner")
    assert counts(got["WL"]) == (2, 3, 2)


def test_gliner_drops_repeats() -> None:
    twice = [entity("A", 0, 2), entity("A", 0, 2)]
    got = scored([Sample("1", TEXT, entities=twice)], [Sample("1", TEXT, entities=[entity("A", 0, 2)])], "gliner")
    assert counts(got["WL"]) == (1, 1, 1)


class TestGollie:
    """Multisets over lower-cased surfaces; what the text does not have is dropped from answers."""

    def test_entities(self) -> None:
        text = "Ann met ann in Paris"
        gold = [Sample("1", text, entities=words(("P", "Ann"), ("P", "ann"), ("L", "Paris")))]
        answers = [Sample("1", text, entities=words(("P", "ANN "), ("P", "Bob"), ("L", "paris"), ("L", "Paris")))]
        # "Bob" and the second "Paris" are dropped; "ANN " is right once stripped, though "ann " stands once in the text
        assert counts(scored(gold, answers, "gollie")["NER"]) == (3, 2, 2)

    def test_arguments_need_their_event(self) -> None:
        text = "Ann bought a cat and sold a cat"
        gold = [
            Sample(
                "1",
                text,
                events=[event("Buy", "bought", ("who", "Ann"), ("what", "cat")), event("Sell", "sold", ("who", "Ann"))],
            )
        ]
        answers = [
            Sample(
                "1",
                text,
                events=[event("Buy", "bought", ("who", "Ann"), ("what", "dog")), event("Sell", "a", ("who", "Ann"))],
            )
        ]
        got = scored(gold, answers, "gollie")
        assert counts(got["EE-trigger"]) == (2, 2, 1)
        assert counts(got["EE-argument"]) == (3, 2, 1)  # "dog" was dropped; the second "Ann" hangs on a wrong event

    def test_gold_that_the_filter_would_drop_is_refused(self) -> None:
        gold = [Sample("7", "Paris", entities=words(("L", "Paris"), ("P", "Paris")))]
        with pytest.raises(Refusal, match="gold sample '7' has a span"):
            scored(gold, gold, "gollie")


class TestSeqeval:
    """Entity-level F1 of tag sequences."""

    def test_counts(self) -> None:
        gold = [Sample("1", TEXT, entities=[entity("A", 0, 2), entity("B", 2, 5)])]
        answers = [Sample("1", TEXT, entities=[entity("A", 0, 2), entity("B", 2, 4)])]
        assert counts(scored(gold, answers, "seqeval")["WL"]) == (2, 2, 1)

    @pytest.mark.parametrize("side", ["gold", "answers"])
    def test_what_tags_cannot_hold_is_refused(self, side: str) -> None:
        nested = [Sample("1", TEXT, entities=[entity("A", 0, 4), entity("B", 2, 4)])]
        split = [Sample("1", "abc", entities=[Entity("A", "a c", 0, 3, fragments=[(0, 1), (2, 3)])])]
        flat = [Sample("1", TEXT, entities=[entity("A", 0, 4)])]
        for crossed, reason in ((nested, "overlapping"), (split, "discontinuous")):
            pair = (crossed, flat) if side == "gold" else (flat, crossed)
            with pytest.raises(Refusal, match=reason):
                scored(*pair, "seqeval")


def test_all_protocols_side_by_side() -> None:
    gold = [Sample("1", TEXT, labels=["x"], entities=[entity("A", 0, 4), entity("B", 2, 4)])]
    board = score_all(gold, gold, settings=QUICK)
    assert set(board.scores) | set(board.refused) == set(PROTOCOLS)
    assert set(board.refused) == {"seqeval"}
    assert "overlapping" in board.refused["seqeval"]
    assert all(figure.value == 100 for score in board.scores.values() for figure in score.figures.values())
    assert board.to_dict()["scores"]["mre"]["TL"]["f1"] == 100


def test_text_level_alone_refuses_word_level_protocols() -> None:
    gold = [Sample("1", TEXT, labels=["x"])]
    for name in ("iepile", "partial", "universalner", "gliner", "gollie", "seqeval"):
        with pytest.raises(Refusal, match="annotates nothing"):
            scored(gold, gold, name)


def test_every_protocol_says_its_source() -> None:
    for protocol in PROTOCOLS.values():
        assert protocol.matcher.__doc__
        assert any(year in protocol.matcher.__doc__ for year in ("20", "paper", "iepile"))
