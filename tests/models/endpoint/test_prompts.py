"""What is sent: examples, instructions, constraints - each by what a reader of it makes of it."""

from __future__ import annotations

import json
import random
from typing import Any

import msgspec
import pytest
from grammar_walks import spans, walk
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import PLAIN_NAMES, schemas_and_samples

from pointline.errors import Refusal, SettingsFault
from pointline.formats import FORMATS, Ask, CannotHold, codec
from pointline.formats.grammar import LIMITS, Grammar, Source, Span
from pointline.llm import Endpoint
from pointline.models.endpoint.card import EndpointCard
from pointline.models.endpoint.examples import Examples, Near
from pointline.models.endpoint.gbnf import gbnf
from pointline.models.endpoint.instructions import instruction
from pointline.models.endpoint.json_schema import form
from pointline.models.endpoint.prompts import Prompts
from pointline.models.endpoint.settings import EndpointSettings
from pointline.models.generator.questions import Question, Questions
from pointline.sample import Entity, Sample
from pointline.schema import Schema

SCHEMA = Schema().label("topic", ["news", "sport"]).entities(["PER", "LOC"])


def person(id: str, text: str, name: str, **fields: Any) -> Sample:
    start = text.index(name)
    found = [Entity("PER", name, start, start + len(name))]
    return Sample(id, text, labels=["news"], entities=found, **fields)


POOL = [
    person("en-1", "Ann opened the fair", "Ann"),
    person("en-2", "the mayor met Bob", "Bob"),
    person("en-3", "Cleo plays chess in the park", "Cleo"),
    person("ja-1", "田中さんは公園で走った", "田中"),
    person("ja-2", "鈴木さんが市長に会った", "鈴木"),
    person("ja-3", "佐藤さんは魚を買った", "佐藤"),
]


def question(sample: Sample, format: str = "oiellm", schema: Schema = SCHEMA, **ask: Any) -> Question:
    return next(iter(Questions(format, Ask(schema, **ask), None, False)(sample)))


def shown(sample: Sample, pool: list[Sample], **chosen: Any) -> list[str]:
    examples = Examples(pool, EndpointSettings(**chosen))
    return [each.prompt for each in examples.choose(sample, question(sample), False)]


@pytest.mark.parametrize("choose", ["seed", "similar"])
def test_a_text_is_never_its_own_example(choose: str) -> None:
    for sample in POOL:
        wider = msgspec.structs.replace(sample, id="other", text=sample.text.upper() + " ")
        for asked in (sample, wider):
            said = shown(asked, [*POOL, *POOL], shots=5, choose=choose)
            assert len(set(said)) == 5
            assert sample.text not in {prompt.split("/")[0] for prompt in said}


def test_similar_examples_come_from_the_script_of_the_text_the_nearest_last() -> None:
    asked = Sample("x", "山本さんは公園で魚を見た")
    assert shown(asked, POOL, shots=2, choose="similar")[-1].startswith("田中さんは公園")
    assert all("/固有表現抽出" in prompt for prompt in shown(asked, POOL, shots=3))
    assert shown(Sample("y", "Dora plays chess"), POOL, shots=1, choose="similar") == [POOL[2].text + "/NER"]


def test_the_seed_draws_and_order_of_the_file_does_not() -> None:
    asked = Sample("x", "nobody")
    draws = {seed: shown(asked, POOL, shots=2, seed=seed) for seed in range(8)}
    assert len({tuple(draw) for draw in draws.values()}) > 1
    assert all(shown(asked, POOL[::-1], shots=2, seed=seed) == draw for seed, draw in draws.items())


def test_examples_of_another_task_or_too_few_are_told() -> None:
    other = [person(f"p{i}", f"Bob {i}", "Bob", meta={"task": "scpos-rw"}) for i in range(3)]
    with pytest.raises(Refusal, match=r"^x: only 1 of 2 examples for the task 'ner'"):
        shown(Sample("x", "nobody"), [*other, POOL[0]], shots=2)


@settings(max_examples=30)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=8))
def test_a_text_is_nearest_to_itself(texts: list[str]) -> None:
    near = Near(texts)
    for i, text in enumerate(texts):
        assert texts[int(near.order(text)[0])] == text or len(texts[int(near.order(text)[0])]) == len(texts[i])


def prompts(kind: str = "chat", format: str = "oiellm", **words: Any) -> Prompts:
    chosen = EndpointSettings(**words)
    examples = Examples(POOL, chosen)
    return Prompts(format, Ask(SCHEMA), kind == "chat", chosen, examples)


def test_a_chat_is_instruction_examples_question() -> None:
    asked = Sample("x", "Dora sings")
    request = prompts(shots=2).request("x", asked, question(asked))
    assert isinstance(request.prompt, list)
    assert [turn["role"] for turn in request.prompt] == ["system", *["user", "assistant"] * 2, "user"]
    assert request.prompt[-1]["content"] == "Dora sings/NER"
    assert request.prompt[2]["content"].startswith("news/NER/:PER;")
    plain = prompts(shots=2, system=False).request("x", asked, question(asked)).prompt
    assert isinstance(plain, list)
    assert plain[0]["content"] == request.prompt[0]["content"] + "\n\n" + request.prompt[1]["content"]


def test_a_completion_is_one_string_that_ends_before_the_answer() -> None:
    asked = Sample("x", "Dora sings")
    request = prompts("completion", shots=1).request("x", asked, question(asked))
    assert isinstance(request.prompt, str)
    assert request.prompt.endswith("\n\nDora sings/NER\n")
    assert request.sampling is not None
    assert request.sampling.stop == ("\n",)
    assert (request.sampling.max_tokens or 0) > 2 * len(asked.text)
    asked = Sample("x", "two\nlines")
    request = prompts("completion", shots=1).request("x", asked, question(asked))
    assert request.sampling is not None
    assert request.sampling.stop == ("\n\n",)


