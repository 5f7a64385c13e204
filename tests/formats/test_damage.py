"""Damaged outputs: nothing raises, what can be read is read, and the damage is named."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import NAMES, PIECES, samples, schemas, texts

from pointline.formats import FORMATS, Ask, Paper, codec
from pointline.formats.oiellm import Oiellm
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span, faults
from pointline.schema import EventType, RelationType, Schema

SCHEMA = Schema(
    label_types=("positive", "negative", "IT"),
    entity_types=("PER", "LOC", "Product Name", "人名", "产品名"),
    relation_types=(RelationType("works for", "PER", "ORG"),),
    event_types=(EventType("出演", ("subject", "object", "time")),),
)
ENTITIES = Schema().label("polarity", ["positive", "negative"]).entities(["PER", "LOC"])
TEXT = "Bob Pi:Co works for System/360 in 東京 at 10:30; 北岛康介 11日 日本电视台"

GOLD = Sample(
    "g",
    TEXT,
    labels=["positive"],
    entities=[Entity("PER", "Bob", 0, 3), Entity("LOC", "東京", 34, 36), Entity("Product Name", "10:30", 40, 45)],
    relations=[Relation("works for", Span("Bob Pi:Co", 0, 9), Span("System/360", 20, 30))],
    events=[Event("出演", None, [Argument("subject", "北岛康介", 47, 51), Argument("time", "11日", 52, 55)])],
)
MARKS = [
    ":",
    ";",
    "/",
    "<",
    ">",
    ",",
    "{",
    "}",
    "[",
    "]",
    '"',
    "\\",
    "\n",
    "\\u",
    "\\ud83d",
    "```",
    "NER",
    "/NER/",
    "NAN",
]


def mutated(raw: str, rng: random.Random) -> str:
    """One to four random edits: cut, drop, double, insert, swap, replace."""
    for _ in range(rng.randint(1, 4)):
        at, other = rng.randint(0, len(raw)), rng.randint(0, len(raw))
        low, high = sorted((at, other))
        raw = rng.choice(
            [
                raw[:at],
                raw[at:],
                raw[:low] + raw[high:],
                raw[:high] + raw[low:],
                raw[:at] + rng.choice(MARKS) + raw[at:],
                raw[:at] + chr(rng.choice([0, 9, 58, 0x1F600, 0xFF1A, 0x202E, 0xD7FF, 0x3099])) + raw[at:],
                raw[low:high] + raw[:low] + raw[high:],
                raw.replace(rng.choice(MARKS), rng.choice(MARKS)),
            ]
        )[:2000]
    return raw


def outputs() -> Iterator[tuple[str, str, Ask]]:
    """(format, gold output, question) for every format and level that it holds."""
    asks = {
        "oiellm": [()],
        "giellm": [()],
        "slg": [("ner",), ("re",)],
        "usa": [("ner",)],
        "plain": [("ner",), ("re",), ("labels",)],
        "iepile": [(), ("spo",), ("kg",), ("eet",), ("eea",)],
    }
    for name, choices in asks.items():
        for tasks in choices:
            ask = Ask(SCHEMA, tasks)
            gold = msgspec.convert(msgspec.to_builtins(GOLD), Sample)
            for relation in gold.relations or ():
                relation.head.type, relation.tail.type = "PER", "ORG"
            for pair in codec(name, ask).encode(gold):
                yield name, pair.completion, ask


def survive(count: int, seed: int) -> None:
    rng = random.Random(seed)
    gold = [(codec(name, ask), raw) for name, raw, ask in outputs()]
    papers = [Paper(Ask(SCHEMA)), Paper(Ask(SCHEMA), bare=True)]
    for i in range(count):
        bound, raw = gold[i % len(gold)]
        damaged = mutated(raw, rng)
        read = bound.decode(damaged, TEXT, "g")
        assert not list(faults(read)), damaged
        msgspec.json.encode(read)
        if i % 10 == 0:
            assert not list(faults(papers[i // 10 % 2].decode(damaged, TEXT, "g")))


def test_random_mutations_raise_nothing() -> None:
    survive(6_000, seed=7)


@pytest.mark.slow
def test_hundred_thousand_mutations_raise_nothing() -> None:
    survive(100_000, seed=11)


@pytest.mark.parametrize("name", sorted(FORMATS))
@settings(max_examples=150)
@given(
    schema=schemas(),
    raw=st.one_of(texts(200), st.lists(st.sampled_from([*PIECES, *MARKS]), max_size=40).map("".join)),
    text=texts(),
)
def test_any_string_is_read(name: str, schema: Schema, raw: str, text: str) -> None:
    read = codec(name, Ask(schema)).decode(raw, text, "x")
    assert list(faults(read)) == []
    for level in ("labels", "entities", "relations", "events"):
        asked = schema.names(level) is not None and (level, name) != ("labels", "iepile")  # type: ignore[arg-type]
        assert (getattr(read, level) is not None) == asked


@pytest.mark.parametrize(
    "raw", [":A;" * 40_000, "/NER/" * 5_000, ":;" * 50_000, "<" * 50_000, '{"a":[' * 9_000, "[" * 100_000]
)
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_hostile_strings_take_no_time(name: str, raw: str) -> None:
    schema = Schema().label("t", ["A"]).entities(["A", "B;C"]).relations(["A"]).events({"A": ["subject"]})
    codec(name, Ask(schema)).decode(raw, raw[:5_000])


@settings(max_examples=250)
@given(data=st.data(), labels=st.lists(NAMES, max_size=3), types=st.lists(NAMES, min_size=1, max_size=3))
def test_the_short_way_reads_what_the_search_reads(data: st.DataObject, labels: list[str], types: list[str]) -> None:
    schema = Schema().label("t", labels).entities(types)
    sample = data.draw(samples(schema))
    bound = Oiellm(Ask(schema))
    raw = ",".join(sample.labels or ()) + "/NER/" + "".join(f":{e.type};{e.text}" for e in sample.entities or ())
    for output in (raw, mutated(raw, random.Random(data.draw(st.integers(0, 99))))):
        short = bound._fast.read(output, sample.text, "x")
        assert short is None or short == bound._flat.read(output, sample.text, "x")


CASES = [
    ("positive/NER/:PER;Bob:LOC;東京", [("PER", "Bob"), ("LOC", "東京")], None),
    ("positive/NER:/PER;Bob:LOC;東京", [("PER", "Bob"), ("LOC", "東京")], None),
    ("positive/NER/:PER:Bob:LOC:東京", [("PER", "Bob"), ("LOC", "東京")], ["wrong_marks"]),
    ("positive/NER/：PER；Bob：LOC；東京", [("PER", "Bob"), ("LOC", "東京")], ["wrong_marks"]),
    ("positive/NER/:PER;Bob:LO", [("PER", "Bob")], ["truncated"]),
    ("positive/NER/:PER;Bob:LOC;", [("PER", "Bob")], ["truncated"]),
    ("positive/NER/:PER;:LOC;東京", [("LOC", "東京")], ["empty_slot"]),
    ("positive:PER;Bob", [("PER", "Bob")], ["missing_instruction_word"]),
    ("great/NER/:PER;Bob", [("PER", "Bob")], ["unknown_label"]),
    ("Positive /NER/:PER;Bob", [("PER", "Bob")], ["label_normalised"]),
    ("positive/NER/:PER;Bob:ORG;Pi:Co", [("PER", "Bob"), ("ORG", "Pi:Co")], ["unknown_type"]),
    ("positive/NER/:per;Bob", [("PER", "Bob")], ["type_normalised"]),
    ("positive/NER/:PER;Alice", [("PER", "Alice")], ["span_not_in_text"]),
    ("positive/NER/:PER;ＢＯＢ", [("PER", "Bob")], ["span_normalised"]),
    ("positive/NER/:PER;Bob:PER;Bob", [("PER", "Bob"), ("PER", "Bob")], ["span_repeated"]),
    ("```text\npositive/NER/:PER;Bob\n```", [("PER", "Bob")], ["code_fence"]),
    ("Here is it:\npositive/NER/:PER;Bob", [("PER", "Bob")], ["text_before"]),
    ("positive/NER/:PER;Bob\n\nI chose Bob as he acts.", [("PER", "Bob")], ["text_after"]),
    ("positive/NER/:PER;Bob</s>", [("PER", "Bob")], ["special_token"]),
    ('"positive/NER/:PER;Bob"', [("PER", "Bob")], ["quoted"]),
    ("positive/NER/:PER;Bob/relation extraction/:a;b;c:", [("PER", "Bob")], ["level_not_asked"]),
    ("positive/固有表現抽出/:PER;Bob", [("PER", "Bob")], None),
    ("", [], ["empty_output", "missing_instruction_word"]),
]


@pytest.mark.parametrize(("raw", "entities", "problems"), CASES)
def test_flat_damage_is_recovered_and_named(
    raw: str, entities: list[tuple[str, str]], problems: list[str] | None
) -> None:
    read = codec("oiellm", Ask(ENTITIES)).decode(raw, TEXT)
    assert sorted((e.type, e.text) for e in read.entities or ()) == sorted(entities)
    assert read.problems == problems
    assert read.labels == (["great"] if "great" in raw else ["positive"] if raw else [])


@pytest.mark.parametrize("frame", ["IT/event extraction/{}", "IT/事件抽取/{}"])
@pytest.mark.parametrize(
    "points", [":北岛康介;出演;;11日:", ":北岛康介:出演::11日:", "北岛康介;出演;;11日", "：北岛康介；出演；；11日："]
)
def test_printed_and_damaged_events(frame: str, points: str) -> None:
    read = codec("oiellm", Ask(SCHEMA, ("ee",))).decode(frame.format(points), TEXT)
    [event] = read.events or ()
    assert [(a.role, a.text) for a in event.arguments] == [("subject", "北岛康介"), ("time", "11日")]


JSON_CASES = [
    ('{"PER": ["Bob"], "LOC": ["東京"]}', None),
    ('```json\n{"PER": ["Bob"], "LOC": ["東京"]}\n```', ["code_fence"]),
    ('Sure: {"PER": ["Bob"], "LOC": ["東京"]} as asked.', ["text_before", "text_after"]),
    ('{"PER": ["Bob",], "LOC": ["東京"],}', ["loose_json"]),
    ("{'PER': ['Bob'], 'LOC': ['東京']}", ["loose_json"]),
    ('{"PER": [""Bob""], "LOC": ["東京"]}', ["loose_json"]),
    ('{"PER": ["Bob"], "LOC": ["東京"', ["truncated"]),
    ('{"PER": ["Bob"], "LOC": ["東京', ["truncated"]),
    ('{"PER": "Bob", "LOC": ["東京"]}', ["wrong_shape"]),
    ('{"per": ["Bob"], "LOC": ["東京"]}', ["type_normalised"]),
    ('[{"PER": ["Bob"]}, {"LOC": ["東京"]}]', ["wrong_shape"]),
    ('{"PER": ["Bob"], "PER": [], "LOC": ["東京"]}', ["duplicate_key"]),
    ('{"PER": [{"entity": "Bob"}], "LOC": ["東京"]}', ["wrong_shape"]),
    ('{"PER" ["Bob"], "LOC": ["東京"]}', ["loose_json"]),
]


@pytest.mark.parametrize(("raw", "problems"), JSON_CASES)
def test_json_damage_is_recovered_and_named(raw: str, problems: list[str] | None) -> None:
    read = codec("iepile", Ask(ENTITIES)).decode(raw, TEXT)
    assert sorted((e.type, e.text) for e in read.entities or ()) == [("LOC", "東京"), ("PER", "Bob")]
    assert read.problems == problems


def test_many_spans_that_are_not_in_the_text_lose_no_level() -> None:
    schema = Schema().entities(["PER"]).relations(["knows"])
    sample = Sample(
        "1",
        "nobody",
        entities=[Entity("PER", f"P{i}") for i in range(60)],
        relations=[Relation("knows", Span(f"P{i}"), Span(f"P{i + 1}")) for i in range(20)],
    )
    bound = codec("oiellm", Ask(schema))
    read = bound.decode(bound.encode(sample)[0].completion, sample.text)
    assert (len(read.entities or ()), len(read.relations or ())) == (60, 20)
    assert read.problems == ["span_not_in_text"]
