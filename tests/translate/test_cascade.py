"""One sample's way, against a translator that errs at known rates: what is kept is right, the rest is not lost."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from translate.translator import ENTITY_FAULTS, Gold, Translator, made, said_by, sample

from pointline.llm import Answer, Request
from pointline.sample import Entity, Sample, faults
from pointline.translate.cascade import Cascade
from pointline.translate.driving import outcomes
from pointline.translate.languages import pair
from pointline.translate.outcome import Outcome
from pointline.translate.settings import TranslateSettings

EN_ZH = pair("en", "zh")


def translated(samples: Iterable[Sample], translator: Translator, **words: object) -> list[Outcome]:
    settings = TranslateSettings(**words)  # type: ignore[arg-type]
    done = list(outcomes(samples, Cascade(EN_ZH, settings), translator.ask, 64))
    for outcome in done:
        if outcome.target is not None:
            outcome.target.id = f"{outcome.source.id}/zh"
            assert not list(faults(outcome.target))
    return done


def right(done: list[Outcome], wanted: dict[str, Sample]) -> tuple[int, int]:
    """How many were kept, and how many of them rightly."""
    kept = [o.target for o in done if o.status in ("kept", "repaired") and o.target is not None]
    return len(kept), sum(said_by(target) == said_by(wanted[target.id]) for target in kept)


def test_a_faultless_translator_costs_four_answers_a_sample() -> None:
    samples, golds, wanted = made(60)
    translator = Translator(golds)
    done = translated(samples, translator)
    assert {o.status for o in done} == {"kept"}
    assert right(done, wanted) == (60, 60)
    spans = [len(one.entities or ()) for one in samples]
    back = sum(min(count, 2) for count in spans)
    assert translator.asked == {"draft": 60, "locate": sum(map(bool, spans)), "back": back}
    assert sum(outcome.spent.requests for outcome in done) == sum(translator.asked.values())


def test_with_15_percent_of_entities_damaged_nearly_all_are_kept_and_all_rightly() -> None:
    samples, golds, wanted = made(600, seed=5)
    translator = Translator(golds, entity=0.15, whole=0.05, seed=7)
    done = translated(samples, translator)
    kept, good = right(done, wanted)
    assert sum(translator.planted.values()) > 300
    assert kept >= 0.97 * 600
    assert good == kept
    assert {o.status for o in done} <= {"kept", "repaired", "review"}


@pytest.mark.parametrize("kind", ENTITY_FAULTS)
def test_each_fault_is_repaired_or_waits_for_review(kind: str) -> None:
    samples, golds, wanted = made(150, seed=3)
    translator = Translator(golds, entity=0.15, seed=1, kinds=(kind,))
    done = translated(samples, translator)
    kept, good = right(done, wanted)
    assert translator.planted[kind] > 30
    assert kept == good > 120
    assert any(o.repairs for o in done)


def test_fewer_voices_cost_less_and_let_more_pass() -> None:
    samples, golds, wanted = made(400, seed=2)
    asked, wrong = [], []
    for margin in (1, 3):
        translator = Translator(golds, entity=0.15, seed=4)
        kept, good = right(translated(samples, translator, margin=margin), wanted)
        asked.append(sum(translator.asked.values()))
        wrong.append((kept - good) / kept)
    assert asked[0] < asked[1]
    assert wrong[0] > 0.1 > 0.01 > wrong[1]


def test_the_window_changes_nothing() -> None:
    samples, golds, _ = made(80)
    one, many = (
        list(outcomes(samples, Cascade(EN_ZH, TranslateSettings()), Translator(golds, 0.2, 0.1).ask, window))
        for window in (1, 50)
    )
    assert one == many


def test_spans_are_projected_where_no_marks_are_asked() -> None:
    samples, golds, wanted = made(80)
    translator = Translator(golds)
    done = translated(samples, translator, method="plain")
    assert right(done, wanted) == (80, 80)
    assert {o.status for o in done} == {"kept"}


def test_words_that_stand_twice_are_placed_by_marks() -> None:
    source, target = "two for two at two", "两点，两人，两桌"
    places = (((0, 3), (6, 7)), ((8, 11), (3, 4)), ((15, 18), (0, 1)))
    gold = Gold(source, target, places)
    one = sample("s", source, {"tables": (0, 3), "people": (8, 11), "time": (15, 18)}, "x", "en")
    translator = Translator([gold])
    [done] = translated([one], translator)
    assert done.target is not None
    assert [(e.type, e.start) for e in done.target.entities or ()] == [("time", 0), ("people", 3), ("tables", 6)]
    assert translator.asked["insert"] == 1
    assert not translator.asked["locate"]


def test_nested_and_coinciding_spans_and_fragments() -> None:
    source, target = "New York Times and Post", "纽约时报和邮报"
    places = (((0, 14), (0, 4)), ((0, 8), (0, 2)), ((19, 23), (5, 7)))
    one = Sample("s", source, "en", entities=[
        Entity("paper", "New York Times", 0, 14), Entity("town", "New York", 0, 8),
        Entity("org", "New York Post", 0, 23, fragments=[(0, 8), (19, 23)]), Entity("place", "New York", 0, 8),
    ])  # fmt: skip
    [done] = translated([one], Translator([Gold(source, target, places)]))
    assert done.target is not None
    assert [(e.type, e.text) for e in done.target.entities or ()] == [
        ("place", "纽约"), ("town", "纽约"), ("paper", "纽约时报"), ("org", "纽约 邮报"),
    ]  # fmt: skip


def test_texts_with_the_characters_of_marks() -> None:
    source, target = "say <e1>hi</e1> to <t>Bob</t>", "对<t>鲍勃</t>说<e1>嗨</e1>"
    gold = Gold(source, target, (((22, 25), (4, 6)),))
    one = sample("s", source, {"name": (22, 25)}, "x", "en")
    [done] = translated([one], Translator([gold]))
    assert (done.status, done.target and done.target.text) == ("kept", target)


@pytest.mark.parametrize(
    ("one", "status", "reason"),
    [
        (Sample("s", "", "en", entities=[]), "dropped", "empty_text"),
        (Sample("s", " \n", "en"), "dropped", "empty_text"),
        (Sample("s", "to Rome", "en", entities=[Entity("city", "Rom")]), "review", "span_without_offsets"),
    ],
)
def test_what_cannot_be_asked(one: Sample, status: str, reason: str) -> None:
    translator = Translator([])
    [done] = translated([one], translator)
    assert (done.status, done.reasons, sum(translator.asked.values())) == (status, (reason,), 0)


def test_a_translator_that_never_answers_leaves_nothing_to_review() -> None:
    samples, golds, _ = made(5)
    done = translated(samples, Translator(golds, whole=1.0, seed=2), drafts=1)
    assert {o.status for o in done} <= {"dropped", "kept", "repaired", "review"}
    refused = [o for o in done if o.status == "dropped"]
    assert all(set(o.reasons) <= {"cut", "no_translation"} for o in refused)
    assert refused


def test_the_best_draft_waits_for_review_with_its_reasons() -> None:
    samples, golds, _ = made(30)
    done = translated(samples, Translator(golds, entity=1.0, kinds=("dropped",)), drafts=2)
    waiting = [o for o in done if o.status == "review"]
    assert waiting
    for outcome in waiting:
        assert "entity_not_placed" in outcome.reasons
        assert outcome.target is not None
        assert len(outcome.target.entities or ()) == len(outcome.source.entities or ())
        assert any(e.start is None for e in outcome.target.entities or ())


ANSWERS = st.lists(
    st.sampled_from(
        ["<t>", "</t>", "<e1>", "</e1>", "<e2>", "</e2>", "去", "罗马", "两", "人", "Rome", "カ", "\n", "```", "two",
         "<e1>罗马</e1>", "<e2>两</e2>", "<t>去<e1>罗马</e1>，<e2>两</e2>人</t>", "</t></t>", "”", "<e3>x</e3>"]
    ), max_size=6,
).map("".join)  # fmt: skip


@given(st.lists(ANSWERS, min_size=1, max_size=12), st.sampled_from(["marks", "plain"]), st.integers(1, 4))
def test_whatever_is_answered_a_sample_is_kept_whole_or_not_at_all(said: list[str], method: str, margin: int) -> None:
    one = sample("s", "Rome for two", {"city": (0, 4), "people": (9, 12)}, "x", "en")
    answers = itertools.cycle(said)

    def ask(requests: Iterable[Request]) -> Iterator[Answer]:
        return (Answer(request.id, request.attempt, next(answers)) for request in requests)

    settings = TranslateSettings(method=method, margin=margin, drafts=3)  # type: ignore[arg-type]
    [done] = outcomes([one], Cascade(EN_ZH, settings), ask, 1)
    if done.target is not None:
        assert not list(faults(done.target))
        assert sorted(e.type for e in done.target.entities or ()) == ["city", "people"]
        assert done.target.labels == ["x"]
    if done.status in ("kept", "repaired"):
        assert done.target is not None
        assert all(e.start is not None for e in done.target.entities or ())
        assert "カ" not in done.target.text
    else:
        assert done.reasons


def test_ten_thousand_entities() -> None:
    words = [f"w{i}x" for i in range(10_000)]
    source, target = " ".join(words), "，".join(f"词{i}" for i in range(10_000))
    a = b = 0
    places = []
    for i, word in enumerate(words):
        other = f"词{i}"
        places.append(((a, a + len(word)), (b, b + len(other))))
        a, b = a + len(word) + 1, b + len(other) + 1
    one = Sample("s", source, "en", entities=[Entity("w", w, *p[0]) for w, p in zip(words, places, strict=True)])
    done = next(iter(translated([one], Long(Gold(source, target, tuple(places))), together=2500)))
    assert (done.status, len(done.target.entities or ()) if done.target else 0) == ("kept", 10_000)


class Long(Translator):
    """The same, fast for one long text."""

    def __init__(self, gold: Gold) -> None:
        super().__init__([gold])
        self._by = {one.source: dict(one.places) for one in self.by_source.values()}

    def target(self, gold: Gold, place: tuple[int, int]) -> tuple[int, int] | None:  # type: ignore[override]
        return self._by[gold.source].get(place)