def test_usa_shows_its_one_example_inside_its_own_string() -> None:
    asked = Sample("x", "Dora sings")
    written = prompts("completion", "usa", prompt="format", shots=1, choose="similar")
    said = written.request("x", asked, question(asked, "usa")).prompt
    example = next(sample for sample in POOL if f"<{sample.text}>" in str(said))
    assert said == codec("usa", Ask(SCHEMA, example=example)).prompts(asked)[0].prompt


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"prompt": "format", "shots": 1}, "no example in it"),
        ({"structured": "json_schema"}, "is for the format iepile"),
        ({"shots": -1}, "must not be negative"),
        ({"shots": 9, "pool": 3}, "raise pool"),
        ({"temperature": -1.0}, "temperature"),
    ],
)
def test_settings_that_do_not_go_together(chosen: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsFault, match=told):
        prompts(**chosen)


def test_examples_must_be_there() -> None:
    with pytest.raises(SettingsFault, match="2 shots need a file of examples"):
        Prompts("oiellm", Ask(SCHEMA), True, EndpointSettings(shots=2), None)


@pytest.mark.parametrize("lang", ["en", "ja", "zh", "fr"])
@pytest.mark.parametrize("format", FORMATS)
def test_instructions_name_what_is_asked_and_show_the_form(format: str, lang: str) -> None:
    schema = Schema().label("topic", ["news"]).entities({"PER": "a person", "地名": "a place"}).relations(["lives"])
    for tasks in (("ner",), ("re",)):
        if format == "usa" and tasks == ("re",):
            continue
        ask = Ask(schema, tasks, lang=lang)
        said = instruction(format, ask, question(Sample("x", "Bob"), format, schema, tasks=tasks, lang=lang), lang)
        assert ("地名: a place" in said) == (tasks == ("ner",))
        assert ("lives" in said) == (tasks == ("re",))
        marks = {"ja": "【種類】", "zh": "【类型】"}.get(lang, "TYPE")
        assert (marks in said) == (tasks == ("ner",)), said


TOKENS: dict[str, Any] = {}


def accepts(said: str, text: str) -> bool:
    """Whether llguidance, reading the GBNF, takes the string as a whole."""
    llguidance = pytest.importorskip("llguidance")
    from llguidance.gbnf_to_lark import gbnf_to_lark

    if not TOKENS:
        TOKENS["bytes"] = llguidance.LLTokenizer("byte")
    matcher = llguidance.LLMatcher(TOKENS["bytes"], gbnf_to_lark(said))
    assert not matcher.get_error(), (said, matcher.get_error())
    data = list(text.encode())
    return bool(matcher.try_consume_tokens(data) == len(data) and matcher.is_accepting())


@given(schemas_and_samples(PLAIN_NAMES), st.sampled_from(list(FORMATS)), st.integers(0, 99))
def test_a_sent_grammar_takes_what_the_format_allows(drawn: tuple[Schema, Sample], name: str, seed: int) -> None:
    schema, sample = drawn
    if schema.open:
        return  # random walks draw names that the marks of the class leave out
    try:
        grammars = codec(name, Ask(schema)).grammar(sample)
    except CannotHold:
        return
    for grammar in grammars[:1]:
        said = gbnf(grammar)
        raw, _ = walk(grammar, random.Random(seed))
        assert accepts(said, raw), (said, raw)
        assert not accepts(said, raw + "\x01"), (said, raw)


@settings(max_examples=25)
@given(st.text("ab 東é;\u3099\n", min_size=1, max_size=8), st.booleans())
def test_sent_spans_are_exactly_those_of_the_source(text: str, whole_words: bool) -> None:
    source = Source(text, whole_words=whole_words)
    if source.empty:
        return
    said = gbnf(Grammar(Span(), source))
    allowed = {source.text[start:end] for start, end in spans(source)}
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            assert accepts(said, text[start:end]) == (text[start:end] in allowed)


@given(schemas_and_samples(PLAIN_NAMES), st.sampled_from(["ner", "re", "spo", "kg", "ee", "eet"]))
def test_every_answer_that_iepile_writes_fits_the_sent_schema(drawn: tuple[Schema, Sample], task: str) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema, sample = drawn
    bound = codec("iepile", Ask(schema, (task,)))
    try:
        pairs = bound.encode(sample)
    except CannotHold:
        return
    for pair in pairs:
        fits = form(pair.task, json.loads(pair.prompt)["schema"])
        jsonschema.validate(json.loads(pair.completion), fits)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"no such key": []}, fits)


def test_constraints_go_into_the_servers_field() -> None:
    asked = Sample("x", "Dora sings")
    for server, path in {
        "vllm": ["structured_outputs", "grammar"],
        "sglang": ["ebnf"],
        "llama.cpp": ["grammar"],
    }.items():
        written = prompts(structured="grammar", server=server)
        with_grammar = Questions("oiellm", Ask(SCHEMA), LIMITS, True)(asked)
        request = written.request("x", asked, next(iter(with_grammar)))
        assert request.sampling is not None
        found: Any = request.sampling.extra
        for step in path:
            found = found[step]
        assert found.startswith("root ::=")
        assert accepts(found, "news/NER/:PER;Dora")
        assert not accepts(found, "news/NER/:PER;Bob")


def test_a_key_has_no_place_in_a_card() -> None:
    with pytest.raises(SettingsFault, match="name of an environment variable") as told:
        EndpointCard(endpoint=Endpoint("http://a/v1", "m", key_env="sk-12.34"), format="oiellm", schema=SCHEMA)
    assert "12" not in str(told.value)
