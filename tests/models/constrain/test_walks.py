"""Random walks over tokens: whatever tokens a grammar leaves open, the output ends, reads and stands in the text."""

from __future__ import annotations

import random

import numpy as np
import pytest
from grammar_walks import walk
from grounded_rows import GROUNDERS, SCHEMA, TEXTS, random_output, read
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import PLAIN_NAMES, schemas_and_samples
from tiny_models import KINDS, tokenizer

from pointline.errors import Refusal
from pointline.formats import FORMATS, Ask, CannotHold, codec
from pointline.formats.ask import tasks_of
from pointline.models.constrain.grounder import Grounder
from pointline.models.constrain.replay import replay
from pointline.models.constrain.row import Place
from pointline.sample import Entity, Sample, faults, spans_of
from pointline.schema import Schema


def told(name: str, schema: Schema) -> list[tuple[str, ...]]:
    if name == "iepile":
        return [("ner",), ("re",), ("ee",), ("eet",), ("spo",)]
    return [("ner",)] if name == "usa" else [("ner",), ("re",), ("ee",)] + [("ner", "re", "ee")] * (name != "plain")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_output_reads_and_has_spans(kind: str, name: str) -> None:
    rng = random.Random(7)
    outputs = filled = 0
    for tasks in told(name, SCHEMA):
        bound = codec(name, Ask(SCHEMA, tasks))
        for text in TEXTS:
            sample = Sample("1", text, "en")
            [grammar] = bound.grammar(sample)
            row = GROUNDERS[kind].row(grammar)
            for _ in range(3):
                raw, _ = read(row, grammar, random_output(row, rng, max(90, row.start.need + 60)))
                answer = bound.decode(raw, text, "1")
                assert set(answer.problems or ()) <= {"span_repeated"}, (raw, answer)
                assert list(faults(answer)) == []
                assert all(span.start is not None for _, span in spans_of(answer))
                outputs += 1
                filled += any(True for _ in spans_of(answer))
    assert filled > 0.4 * outputs


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(asked=schemas_and_samples(PLAIN_NAMES), seed=st.integers(0, 999), name=st.sampled_from(["oiellm", "iepile"]))
def test_rough_texts_and_schemas(kind: str, asked: tuple[Schema, Sample], seed: int, name: str) -> None:
    schema, sample = asked
    bare = Sample("1", sample.text, "en")
    try:
        tasks = tasks_of(bare, Ask(schema), answered=False)[:1] or ("labels",)
        bound = codec(name, Ask(schema, tasks))
        [grammar] = bound.grammar(bare)
        row = GROUNDERS[kind].row(grammar)
    except (CannotHold, Refusal):
        return
    raw, _ = read(row, grammar, random_output(row, random.Random(seed), row.start.need + 60))
    answer = bound.decode(raw, bare.text, "1")
    assert set(answer.problems or ()) <= {"span_repeated"}, (raw, answer)
    assert all(span.start is not None for _, span in spans_of(answer))


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_tokenizer_writes_of_an_allowed_string_is_allowed_and_read_back(kind: str) -> None:
    """The tokens that a model is trained on: the grammar takes them, and replay gives the raw string again."""
    rng = random.Random(3)
    tok = tokenizer(kind)
    taken = 0
    for text in TEXTS[:4]:
        [grammar] = codec("oiellm", Ask(SCHEMA, ("ner",))).grammar(Sample("1", text, "en"))
        row = GROUNDERS[kind].row(grammar)
        for _ in range(5):
            string, _ = walk(grammar, rng)
            ids = tok(string, add_special_tokens=False)["input_ids"]
            place: Place | None = row.start
            for id in ids:
                place = row.advance(place, id) if place else None
            if place is None or not place.done:
                assert kind == "unigram", (string, tok.convert_ids_to_tokens(ids))
                continue
            taken += 1
            if tok.unk_token_id not in ids or kind != "unigram":
                assert read(row, grammar, ids)[0] == string or kind == "unigram"
    assert taken >= 17


