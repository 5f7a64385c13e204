"""What train knows of a string, and that a train text never sees what it brought itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointline.models.tagger.encode import Encoder, Inventory
from pointline.models.tagger.features import FeatureSettings
from pointline.models.tagger.gazetteer import MAX_WORDS, Gazetteer
from pointline.models.tagger.hashing import hashed
from pointline.sample import Entity, Sample


@st.composite
def annotated(draw):
    words = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=8))
    spans, place = [], 0
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(place, len(words)))
        end = draw(st.integers(start, len(words)))
        if end > start:
            spans.append((start, end, draw(st.sampled_from(["x", "y"]))))
        place = end
    return words, spans


@given(st.lists(annotated(), min_size=1, max_size=5))
def test_a_train_text_sees_what_the_others_know(examples):
    whole = Gazetteer.build(examples)
    for i, (words, spans) in enumerate(examples):
        others = Gazetteer.build(examples[:i] + examples[i + 1 :])
        assert whole.lookup(words, spans) == others.lookup(words)


@given(st.lists(annotated(), max_size=5))
def test_it_is_the_same_after_saving(examples):
    known = Gazetteer.build(examples)
    again = Gazetteer.from_json(known.to_json())
    assert again.to_json() == known.to_json()
    assert all(again.lookup(words) == known.lookup(words) for words, _ in examples)


def test_words_inside_a_known_string_know_their_place_and_how_sure_it_is():
    known = Gazetteer.build([(["new", "york"], [(0, 2, "city")]), (["new", "york", "state"], [])])
    ids = known.lookup(["in", "new", "york"])
    assert ids[0] == ()
    assert hashed("gaz=Bcity.often.once") in ids[1]
    assert hashed("gaz=Ecity.often.once") in ids[2]


def test_strings_that_are_too_long_are_left_out():
    words = ["w"] * (MAX_WORDS + 1)
    assert Gazetteer.build([(words, [(0, len(words), "x")])]).to_json() == {}


def test_the_encoder_adds_what_is_known_and_leaves_the_own_text_out():
    inventory = Inventory(("play", "jazz"), None, ("genre",), gazetteer={"jazz": {"genre": 1}})
    encoder = Encoder(inventory, FeatureSettings())
    sample = Sample("1", "play jazz", "en", entities=[Entity("genre", "jazz", 5, 9)])
    seen, own = encoder.text(sample), encoder.gold(sample)
    assert seen.known is not None
    assert seen.known[0] == ()
    assert seen.known[1]
    assert own.known == [(), ()]
    assert encoder.word_entities(sample) == (["play", "jazz"], [(1, 2, "genre")])
