"""Fitting relations and events on small data: they are learned, saved, resumed, and cost nothing where absent."""

from __future__ import annotations

import json

import msgspec
import pytest

pytest.importorskip("torch")

from made_links import eventful, related
from made_samples import made

from pointline import score
from pointline.errors import Refusal
from pointline.models.extractor import load
from pointline.sample import Relation, Sample, Span, faults
from pointline.schema import Schema
from pointline.train.record import Progress
from pointline.train.tagger import fit
from pointline.train.tagger.settings import TaggerTraining

QUICK = TaggerTraining(
    epochs=6, batch=16, hidden=16, readers=1, word_width=32, learning_rate=5e-3, dropout=0.1, substitution=0.3
)


def triples(samples):
    return {(s.id, r.type, r.head.start, r.head.end, r.tail.start, r.tail.end) for s in samples for r in s.relations}


def roles(samples):
    return {
        (s.id, e.type, e.trigger and e.trigger.start, a.role, a.start, a.end)
        for s in samples
        for e in s.events
        for a in e.arguments
    }


def f1(real, said):
    return 2 * len(real & said) / (len(real) + len(said))


@pytest.mark.parametrize("entities", [True, False])
def test_relations_are_learned_over_entities_and_over_spans_of_their_own(tmp_path, entities):
    train, test = related(250, entities=entities), related(40, seed=2, entities=entities)
    fit(train, related(20, seed=1, entities=entities), msgspec.structs.replace(QUICK, epochs=10), tmp_path)
    answers = list(load(tmp_path).extract(test))
    assert f1(triples(test), triples(answers)) > 0.9
    assert all(not list(faults(answer)) for answer in answers)
    assert all((answer.entities is not None) == entities for answer in answers)
    ends = {(r.head.type, r.tail.type) for answer in answers for r in answer.relations}
    assert ends == {("name", "firm")}
    assert json.loads((tmp_path / "model.json").read_bytes())["format"] == 2


@pytest.mark.parametrize("triggers", [True, False])
def test_events_are_learned_with_and_without_triggers(tmp_path, triggers):
    train, test = eventful(250, triggers=triggers), eventful(40, seed=2, triggers=triggers)
    fit(train, eventful(20, seed=1, triggers=triggers), msgspec.structs.replace(QUICK, epochs=10), tmp_path)
    answers = list(load(tmp_path).extract(test))
    assert f1(roles(test), roles(answers)) > 0.9
    assert all((event.trigger is not None) == triggers for answer in answers for event in answer.events)
    assert all(not list(faults(answer)) for answer in answers)
    assert all(answer.entities is None and answer.relations is None for answer in answers)


class _Stop(Exception):
    pass


def test_the_same_seed_and_a_resumed_training_give_the_same_weights(tmp_path):
    def interrupt(progress: Progress) -> None:
        if progress.step == 9:
            raise _Stop

    train = related(40) + eventful(40)
    short = msgspec.structs.replace(QUICK, max_steps=14, negatives=2)
    for name in ("a", "b"):
        fit(train, None, short, tmp_path / name)
    with pytest.raises(_Stop):
        fit(train, None, short, tmp_path / "c", progress=interrupt)
    fit(train, None, short, tmp_path / "c", resume=True)
    first, *others = ((tmp_path / name / "weights.safetensors").read_bytes() for name in "abc")
    assert others == [first, first]


def test_without_relations_and_events_nothing_of_them_is_built(tmp_path):
    train = made(40)
    empty = [msgspec.structs.replace(sample, relations=[], events=[]) for sample in train]
    for name, samples in (("plain", train), ("empty", empty)):
        fit(samples, made(8, seed=1), msgspec.structs.replace(QUICK, max_steps=4), tmp_path / name)
    names = ("weights.safetensors", "model.json", "words.json")
    plain, empty_ = ([(tmp_path / kind / name).read_bytes() for name in names] for kind in ("plain", "empty"))
    assert plain == empty_
    card = json.loads(plain[1])
    assert card["format"] == 1
    assert "structure" not in card
    assert "joins" not in card["network"]
    assert load(tmp_path / "plain").extract("call ann in oslo now").relations is None


