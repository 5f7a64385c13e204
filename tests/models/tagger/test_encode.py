"""Samples to tags and back; what tags cannot hold is counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

from pointline.models.tagger.collate import collate
from pointline.models.tagger.encode import Encoder, Inventory, tagged_spans
from pointline.models.tagger.example import cut_tags
from pointline.models.tagger.features import BUCKETS, FeatureSettings, featurize
from pointline.models.tagger.tokens import tokenize
from pointline.sample import Entity, Sample


def encoder(types=("A", "B")) -> Encoder:
    return Encoder(Inventory(("a", "b"), ("x", "y"), types), FeatureSettings())


@given(st.text(max_size=60))
def test_tokens_cover_every_character_that_is_no_space(text):
    tokens = tokenize(text)
    covered = [place for token in tokens for place in range(token.start, token.end)]
    assert covered == [place for place, char in enumerate(text) if not char.isspace()]
    words, ids, inside = featurize(text, tokens, None, FeatureSettings())
    assert inside is None
    assert len(words) == len(ids) == len(tokens)
    assert all(0 <= number < BUCKETS for row in ids for number in row)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 3), st.sampled_from("AB")), max_size=5))
def test_entities_survive_tags(gaps):
    entities, place = [], 0
    for gap, size, kind in gaps:
        start = place + gap
        entities.append(Entity(kind, " ".join("w" * size), 2 * start, 2 * (start + size) - 1))
        place = start + size
    text = " ".join("w" * (place + 2))
    found = encoder().gold(Sample("1", text, entities=entities))
    assert found.tags is not None
    spans = tagged_spans(found.tags)
    assert [(found.tokens[a].start, found.tokens[b - 1].end, "AB"[k]) for a, b, k in spans] == [
        (e.start, e.end, e.type) for e in entities
    ]


def test_what_tags_cannot_hold_is_counted_and_the_longest_is_kept():
    text = "new york city hall"
    entities = [
        Entity("A", "new york", 0, 8),
        Entity("A", "new york city", 0, 13),
        Entity("A", "ork", 5, 8),
        Entity("B", "hall"),
        Entity("C", "hall", 14, 18),
        Entity("B", "new hall", 0, 18, [(0, 3), (14, 18)]),
    ]
    one = encoder()
    example = one.gold(Sample("1", text, entities=entities))
    assert example.tags == [1, 2, 2, 0]
    assert dict(one.lost) == {
        "overlapping a longer one": 1,
        "not on token borders": 1,
        "without offsets": 1,
        "of an unknown type": 1,
        "discontinuous": 1,
    }


def test_levels_that_are_not_annotated_stay_none():
    example = encoder().gold(Sample("1", "a b"))
    assert example.tags is None
    assert example.labels is None
    batch = collate([example, encoder().gold(Sample("2", "b", labels=["y"], entities=[]))], 2)
    assert batch.has_labels.tolist() == batch.has_tags.tolist() == [False, True]
    assert batch.labels.tolist() == [[0, 0], [0, 1]]


def test_a_cut_span_begins_anew():
    assert cut_tags([0, 1, 2, 2, 0], 2, 5) == [1, 2, 0]
