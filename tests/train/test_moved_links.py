"""Value substitution moves the spans of relations and events; the dev score counts them."""

from __future__ import annotations

import itertools
import random

from hypothesis import given
from hypothesis import strategies as st
from made_links import eventful, related

from pointline.sample import Argument, Entity, Event, Sample, Span, faults
from pointline.train import augment
from pointline.train.dev import dev_score


@given(st.integers(0, 500))
def test_substituted_relations_stand_in_the_new_text(seed):
    samples = related(4, seed=seed)
    draws = random.Random(seed)
    for sample in samples:
        new = augment.substitute(sample, augment.values(samples), 0.7, iter(draws.random, 2))
        assert not list(faults(new))
        assert [r.type for r in new.relations or ()] == [r.type for r in sample.relations or ()]
        entities = {(e.start, e.end) for e in new.entities or ()}
        assert {(s.start, s.end) for r in new.relations or () for s in (r.head, r.tail)} <= entities


def test_spans_around_a_replaced_text_grow_with_it_and_torn_ones_keep_the_sample():
    text = "the 東京 office opened"
    event = Event("Open", Span("opened", 14, 20), [Argument("place", "the 東京 office", 0, 13)])
    sample = Sample("1", text, "en", entities=[Entity("place", "東京", 4, 6)], events=[event])
    known = {("en", (), "place"): ["Kyoto 🏯"]}
    new = augment.substitute(sample, known, 1.0, itertools.repeat(0.5))
    assert new.text == "the Kyoto 🏯 office opened"
    assert not list(faults(new))
    assert new.events is not None
    assert new.events[0].arguments[0].text == "the Kyoto 🏯 office"
    torn = Sample("2", text, "en", entities=sample.entities, events=[Event("Open", Span("京 office", 5, 13))])
    assert augment.substitute(torn, known, 1.0, itertools.repeat(0.5)) is torn


def test_dev_counts_relations_and_events_where_both_sides_have_them():
    gold = related(3) + eventful(3)
    assert dev_score(gold, gold).WL == 100
    without = [Sample(s.id, s.text, entities=s.entities, relations=s.relations and [], events=s.events) for s in gold]
    score = dev_score(gold, without)
    assert score.WL is not None
    assert 0 < score.WL < 100
    silent = [Sample(s.id, s.text, entities=s.entities) for s in gold]
    assert dev_score(gold, silent).WL == 100
