"""The route for clients of the OpenAI protocol: prompts of the string formats in, their answers out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_server import Client, Serving, Slow

from pointline.errors import Refusal
from pointline.formats import Ask, codec
from pointline.models.extractor import Extractor
from pointline.sample import Sample
from pointline.schema import Schema
from pointline.serve.prompts import NAMES, Prompts

TEXT = "Halima Quill of Orvane Labs said on Friday that its profit fell."
TURN = [{"role": "user", "content": TEXT}]
SCHEMA = Schema().label("topic", ["news", "a b"]).entities(["TIME", "PER"]).relations(["r"])
WIDE = {name: Prompts(name, SCHEMA) for name in NAMES}


@given(
    st.text(max_size=30), st.sampled_from(["oiellm", "giellm"]), st.sampled_from([(), ("ner",), ("re",), ("ner", "re")])
)
def test_what_a_format_asks_is_read_back(text: str, name: str, tasks: tuple[str, ...]) -> None:
    levels: dict[str, Any] = {"ner": "entities", "re": "relations"}
    schema = SCHEMA.only({"labels", *(levels[task] for task in tasks)})
    for lang in ("en", "ja", "zh"):
        [pair] = codec(name, Ask(schema, tasks, lang=lang)).prompts(Sample("1", text))
        form, found = WIDE[name].read(pair.prompt)
        assert (found, form.schema) == (text, schema)


@pytest.mark.parametrize("name", ["slg", "usa"])
def test_labels_and_entities_in_the_baselines_formats(name: str) -> None:
    schema = SCHEMA.only({"labels", "entities"})
    prompts = Prompts(name, schema)
    [pair] = codec(name, Ask(schema)).prompts(Sample("1", "at 10:30", lang="en"))
    assert prompts.read(pair.prompt)[1] == "at 10:30"


def test_no_prompt_of_the_format() -> None:
    with pytest.raises(Refusal, match=r"giellm; one looks like .text.<news><a b>NER"):
        WIDE["giellm"].read("at 10:30")


def test_a_schema_that_a_format_cannot_ask() -> None:
    assert not Prompts("giellm", Schema().entities(["PER"]))
    assert not Prompts("oiellm", Schema())


def test_models_are_formats(server: Client) -> None:
    names = [row["id"] for row in server("GET", "/v1/models").json["data"]]
    assert names == ["tiny", "tiny:giellm", "tiny:usa", "tiny:slg", "tiny:plain"]
    assert [server("GET", f"/v1/models/{name}").json["id"] for name in names] == names
    assert server("GET", "/v1/models/none").status == 404
    assert "/v1/chat/completions, /v1/completions" in server("GET", "/v1").error


def test_an_answer_that_was_cut_says_so(serving: Serving) -> None:
    class Cut(Slow):
        def known(self) -> Schema:
            return Schema().label("topic", ["x"])

        def predict(self, samples: Any, schema: Any = None, batch_size: int = 64) -> Iterator[Sample]:
            for sample in super().predict(samples, schema, batch_size):
                sample.problems = ["truncated"] if "long" in sample.text else None
                yield sample

    client = serving(Cut())
    choices = client("POST", "/v1/completions", {"prompt": ["short", "long"]}).json["choices"]
    assert [choice["finish_reason"] for choice in choices] == ["stop", "length"]


@pytest.mark.parametrize("form", NAMES)
def test_the_answer_is_the_models_own_in_the_format(server: Client, model: Extractor, form: str) -> None:
    known = model.known()
    assert known is not None
    writer = codec(form, Ask(known, lang="en"))
    [asked] = writer.prompts(Sample("1", TEXT))
    expected = model.extract(TEXT)
    name = "tiny" if form == "oiellm" else f"tiny:{form}"
    reply = server("POST", "/v1/completions", {"model": name, "prompt": asked.prompt, "temperature": 0})
    [choice] = reply.json["choices"]
    assert choice["text"] == writer.encode(expected)[0].completion
    read = writer.decode(choice["text"], TEXT)
    assert (read.labels, [e.text for e in read.entities or ()]) == (
        expected.labels,
        [e.text for e in expected.entities or ()],
    )
    chat = {"model": name, "messages": [{"role": "system", "content": "x"}, {"role": "user", "content": asked.prompt}]}
    told = server("POST", "/v1/chat/completions", chat).json
    assert told["choices"][0]["message"] == {"role": "assistant", "content": choice["text"]}
    assert (told["object"], told["model"], told["choices"][0]["finish_reason"]) == ("chat.completion", name, "stop")


def test_several_prompts_and_a_stream(server: Client) -> None:
    prompts = [TEXT, f"{TEXT}/NER"]
    whole = server("POST", "/v1/completions", {"prompt": prompts}).json["choices"]
    assert [choice["index"] for choice in whole] == [0, 1]
    assert "/NER/" not in whole[0]["text"]
    assert "/NER/" in whole[1]["text"]
    parts = [{"type": "text", "text": TEXT}, {"type": "text", "text": "/NER"}]
    chat = {"stream": True, "messages": [{"role": "user", "content": parts}]}
    events = server("POST", "/v1/chat/completions", chat)
    assert events.headers["content-type"].startswith("text/event-stream")
    first, last = [line[6:] for line in events.body.decode().split("\n\n") if line]
    assert (json.loads(first)["choices"][0]["delta"]["content"], last) == (whole[1]["text"], "[DONE]")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"model": "gpt", "messages": [{"role": "user", "content": TEXT}]}, 404, "model"),
        ({"messages": []}, 422, "messages"),
        ({"messages": [{"role": "assistant", "content": TEXT}]}, 422, "messages"),
        ({"messages": [{"role": "user", "content": 5}]}, 422, "messages[0].content"),
        ({}, 422, None),
        ({"model": "tiny:giellm", "messages": [{"role": "user", "content": TEXT}]}, 422, "messages"),
        ({"response_format": {"type": "json_object"}, "messages": TURN}, 422, "response_format"),
        ({"n": 2, "messages": [{"role": "user", "content": TEXT}]}, 422, "n"),
        ({"tools": [{}], "messages": [{"role": "user", "content": TEXT}]}, 422, "tools"),
        ({"messages": [{"role": "user", "content": "x" * 100_001}]}, 422, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, 422, "messages"),
        ({"messages": [{"role": "user", "content": f"{TEXT}/relation extraction"}]}, 422, "messages"),
        ({"messages": [{"role": "user", "content": f"{TEXT}/NER/関係抽出"}]}, 422, "messages"),
        ({"messages": [{"role": "user", "content": "play jazz/RE"}]}, 422, "messages"),
    ],
)
def test_what_is_not_answered(server: Client, body: dict[str, Any], status: int, field: str | None) -> None:
    reply = server("POST", "/v1/chat/completions", body)
    assert (reply.status, reply.json["error"]["field"]) == (status, field)


def test_the_openai_package_can_talk_to_it(server: Client) -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none") as client:
        asked = [{"role": "user", "content": f"{TEXT}/NER"}]
        told = client.chat.completions.create(model="tiny", messages=asked)
        assert "/NER/" in told.choices[0].message.content
        parts = client.chat.completions.create(model="tiny", messages=asked, stream=True)
        assert "".join(part.choices[0].delta.content or "" for part in parts) == told.choices[0].message.content
        assert client.completions.create(model="tiny", prompt=TEXT).choices[0].text
        assert next(model.id for model in client.models.list()) == "tiny"
        with pytest.raises(openai.UnprocessableEntityError, match="no prompt"):
            client.chat.completions.create(model="tiny:usa", messages=asked)
