"""Cut a text anywhere: a model that answers every window rightly answers the whole text rightly."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pointline.formats import Ask, codec
from pointline.models.generator.seams import together
from pointline.models.generator.windowing import cut, joined
from pointline.models.windows import Window
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span, spans_of
from pointline.schema import Schema

SCHEMA = (
    Schema()
    .entities(["PER", "LOC"])
    .relations(["likes", "knows"])
    .events({"Win": ["subject", "object", "time"], "Lose": ["subject", "object"]})
)
ROLES = ("subject", "object", "time")
WORDS = ["Bob", "Ann", "met", "Oslo", "東京"]


@st.composite
def cut_texts(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]], list[Window]]:
    """A text of few words that come again and again, where they stand, and windows of it."""
    words = draw(st.lists(st.sampled_from(WORDS), min_size=4, max_size=24))
    text, places = "", []
    for word in words:
        places.append((len(text), len(text) + len(word)))
        text += word + " "
    size = draw(st.integers(8, 40))
    windows = cut(text, lambda part: len(part) <= size, draw(st.floats(0, 0.9)))
    return text, places, windows


def stretches(text: str, places: list[tuple[int, int]]) -> st.SearchStrategy[tuple[int, int]]:
    """Stretches of one to three words."""
    count = len(places)
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, 2))
    return pairs.map(lambda pair: (places[pair[0]][0], places[min(sum(pair), count - 1)][1]))


def fits(windows: list[Window], *spans: tuple[int, int]) -> bool:
    first, last = min(a for a, _ in spans), max(b for _, b in spans)
    return any(w.start <= first and last <= w.end for w in windows)


def answered(gold: Sample, windows: list[Window], task: str) -> Sample:
    """What a model says that says in every window all that gold has in it, as strings without offsets."""
    return joined(gold, [(window, _answer(gold, window, task)) for window in windows])


def _answer(gold: Sample, window: Window, task: str) -> Sample:
    def seen(**item: Any) -> bool:
        spans = [span for _, span in spans_of(Sample("", gold.text, **item))]
        return all(window.start <= (s.start or 0) and (s.end or 0) <= window.end for s in spans)

    part = Sample(gold.id, gold.text[window.start : window.end], "en")
    part.entities = [e for e in gold.entities or () if seen(entities=[e])]
    part.relations = [r for r in gold.relations or () if seen(relations=[r])]
    part.events = [e for e in gold.events or () if seen(events=[e])]
    bound = codec("oiellm", Ask(SCHEMA, (task,)))
    [pair] = bound.encode(part)
    return bound.decode(pair.completion, part.text, gold.id)


def surfaces(sample: Sample) -> Counter[tuple[str, str]]:
    return Counter((e.type, e.text) for e in sample.entities or ())


@settings(max_examples=150)
@given(cut_texts(), st.data())
def test_entities_wherever_their_words_stand(case: tuple[str, list[tuple[int, int]], list[Window]], data: Any) -> None:
    text, places, windows = case
    kinds = data.draw(
        st.dictionaries(stretches(text, places).map(lambda s: text[slice(*s)]), st.sampled_from(["PER", "LOC"]))
    )
    every = {(text[a:c], (a, c)) for a, _ in places for _, c in places if a < c and text[a:c] in kinds}
    gold = Sample("1", text, entities=[Entity(kinds[s], s, *at) for s, at in sorted(every) if fits(windows, at)])
    answer = answered(gold, windows, "ner")
    assert surfaces(answer) == surfaces(gold)
    assert {(e.type, e.start, e.end) for e in answer.entities or ()} == {
        (e.type, e.start, e.end) for e in gold.entities or ()
    }


@settings(max_examples=150)
@given(cut_texts(), st.data())
def test_entities_at_some_of_the_places_where_their_words_stand(
    case: tuple[str, list[tuple[int, int]], list[Window]], data: Any
) -> None:
    """Strings may leave open which place is meant; each window is given as many as it said all the same."""
    text, places, windows = case
    spans = data.draw(st.dictionaries(stretches(text, places), st.sampled_from(["PER", "LOC"]), max_size=8))
    gold = Sample("1", text)
    gold.entities = [Entity(kind, text[slice(*at)], *at) for at, kind in sorted(spans.items()) if fits(windows, at)]
    answer = answered(gold, windows, "ner")
    for window in windows:
        inside = [
            Counter((e.type, e.text) for e in s.entities or () if window.start <= e.start and e.end <= window.end)
            for s in (gold, answer)
        ]
        assert inside[0] == inside[1], window


@settings(max_examples=150)
@given(cut_texts(), st.data())
def test_relations_and_events_that_fit_in_one_window(
    case: tuple[str, list[tuple[int, int]], list[Window]], data: Any
) -> None:
    text, places, windows = case
    span = stretches(text, places)
    triples = data.draw(st.lists(st.tuples(st.sampled_from(["likes", "knows"]), span, span), max_size=6))
    frames = data.draw(st.lists(st.tuples(st.sampled_from(["Win", "Lose"]), span, span, span), max_size=6))

    def at(place: tuple[int, int]) -> Span:
        return Span(text[slice(*place)], *place)

    gold = Sample("1", text)
    gold.relations = [Relation(kind, at(a), at(b)) for kind, a, b in triples if fits(windows, a, b)]
    gold.events = [
        Event(kind, None, [Argument(r, text[slice(*p)], *p) for r, p in zip(ROLES, row, strict=True)])
        for kind, *row in frames
        if fits(windows, *row)
    ]
    answer = answered(gold, windows, "re")
    said = {(r.type, r.head.text, r.tail.text) for r in answer.relations or ()}
    assert said == {(r.type, r.head.text, r.tail.text) for r in gold.relations}
    assert len(said) == len(answer.relations or ())
    answer = answered(gold, windows, "ee")
    frames_said = {(e.type, *((a.role, a.text) for a in e.arguments)) for e in answer.events or ()}
    assert frames_said == {(e.type, *((a.role, a.text) for a in e.arguments)) for e in gold.events}


@given(cut_texts())
def test_whatever_is_no_longer_than_the_shared_part_is_seen_whole(
    case: tuple[str, list[tuple[int, int]], list[Window]],
) -> None:
    text, _, windows = case
    length = together(windows)
    for start in range(len(text) - length + 1):
        assert fits(windows, (start, start + length))


def test_what_an_edge_cut_gives_way_to_the_whole() -> None:
    text = "Ann of New York City won"
    left, right = Window(0, 15, 0, 11), Window(7, 24, 11, 24)

    def said(window: Window, *surfaces: str) -> tuple[Window, Sample]:
        part = text[window.start : window.end]
        found = [Entity("LOC", s, part.index(s), part.index(s) + len(s)) for s in surfaces]
        return window, Sample("1", part, entities=found)

    def texts(*found: tuple[Window, Sample]) -> list[str]:
        return [e.text for e in joined(Sample("1", text), list(found)).entities or ()]

    assert texts(said(left, "New York"), said(right, "New York City")) == ["New York City"]
    assert texts(said(left, "New York"), said(right, "New York City", "New York")) == ["New York", "New York City"]
    assert texts(said(left, "New York"), said(right)) == ["New York"]


def test_an_event_seen_in_part_gives_way_to_the_whole() -> None:
    text = "Bob won the big cup in Oslo"
    left, right = Window(0, 16, 0, 8), Window(0, 27, 8, 27)

    def event(*arguments: tuple[str, str]) -> Event:
        return Event("Win", None, [Argument(r, s, text.index(s), text.index(s) + len(s)) for r, s in arguments])

    found = [
        (left, Sample("1", text[:16], events=[event(("subject", "Bob"))])),
        (right, Sample("1", text, events=[event(("subject", "Bob"), ("object", "cup"))])),
    ]
    [only] = joined(Sample("1", text), found).events or []
    assert [argument.text for argument in only.arguments] == ["Bob", "cup"]