def test_relations_may_be_left_out(tmp_path):
    fit(related(40), None, msgspec.structs.replace(QUICK, max_steps=4, links="none"), tmp_path)
    assert load(tmp_path).extract("ann founded corvo").relations is None


def test_a_schema_narrows_relations_and_events_and_unknown_ones_are_refused(tmp_path):
    fit(related(60) + eventful(60), None, msgspec.structs.replace(QUICK, max_steps=20), tmp_path)
    model = load(tmp_path)
    text = "ann works for corvo and gus lee founded ekko"
    only = model.extract(text, schema=Schema().relations(["found"]))
    assert only.events is None
    assert only.entities is None
    assert {r.type for r in only.relations or ()} <= {"found"}
    one = model.extract("edgar left for lima", schema=Schema().events({"Travel": ["goal"]}))
    assert one.relations is None
    assert {a.role for e in one.events or () for a in e.arguments} <= {"goal"}
    for schema in (Schema().relations(["eats"]), Schema().events(["Eat"])):
        with pytest.raises(Refusal, match="does not know"):
            model.extract(text, schema=schema)
    known = model.known()
    assert known is not None
    assert known.names("relations") == ("found", "work")
    assert known.names("events") == ("Buy", "Travel")
    assert model.extract(text, schema=known).relations == model.extract(text).relations


def test_answers_can_be_scored_and_saved_models_answer_alike(tmp_path):
    test = related(20, seed=2)
    fit(related(120), test, QUICK, tmp_path)
    model = load(tmp_path)
    answers = list(model.extract(test))
    model.save(tmp_path / "again")
    assert list(load(tmp_path / "again").extract(test)) == answers
    assert score(test, answers)["WL"].f1 == score(test, list(model.extract(test, schema=model.known())))["WL"].f1


def test_ends_without_a_place_are_counted_and_texts_without_words_pass(tmp_path):
    train = related(40)
    lost = Relation("work", Span("nobody"), Span("nothing"))
    train.append(Sample("lost", "ann works for corvo", "en", entities=[], relations=[lost]))
    train.append(Sample("odd", "...", "en", entities=[], relations=[]))
    record = fit(train, related(4, seed=1), msgspec.structs.replace(QUICK, max_steps=4), tmp_path)
    assert record.lost_entities["relations whose ends have no place"] == 1
    assert [answer.relations for answer in load(tmp_path).extract(["", " ", "…"])] == [[], [], []]


@pytest.mark.parametrize("triggers", [True, False])
def test_texts_without_words_have_no_events(tmp_path, triggers):
    train = [*eventful(20, triggers=triggers), Sample("odd", "...", "en", events=[])]
    fit(train, None, msgspec.structs.replace(QUICK, max_steps=2), tmp_path)
    answers = load(tmp_path).extract(["", "ann bought acme", " "])
    assert [answer.events for answer in answers][::2] == [[], []]


def test_long_texts_are_joined_window_by_window(tmp_path):
    fit(related(250), None, msgspec.structs.replace(QUICK, epochs=8), tmp_path)
    model = load(tmp_path)
    pieces = [sample.text for sample in related(60, seed=4)]
    answer = model.extract(" and ".join(pieces))
    assert not list(faults(answer))
    held = {(e.start, e.end, e.type) for e in answer.entities or ()}
    ends = [(s.start, s.end, s.type) for r in answer.relations or () for s in (r.head, r.tail)]
    assert ends
    assert set(ends) <= held
    order = [(r.head.start, r.head.end, r.tail.start, r.tail.end) for r in answer.relations or ()]
    assert order == sorted(order)
    assert len(set(order)) == len(order)
