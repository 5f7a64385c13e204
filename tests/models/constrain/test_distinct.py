"""Entities of one answer are distinct occurrences: no name is given a surface more often than the text has it."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from grounded_rows import GROUNDERS, SCHEMA, TEXTS, random_output, read
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import PLAIN_NAMES, schemas_and_samples
from tiny_models import KINDS, tokenizer

from pointline.errors import Refusal
from pointline.formats import FORMATS, Ask, CannotHold, codec
from pointline.formats.grammar import Limits
from pointline.models.constrain.row import Row
from pointline.sample import Sample
from pointline.schema import Schema
from pointline.text.locate import mentions

SHORT = [
    "Bob",
    "Bob Bob",
    "a b a b a",
    "東東京",
    "x:y;x",
    "😀 😀",
    "㍿ 株",
    "it with it",
    "Bob :PER;Bob",
    "Ann; Bob, Ann.",
]


def repeats(answer: Sample) -> list[tuple[str, str]]:
    """What stands in an answer more often than in its text."""
    said = Counter((entity.type, entity.text) for entity in answer.entities or ())
    return [key for key, count in said.items() if count > len(mentions(answer.text, key[1]))]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_no_entity_is_said_twice_of_one_place_and_no_place_is_a_dead_end(kind: str, name: str) -> None:
    rng = random.Random(13)
    entities = 0
    for text in [*SHORT, *TEXTS]:
        bound = codec(name, Ask(SCHEMA, ("ner",)))
        [grammar] = bound.grammar(Sample("1", text, "en"), Limits(whole_words=text not in SHORT[:3]))
        row = GROUNDERS[kind].row(grammar)
        for _ in range(6):
            raw, _ = read(row, grammar, random_output(row, rng, row.start.need + rng.choice([3, 20, 150])))
            answer = bound.decode(raw, text, "1")
            assert not answer.problems, (raw, answer)
            assert repeats(answer) == []
            entities += len(answer.entities or ())
    assert entities > 100


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_would_say_one_span_for_ever_says_it_as_often_as_it_stands(kind: str) -> None:
    """The worst of loops, `:PER;Bob:PER;Bob`: every token of it is taken while it is open."""
    text = "Bob met Bob and Ann met Bob."
    bound = codec("oiellm", Ask(Schema().entities(["PER"])))
    [grammar] = bound.grammar(Sample("1", text, "en"))
    row = GROUNDERS[kind].row(grammar)
    place, raw = row.start, "/NER/"
    for id in tokenizer(kind)(raw + ":PER;Bob" * 3, add_special_tokens=False)["input_ids"]:
        assert id in row.tokens(place)
        after = row.advance(place, id)
        assert after is not None
        place = after
    assert place.done
    assert not _takes(row, kind, ":PER;Bob" * 4 + ":")
    assert _takes(row, kind, ":PER;Bob" * 3 + ":PER;Bob met")
    assert _takes(row, kind, ":PER;Bob" * 3 + ":PER;Ann")


@pytest.mark.parametrize("name", ["oiellm", "iepile"])
def test_another_type_may_share_the_place(name: str) -> None:
    sample_text = "Bob ran"
    schema = Schema().entities(["DOG", "PER"])
    bound = codec(name, Ask(schema, ("ner",)))
    [grammar] = bound.grammar(Sample("1", sample_text, "en"))
    row = GROUNDERS["byte-level"].row(grammar)
    once = {"oiellm": "/NER/:PER;Bob:DOG;Bob", "iepile": '{"DOG": ["Bob"], "PER": ["Bob"]}'}[name]
    twice = {"oiellm": "/NER/:PER;Bob:PER;Bob", "iepile": '{"DOG": [], "PER": ["Bob", "Bob"]}'}[name]
    assert _whole(row, once)
    assert not _whole(row, twice)


def test_a_name_under_which_all_is_said_closes() -> None:
    """Of a text of one word nothing is left: the type is not begun again, the list not gone on with."""
    bound = codec("oiellm", Ask(Schema().entities(["PER", "PERS"])))
    [grammar] = bound.grammar(Sample("1", "Bob", "en"))
    row = GROUNDERS["byte-level"].row(grammar)
    assert _takes(row, "byte-level", ":PER;Bob:PERS;Bob")
    assert not _takes(row, "byte-level", ":PER;Bob:PER;")
    bound = codec("iepile", Ask(Schema().entities(["PER"]), ("ner",)))
    [grammar] = bound.grammar(Sample("1", "Bob", "en"))
    row = GROUNDERS["byte-level"].row(grammar)
    assert _whole(row, '{"PER": ["Bob"]}')
    assert not _takes(row, "byte-level", '{"PER": ["Bob",', "")


@pytest.mark.parametrize("kind", KINDS)
def test_free_names_are_counted_too(kind: str) -> None:
    bound = codec("oiellm", Ask(Schema(entity_types=("PER",), open=("entities",))))
    [grammar] = bound.grammar(Sample("1", "Bob met Ann", "en"))
    row = GROUNDERS[kind].row(grammar)
    assert _takes(row, kind, ":DOG;Bob:CAT;Bob")
    assert not _takes(row, kind, ":DOG;Bob:DOG;Bob:")
    assert not _takes(row, kind, ":PER;Bob:PER;Bob:")
    for seed in range(30):
        raw, _ = read(row, grammar, random_output(row, random.Random(seed)))
        assert repeats(bound.decode(raw, "Bob met Ann", "1")) == []


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(asked=schemas_and_samples(PLAIN_NAMES), seed=st.integers(0, 999), name=st.sampled_from(["oiellm", "iepile"]))
def test_rough_texts(kind: str, asked: tuple[Schema, Sample], seed: int, name: str) -> None:
    schema, sample = asked
    bare = Sample("1", sample.text, "en")
    try:
        bound = codec(name, Ask(schema, ("ner",)))
        [grammar] = bound.grammar(bare)
        row = GROUNDERS[kind].row(grammar)
    except (CannotHold, Refusal):
        return
    raw, _ = read(row, grammar, random_output(row, random.Random(seed), row.start.need + 100))
    assert repeats(bound.decode(raw, bare.text, "1")) == []


@settings(max_examples=60)
@given(text=st.text("ab ", min_size=1, max_size=8), extra=st.integers(0, 60), seed=st.integers(0, 99))
def test_the_length_guard_knows_what_is_used_up(text: str, extra: int, seed: int) -> None:
    bound = codec("oiellm", Ask(Schema().entities(["x"])))
    [grammar] = bound.grammar(Sample("1", text, "en"), Limits(whole_words=False))
    row = GROUNDERS["byte-level"].row(grammar)
    ids = random_output(row, random.Random(seed), row.start.need + 1 + extra)
    raw, _ = read(row, grammar, ids)
    assert repeats(bound.decode(raw, text, "1")) == []


@settings(max_examples=60)
@given(text=st.text("ab c", min_size=1, max_size=10), seed=st.integers(0, 999))
def test_exactly_the_outputs_that_repeat_nothing_are_open(text: str, seed: int) -> None:
    """Any list of entities is taken if and only if the text has each as often."""
    rng = random.Random(seed)
    bound = codec("oiellm", Ask(Schema().entities(["x", "y"])))
    [grammar] = bound.grammar(Sample("1", text, "en"))
    row = GROUNDERS["byte-level"].row(grammar)
    words = text.split()
    said = [(rng.choice("xy"), rng.choice(words)) for _ in range(rng.randint(1, 4))] if words else []
    fine = all(count <= len(mentions(text, word)) for (_, word), count in Counter(said).items())
    assert _whole(row, "/NER/" + "".join(f":{kind};{word}" for kind, word in said)) == fine


def _takes(row: Row, kind: str, points: str, header: str = "/NER/") -> bool:
    """True where the tokens of a beginning are open, one after another."""
    place = row.start
    for id in tokenizer(kind)(header + points, add_special_tokens=False)["input_ids"]:
        if id not in row.tokens(place) or not (after := row.advance(place, id)):
            return False
        place = after
    return True


def _whole(row: Row, string: str) -> bool:
    place = row.start
    for id in tokenizer("byte-level")(string, add_special_tokens=False)["input_ids"]:
        if id not in row.tokens(place) or not (after := row.advance(place, id)):
            return False
        place = after
    return place.done