def test_gold_with_an_unknown_character_is_read_back() -> None:
    text = "Bob 😀 met 👍👍 Ann"
    schema = Schema().entities(["PER"])
    bound = codec("oiellm", Ask(schema))
    sample = Sample("1", text, "en", entities=[Entity("PER", "😀 met 👍👍", 4, 12)])
    [grammar] = bound.grammar(sample)
    row = GROUNDERS["unigram"].row(grammar)
    tok = tokenizer("unigram")
    ids = tok(bound.encode(sample)[0].completion, add_special_tokens=False)["input_ids"]
    assert tok.unk_token_id in ids
    assert read(row, grammar, ids)[0] == "/NER/:PER;😀 met 👍👍"


def test_normal_forms_map_back_to_the_raw_text() -> None:
    text = "㍿ か\u3099 Ａ　Ｂ"
    bound = codec("oiellm", Ask(Schema().entities(["PER"])))
    [grammar] = bound.grammar(Sample("1", text, "en"))
    row = GROUNDERS["unigram"].row(grammar)
    seen = {read(row, grammar, random_output(row, random.Random(seed), 40))[0] for seed in range(200)}
    spans = {part.partition(";")[2] for raw in seen for part in raw.split(":")[1:]}
    assert {"㍿", "か\u3099", "Ａ", "Ａ　Ｂ"} <= spans
    assert all(span in text for span in spans)
    assert not spans & {"株", "式", "か", "\u3099"}


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_open_levels_are_free_and_without_marks(kind: str) -> None:
    schema = Schema(label_types=("news",), entity_types=("PER",), open=("labels", "entities"))
    bound = codec("oiellm", Ask(schema))
    text = "Bob met Ann at 10:30"
    [grammar] = bound.grammar(Sample("1", text, "en"))
    row = GROUNDERS[kind].row(grammar)
    new = 0
    for seed in range(20):
        raw, parts = read(row, grammar, random_output(row, random.Random(seed)))
        answer = bound.decode(raw, text, "1")
        assert all(span.start is not None for _, span in spans_of(answer)), raw
        new += any(part.kind == "name" and part.text not in ("news", "PER") for part in parts)
    assert new > 10


def test_the_length_guard_ends_every_output_in_its_budget() -> None:
    rng = random.Random(5)
    for name, kind in (("iepile", "byte-level"), ("oiellm", "unigram")):
        bound = codec(name, Ask(SCHEMA, ("ee",)))
        [grammar] = bound.grammar(Sample("1", TEXTS[1], "ja"))
        row = GROUNDERS[kind].row(grammar)
        for budget in range(row.start.need + 1, row.start.need + 40, 3):
            ids = random_output(row, rng, budget)
            assert len(ids) < budget
            assert replay(row, grammar.source, ids) is not None


def test_names_that_a_tokenizer_writes_alike_or_cannot_write_are_refused() -> None:
    for names, words in ((["Ａ", "A"], "alike"), (["😀"], "no token for")):
        [grammar] = codec("oiellm", Ask(Schema().entities(names))).grammar(Sample("1", "x", "en"))
        with pytest.raises(Refusal, match=words):
            GROUNDERS["unigram"].row(grammar)
    with pytest.raises(Refusal, match="fast"):
        Grounder(object())


def test_the_same_tokens_are_open_as_by_another_library() -> None:
    """An independent engine (llguidance) on the same grammar, written as one regular expression."""
    from grammar_lark import as_lark
    from llguidance import LLMatcher
    from llguidance.hf import from_tokenizer

    tok = tokenizer("byte-level")
    other = from_tokenizer(tok)
    rng = random.Random(11)
    compared = 0
    for text in TEXTS[:2]:
        [grammar] = codec("oiellm", Ask(SCHEMA, ("re",))).grammar(Sample("1", text, "en"))
        row = GROUNDERS["byte-level"].row(grammar)
        matcher = LLMatcher(other, as_lark(grammar))
        assert not matcher.is_error(), matcher.get_error()
        place = row.start
        for _ in range(60):
            bits = np.unpackbits(np.frombuffer(matcher.compute_bitmask(), np.uint8), bitorder="little")
            theirs = set(np.flatnonzero(bits).tolist())
            ours = set(row.tokens(place).tolist()) | ({tok.eos_token_id} if place.done else set())
            if len(theirs) > 1:  # where one way is left it names one of the tokens that lead there
                assert ours == theirs
                compared += 1
            assert theirs <= ours
            choice = rng.choice(sorted(theirs & ours))
            if choice == tok.eos_token_id:
                break
            matcher.consume_token(choice)
            after = row.advance(place, choice)
            assert after is not None
            place = after
    assert compared > 20
