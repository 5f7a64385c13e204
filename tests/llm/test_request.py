"""What is sent and what it is cached under: laws of the key, of bodies, of addresses."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.errors import SettingsFault
from pointline.llm import Endpoint, Request, Sampling
from pointline.llm.request import body, key

ENDPOINT = Endpoint("http://127.0.0.1:1/v1", "small")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
samplings = st.builds(
    Sampling,
    temperature=st.none() | st.floats(0, 2),
    max_tokens=st.none() | st.integers(1, 99),
    seed=st.none() | st.integers(0, 99),
    stop=st.none() | st.lists(texts, max_size=2).map(tuple),
    extra=st.dictionaries(texts.map("x_{}".format), st.integers() | texts, max_size=3),
)
messages = st.lists(st.fixed_dictionaries({"role": st.sampled_from(["user", "system"]), "content": texts}), max_size=3)
requests = st.builds(Request, id=texts, prompt=texts | messages, attempt=st.integers(0, 3))


def key_of(request: Request, sampling: Sampling, endpoint: Endpoint = ENDPOINT) -> bytes:
    return key(endpoint, request, body(endpoint, request, sampling))


@given(requests, samplings, requests, samplings)
def test_equal_keys_mean_equal_content(one: Request, first: Sampling, other: Request, second: Sampling) -> None:
    def content(request: Request, sampling: Sampling) -> tuple[object, ...]:
        sent = json.loads(body(ENDPOINT, request, sampling))
        return request.id, request.attempt, json.dumps(sent, sort_keys=True)

    assert (key_of(one, first) == key_of(other, second)) == (content(one, first) == content(other, second))


@given(requests, samplings)
def test_every_part_counts_and_the_order_of_fields_does_not(request: Request, sampling: Sampling) -> None:
    plain = key_of(request, sampling)
    change = msgspec.structs.replace
    turned = change(sampling, extra=dict(reversed(sampling.extra.items())))
    assert key_of(request, turned) == plain
    others = [
        key_of(change(request, id=request.id + "a"), sampling),
        key_of(change(request, attempt=request.attempt + 1), sampling),
        key_of(change(request, prompt="other" if request.prompt != "other" else "this"), sampling),
        key_of(request, change(sampling, top_p=0.5)),
        key_of(request, sampling, Endpoint(ENDPOINT.base_url, "large")),
        key_of(request, sampling, Endpoint("http://127.0.0.1:2/v1", "small")),
    ]
    if isinstance(request.prompt, str):
        others.append(key_of(request, sampling, Endpoint(ENDPOINT.base_url, "small", kind="completion")))
    assert plain not in others
    assert len(set(others)) == len(others)


def test_the_key_file_name_and_the_spelling_of_the_address_do_not_count() -> None:
    request = Request("1", "hi")
    plain = key_of(request, Sampling())
    for same in ("http://127.0.0.1:1/v1/", "http://127.0.0.1:1/v1/chat/completions", "HTTP://127.0.0.1:1/v1"):
        assert key_of(request, Sampling(), Endpoint(same, "small", key_env="A")) == plain


def test_body_says_what_the_server_expects() -> None:
    sampling = Sampling(0.5, 0.9, 10, 7, ("\n",), {"type": "json_object"}, {"guided_choice": ["a"], "top_k": 1})
    sent = json.loads(body(ENDPOINT, Request("1", "こんにちは 😀", attempt=2), sampling))
    assert sent == {
        "model": "small",
        "messages": [{"role": "user", "content": "こんにちは 😀"}],
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 10,
        "seed": 9,
        "stop": ["\n"],
        "response_format": {"type": "json_object"},
        "guided_choice": ["a"],
        "top_k": 1,
    }


@pytest.mark.parametrize("name", ["model", "stream", "n", "temperature", "messages"])
def test_extra_cannot_override_what_pointline_sets(name: str) -> None:
    with pytest.raises(SettingsFault, match=name):
        Sampling(extra={name: 1})


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("127.0.0.1:8000", "no address"),
        ("ftp://a/v1", "no address"),
        ("http:///v1", "no address"),
        ("https://me:hidden@host/v1", "secret"),
        ("https://host/v1?api_key=hidden", "secret"),
    ],
)
def test_bad_addresses_are_refused_without_showing_secrets(url: str, says: str) -> None:
    with pytest.raises(SettingsFault, match=says) as told:
        Endpoint(url, "m")
    assert "hidden" not in str(told.value)


def test_a_missing_or_broken_key_is_told_by_the_name_of_its_variable(monkeypatch: Any) -> None:
    endpoint = Endpoint("http://host/v1?api-version=2", "m", key_env="POINTLINE_TEST_KEY")
    assert endpoint.url == "http://host/v1/chat/completions?api-version=2"
    monkeypatch.delenv("POINTLINE_TEST_KEY", raising=False)
    with pytest.raises(SettingsFault, match="POINTLINE_TEST_KEY"):
        endpoint.key()
    monkeypatch.setenv("POINTLINE_TEST_KEY", "hid\nden")
    with pytest.raises(SettingsFault, match="POINTLINE_TEST_KEY") as told:
        endpoint.key()
    assert "hid" not in str(told.value)
    monkeypatch.setenv("POINTLINE_TEST_KEY", " hidden\n")
    assert endpoint.headers() == {"Authorization": "Bearer hidden"}
    assert Endpoint("http://host/v1", "m", "POINTLINE_TEST_KEY", key_header="api-key").headers() == {
        "api-key": "hidden"
    }
