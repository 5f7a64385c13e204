"""Our own server asked as an endpoint: what the model says in process comes back through every string format."""

from __future__ import annotations

import msgspec
import pytest
from live_server import Client, Serving

from pointline.corpora.synthetic.generator import generate
from pointline.formats.problems import SPAN_REPEATED
from pointline.llm import Endpoint
from pointline.llm import Settings as ClientSettings
from pointline.models.endpoint.card import EndpointCard
from pointline.models.endpoint.remote import Remote
from pointline.models.endpoint.settings import EndpointSettings
from pointline.models.extractor import Extractor
from pointline.sample import Sample

HELD = {"oiellm": "tiny", "giellm": "tiny:giellm", "usa": "tiny:usa", "plain": "tiny:plain"}


@pytest.fixture(scope="module")
def asked() -> list[Sample]:
    made = generate(languages=("en",), per_task=40)["test"]
    return [Sample(sample.id, sample.text, "en") for sample in made if sample.entities is not None][:12]


def remote(server: Client, model: Extractor, format: str, kind: str, **settings: object) -> Remote:
    schema = model.known()
    assert schema is not None
    card = EndpointCard(
        endpoint=Endpoint(f"{server.url}/v1", HELD[format], kind=kind),  # type: ignore[arg-type]
        format=format,
        schema=schema,
        settings=EndpointSettings(client=ClientSettings(backoff=0.01, tries=2), **settings),  # type: ignore[arg-type]
    )
    examples = generate(languages=("en",), per_task=40)["train"]
    return Remote(card, [sample for sample in examples if sample.entities is not None and sample.labels])


def said(samples: list[Sample]) -> list[object]:
    return [
        (s.id, s.labels, sorted((e.type, e.text) for e in s.entities or ()), set(s.problems or ()) - {SPAN_REPEATED})
        for s in samples
    ]


@pytest.mark.parametrize("kind", ["chat", "completion"])
@pytest.mark.parametrize("format", HELD)
def test_the_bare_string_of_a_format(
    server: Client, model: Extractor, asked: list[Sample], format: str, kind: str
) -> None:
    found = list(remote(server, model, format, kind, prompt="format").predict(asked))
    assert said(found) == said(list(model.predict(asked)))
    assert all(e.start is not None for sample in found for e in sample.entities or ())


@pytest.mark.parametrize("choose", ["seed", "similar"])
def test_an_instruction_with_examples(server: Client, model: Extractor, asked: list[Sample], choose: str) -> None:
    found = list(remote(server, model, "oiellm", "chat", shots=3, choose=choose).predict(asked))
    assert said(found) == said(list(model.predict(asked)))


def test_what_fails_behind_a_served_endpoint_is_told(
    serving: Serving, model: Extractor, caplog: pytest.LogCaptureFixture
) -> None:
    behind = serving(model, token="open-sesame")
    client = serving(remote(behind, model, "oiellm", "chat", prompt="format"))
    for reply in (
        client("POST", "/extract", {"text": "a"}),
        client("POST", "/v1/completions", {"prompt": "a"}),
        client("POST", "/extract", {"texts": ["a"] * 200}),
    ):
        assert (reply.status, "the server refuses requests without a key (HTTP 401" in reply.error) == (502, True)
    card = remote(behind, model, "oiellm", "chat").card
    poor = msgspec.structs.replace(card, settings=EndpointSettings(client=ClientSettings(budget_tokens=1)))
    reply = serving(Remote(poor))("POST", "/extract", {"text": "a"})
    assert (reply.status, "of the budget of 1 tokens is spent" in reply.error) == (503, True)
    assert "a request failed: http" in caplog.text
    assert "defect" not in caplog.text


def test_a_constraint_that_the_server_refuses_is_told(server: Client, model: Extractor, asked: list[Sample]) -> None:
    schema = model.known()
    assert schema is not None
    card = EndpointCard(
        endpoint=Endpoint(f"{server.url}/v1", "tiny"),
        format="iepile",
        schema=schema,
        settings=EndpointSettings(structured="json_schema", client=ClientSettings(tries=1)),
    )
    [found] = Remote(card).predict(asked[:1])
    assert found.problems == ["endpoint_bad_request"]
    assert "HTTP 422: answers are written in the format" in found.meta["endpoint"][0]
