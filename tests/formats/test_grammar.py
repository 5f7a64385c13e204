"""The law of grammars: whatever a grammar allows, the format's reader reads as it was meant, without a problem."""

from __future__ import annotations

import json
import random
from collections import Counter

import msgspec
import pytest
from grammar_walks import Pick, walk
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import PLAIN_NAMES, schemas_and_samples

from pointline.formats import FORMATS, Ask, CannotHold, codec
from pointline.formats.ask import tasks_of
from pointline.formats.grammar import Limits, Source
from pointline.sample import Entity, Sample, faults, spans_of
from pointline.schema import Schema

TASKS = st.sampled_from([(), (), ("ner",), ("re",), ("ee",), ("spo",), ("kg",), ("labels",), ("eet",), ("eea",)])
HARMLESS = {"span_repeated"}


def asked_of(name: str, schema: Schema, sample: Sample, tasks: tuple[str, ...]) -> tuple[Ask, Sample]:
    """The question put to a bare text, narrowed to one reading: its tasks are named."""
    bare = Sample(sample.id, sample.text, sample.lang, events=sample.events if tasks == ("eea",) else None)
    ask = Ask(schema, tasks)
    named = tasks_of(bare, ask, answered=False)
    if named and name == "iepile":
        named = tuple(t for t in named if t != "labels")[:1]
    return Ask(schema, named or ("labels",)), bare


def meant(picks: list[Pick]) -> Counter[Pick]:
    return Counter(pick for pick in picks if pick[0] != "literal")


def flat_said(sample: Sample) -> Counter[Pick]:
    names = [*(sample.labels or ()), *(e.type for e in sample.entities or ())]
    names += [r.type for r in sample.relations or ()] + [e.type for e in sample.events or ()]
    return Counter([("name", n) for n in names] + [("span", span.text) for _, span in spans_of(sample)])


def check(name: str, ask: Ask, sample: Sample, rng: random.Random, limits: Limits) -> str | None:
    bound = codec(name, ask)
    try:
        grammars = bound.grammar(sample, limits)
    except CannotHold as refusal:
        return refusal.reason
    assert len(grammars) == len(bound.prompts(sample))
    for grammar in grammars:
        for _ in range(3):
            raw, picks = walk(grammar, rng)
            read = bound.decode(raw, sample.text, sample.id)
            assert set(read.problems or ()) <= HARMLESS | ({"unknown_type"} if ask.schema.open else set()), (raw, read)
            assert list(faults(read)) == [], (raw, read)
            assert "said" not in read.meta, (raw, read)
            assert all(span.start is not None for _, span in spans_of(read)), (raw, read)
            if name == "iepile":
                kept = [pick for pick in picks if pick[0] == "span"]
                heads = Counter(span.text for _, span in spans_of(read))
                assert set(heads) == {text for _, text in kept}, (raw, read)
                assert json.loads(raw) is not None
            else:
                assert flat_said(read) == meant(picks), (raw, read)
    return None


@pytest.mark.parametrize("name", sorted(FORMATS))
@settings(max_examples=80)
@given(asked=schemas_and_samples(), tasks=TASKS, seed=st.integers(0, 9999), whole=st.booleans())
def test_what_a_grammar_allows_reads_as_meant(
    name: str, asked: tuple[Schema, Sample], tasks: tuple[str, ...], seed: int, whole: bool
) -> None:
    try:
        ask, sample = asked_of(name, *asked, tasks)
    except CannotHold:
        return
    check(name, ask, sample, random.Random(seed), Limits(whole_words=whole))


@pytest.mark.parametrize("name", ["oiellm", "giellm", "slg", "iepile", "plain", "usa"])
@settings(max_examples=60)
@given(asked=schemas_and_samples(PLAIN_NAMES), seed=st.integers(0, 9999))
def test_plain_names_are_seldom_refused(name: str, asked: tuple[Schema, Sample], seed: int) -> None:
    try:
        ask, sample = asked_of(name, *asked, ())
    except CannotHold:
        return
    reason = check(name, ask, sample, random.Random(seed), Limits())
    assert reason in (None, "no_label_inventory", "level_not_held", "nothing_asked", "two_word_levels")


def test_marks_stay_in_spans_where_they_are_no_marks() -> None:
    text = "10:30 Pi:Co :TIME;x a/b"
    schema = msgspec.convert({"entities": ["TIME"]}, Schema)
    [grammar] = codec("oiellm", Ask(schema, ("ner",))).grammar(Sample("1", text, "en"))
    assert grammar.source.barriers == (text.index(";"),)
    for surface in ("10:30", "Pi:Co", "a/b"):
        start = text.index(surface)
        opens = {atom.start for atom in grammar.source.atoms if atom.opens}
        closes = {atom.end for atom in grammar.source.atoms if atom.closes}
        assert start in opens
        assert start + len(surface) in closes


def test_whole_words_are_asked_of_spaced_scripts_only() -> None:
    opens = [a.start for a in Source("with 東京").atoms if a.opens]
    assert opens == [0, 5, 6]
    assert [a.start for a in Source("with it", whole_words=False).atoms if a.opens] == [0, 1, 2, 3, 5, 6]


def test_a_text_without_a_span_leaves_the_empty_answer() -> None:
    schema = Schema().label("topic", ["a"]).entities(["X"]).relations(["r"])
    for text in ("", " \n", "\ud800"):
        [grammar] = codec("oiellm", Ask(schema)).grammar(Sample("1", text, "en"))
        assert walk(grammar, random.Random(0))[0] == "a/NER//relation extraction/"


def test_names_that_cannot_be_told_apart_are_refused() -> None:
    for names in (["a;b"], ["b", "a:b"]):
        with pytest.raises(CannotHold, match="rename"):
            codec("oiellm", Ask(Schema().entities(names))).grammar(Sample("1", "x", "en"))


def test_gold_is_allowed() -> None:
    """The grammar takes what `encode` writes where its spans stand in the text (asked in the engine's tests too)."""
    sample = Sample("1", "at 10:30", "en", labels=["news"], entities=[Entity("TIME", "10:30", 3, 8)])
    schema = Schema().label("topic", ["news", "sport"]).entities(["TIME"])
    bound = codec("giellm", Ask(schema))
    rng = random.Random(1)
    seen = {walk(bound.grammar(sample)[0], rng)[0] for _ in range(3000)}
    assert bound.encode(sample)[0].completion in seen
