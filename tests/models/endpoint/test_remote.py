"""An endpoint as a model against real servers that answer well, badly, or not at all."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from llm.conftest import Behaviour, Server, completion, serve

from pointline import jsonl
from pointline.errors import BudgetSpent, EndpointFault, ModelFault, Refusal, SettingsFault
from pointline.llm import Endpoint
from pointline.llm import Settings as ClientSettings
from pointline.models.endpoint.card import EndpointCard, write
from pointline.models.endpoint.remote import Remote
from pointline.models.endpoint.settings import EndpointSettings
from pointline.models.extractor import load
from pointline.models.predicting import predict
from pointline.sample import Entity, Sample, faults
from pointline.schema import Schema

__all__ = ["serve"]
Serve = Callable[..., Server]
SCHEMA = Schema().label("topic", ["news", "sport"]).entities(["PER"])
QUICK = ClientSettings(backoff=0.01, backoff_limit=0.05, patience=0.2, tries=2, timeout=0.5, grace=1)


def names(prompt: str) -> str:
    """A model that takes every capitalised word for a person."""
    words = [word for word in prompt.removesuffix("/NER").split() if word[:1].isupper()]
    return "news/NER/" + "".join(f":PER;{word}" for word in words)


async def answering(request: web.Request, prompt: str) -> web.StreamResponse:
    await asyncio.sleep(0.001 * (len(prompt) % 5))
    return web.json_response(completion(names(prompt)))


def saying(text: str) -> Behaviour:
    async def behave(request: web.Request, prompt: str) -> web.StreamResponse:
        return web.json_response(completion(text))

    return behave


def remote(server: Server, format: str = "oiellm", schema: Schema = SCHEMA, **settings: Any) -> Remote:
    options = {name: settings.pop(name) for name in ("kind", "key_env") if name in settings}
    chosen = EndpointSettings(**{"client": QUICK, **settings})
    card = EndpointCard(endpoint=server.endpoint(**options), format=format, schema=schema, settings=chosen)
    return Remote(card)


def rows(count: int) -> Iterator[Sample]:
    for i in range(count):
        yield Sample(f"r{i}", f"Ann{i} met Bob {'x' * (i % 7)}", source="mine", meta={"page": i})


def test_answers_are_samples_in_order_with_spans_in_the_text(serve: Serve) -> None:
    server = serve(answering)
    found = list(remote(server).predict(rows(200)))
    assert [sample.id for sample in found] == [f"r{i}" for i in range(200)]
    for i, sample in enumerate(found):
        assert sample.labels == ["news"]
        assert [entity.text for entity in sample.entities or ()] == [f"Ann{i}", "Bob"]
        assert list(faults(sample)) == []
        assert (sample.problems, sample.source, sample.meta) == (None, "mine", {"page": i})
    assert server.bodies[0]["temperature"] == 0.0
    assert server.bodies[0]["messages"][0]["role"] == "system"


def test_nothing_is_sent_of_what_a_sample_is_annotated_with(serve: Serve) -> None:
    server = serve(answering)
    gold = [Sample("1", "a secret", labels=["sport"], entities=[Entity("PER", "secret", 2, 8)])]
    list(remote(server, prompt="format").predict(gold))
    assert server.bodies[0]["messages"] == [{"role": "user", "content": "a secret/NER"}]


@pytest.mark.parametrize(
    ("said", "labels", "entities", "problem"),
    [
        ("news/NER/:PER;Zoe", ["news"], ["Zoe"], "span_not_in_text"),
        ("weather/NER/:PER;Ann", ["weather"], ["Ann"], "unknown_label"),
        ("```\nnews/NER/:PER;Ann\n```", ["news"], ["Ann"], "code_fence"),
        ("I am sorry.", None, [], "missing_instruction_word"),
        ("", [], [], "empty_output"),
    ],
)
def test_what_came_back_is_checked(
    serve: Serve, said: str, labels: list[str] | None, entities: list[str], problem: str
) -> None:
    server, asked = serve(saying(said)), [Sample("1", "Ann sings")]
    [kept] = remote(server).predict(asked)
    assert problem in (kept.problems or ())
    assert labels is None or kept.labels == labels
    assert [entity.text for entity in kept.entities or ()] == entities
    [dropped] = remote(server, on_invalid="drop").predict(asked)
    assert set(dropped.labels or ()) <= {"news", "sport"}
    assert all(entity.start is not None for entity in dropped.entities or ())
    with pytest.raises(Refusal, match=rf"^1: the answer is not well formed .*{problem}"):
        list(remote(server, on_invalid="raise").predict(asked))


async def busy(request: web.Request, prompt: str) -> web.StreamResponse:
    return web.json_response({"error": {"message": "slow down"}}, status=429)


async def broken(request: web.Request, prompt: str) -> web.StreamResponse:
    return web.json_response({"error": {"message": "boom"}}, status=500)


async def page(request: web.Request, prompt: str) -> web.StreamResponse:
    return web.Response(text="<!doctype html><title>Gateway</title>", content_type="text/html")


async def garbage(request: web.Request, prompt: str) -> web.StreamResponse:
    return web.Response(body=b"\xff{{{", content_type="application/json")


async def hanging(request: web.Request, prompt: str) -> web.StreamResponse:
    await asyncio.sleep(3)
    return web.Response()


async def cut(request: web.Request, prompt: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"choices"')
    assert request.transport is not None
    request.transport.close()
    return response


async def without_choices(request: web.Request, prompt: str) -> web.StreamResponse:
    return web.json_response({"choices": []})


async def too_long(request: web.Request, prompt: str) -> web.StreamResponse:
    return web.json_response({"error": {"message": "maximum context length is 10 tokens"}}, status=400)


FAULTS = {
    "rate": busy,
    "server": broken,
    "html": page,
    "garbage": garbage,
    "timeout": hanging,
    "cut": cut,
    "bad_answer": without_choices,
    "too_long": too_long,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_a_problem_of_its_row(serve: Serve, fault: str) -> None:
    async def sometimes(request: web.Request, prompt: str) -> web.StreamResponse:
        return await (FAULTS[fault] if "bad" in prompt else answering)(request, prompt)

    server = serve(sometimes)
    asked = [Sample("1", "Ann"), Sample("2", "bad Bob"), Sample("3", "Cleo")]
    found = list(remote(server).predict(asked))
    assert [sample.problems for sample in found] == [None, [f"endpoint_{fault}"], None]
    assert (found[1].labels, found[1].entities, found[1].relations, found[1].raw) == ([], [], None, None)
    assert found[1].meta["endpoint"][0].startswith(f"{fault}: ")
    with pytest.raises(Refusal, match=r"^2: the endpoint has no answer"):
        list(remote(server, on_invalid="raise").predict(asked))


def test_a_wrong_key_stops_with_one_line(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    async def guarded(request: web.Request, prompt: str) -> web.StreamResponse:
        return web.json_response({"error": {"message": f"wrong: {request.headers['Authorization']}"}}, status=401)

    monkeypatch.setenv("MY_KEY", "hush-123")
    server = serve(guarded)
    with pytest.raises(EndpointFault) as told:
        list(remote(server, key_env="MY_KEY").predict(rows(50)))
    assert "\n" not in str(told.value)
    assert "hush" not in str(told.value)
    monkeypatch.delenv("MY_KEY")
    with pytest.raises(SettingsFault, match="MY_KEY holds no key"):
        list(remote(server, key_env="MY_KEY").predict(rows(1)))


def test_a_cut_answer_says_so(serve: Serve) -> None:
    async def behave(request: web.Request, prompt: str) -> web.StreamResponse:
        body = completion("news/NER/:PER;An")
        body["choices"][0]["finish_reason"] = "length"
        return web.json_response(body)

    [found] = remote(serve(behave)).predict([Sample("1", "Ann")])
    assert "truncated" in (found.problems or ())


@pytest.mark.parametrize(("format", "said"), [("oiellm", "news/NER/:PER;Ann"), ("iepile", '{"PER": ["Ann"]}')])
def test_thoughts_before_the_answer_are_not_the_answer(serve: Serve, format: str, said: str) -> None:
    whole = '<think>\nIs it {"PER": ["Bob"]} or news/NER/:PER;Bob?\n</think>\n\n' + said
    [found] = remote(serve(saying(whole)), format, on_invalid="raise").predict([Sample("1", "Ann and Bob")])
    assert [entity.text for entity in found.entities or ()] == ["Ann"]
    assert found.raw == whole


def test_json_is_asked_for_and_checked_all_the_same(serve: Serve) -> None:
    schema = Schema().entities(["PER", "LOC"]).relations(["lives"])

    async def behave(request: web.Request, prompt: str) -> web.StreamResponse:
        asked = json.loads(prompt)["schema"]
        said = {"PER": ["Ann"], "LOC": ["Rome"]} if "PER" in asked else "no JSON, sorry"
        return web.json_response(completion(json.dumps(said)))

    server = serve(behave)
    [found] = remote(server, "iepile", schema, structured="json_schema").predict([Sample("1", "Ann in Rome")])
    assert [(e.type, e.start) for e in found.entities or ()] == [("PER", 0), ("LOC", 7)]
    assert found.relations == []
    assert found.problems
    sent = [body["response_format"]["json_schema"] for body in server.bodies]
    assert sorted(each["name"] for each in sent) == ["ner", "re"]


def folder(server: Server, at: Path, **settings: Any) -> Path:
    examples = at / "train.jsonl"
    pool = [
        Sample(f"t{i}", f"Dora met Eve{i}", labels=["news"], entities=[Entity("PER", "Dora", 0, 4)]) for i in range(9)
    ]
    jsonl.write(examples, pool)
    chosen = EndpointSettings(**{"client": QUICK, "shots": 2, **settings})
    write(EndpointCard(endpoint=server.endpoint(), format="oiellm", schema=SCHEMA, settings=chosen), at / "m", examples)
    examples.unlink()
    return at / "m"


def test_a_folder_is_a_model_paid_once_and_replayed(serve: Serve, tmp_path: Path) -> None:
    server = serve(answering)
    model = load(folder(server, tmp_path))
    assert isinstance(model, Remote)
    assert model.known() == SCHEMA
    asked = tmp_path / "in.jsonl"
    jsonl.write(asked, rows(40))
    assert model.dry_run(rows(40)).asked == 40
    assert predict(model, asked, tmp_path / "a.jsonl") == 40
    paid = server.asked.total()
    assert paid == 40
    assert model.dry_run(rows(40)).asked == 0
    again = load(tmp_path / "m")
    assert predict(again, asked, tmp_path / "b.jsonl") == 40
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert isinstance(again, Remote)
    assert list(again.replay(rows(40))) == list(jsonl.read(tmp_path / "a.jsonl"))
    assert next(again.replay([Sample("new", "Flo")])).problems == ["endpoint_absent"]
    assert server.asked.total() == paid


def test_the_fingerprint_is_of_what_decides_answers(serve: Serve, tmp_path: Path) -> None:
    server = serve(answering)
    first = load(folder(server, tmp_path)).fingerprint
    card = EndpointCard.read(tmp_path / "m")
    same = [{"client": ClientSettings(concurrency=3)}, {"cache": "elsewhere.db"}]
    other = [{"shots": 3}, {"seed": 1}, {"temperature": 0.5}, {"structured": "grammar"}, {"system": False}]
    for changes, expected in ((same, True), (other, False)):
        for change in changes:
            changed = msgspec.structs.replace(card, settings=msgspec.structs.replace(card.settings, **change))
            write(changed, tmp_path / "m")
            assert (load(tmp_path / "m").fingerprint == first) is expected, change
    write(card, tmp_path / "m")
    kept = (tmp_path / "m" / "examples.jsonl").read_text()
    (tmp_path / "m" / "examples.jsonl").write_text(kept.replace("Eve", "Ivy"))
    assert load(tmp_path / "m").fingerprint != first


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("format", "oielm", "did you mean 'oiellm'"),
        ("tasks", ["nerr"], "nerr"),
        ("examples", "../secret.jsonl", "no file of this folder"),
        ("settings", {"shot": 1}, "shot"),
        ("endpoint", {"base_url": "nowhere", "model": "m"}, "is no address"),
        ("endpoint", {"base_url": "http://a/v1", "model": "m", "api_key": "sk-1234"}, "endpoint.api_key"),
        ("endpoint", {"base_url": "http://a/v1", "model": "m", "key_env": "sk-1234"}, "environment variable"),
    ],
)
def test_a_faulty_card_is_one_line(tmp_path: Path, field: str, value: Any, told: str) -> None:
    card = EndpointCard(endpoint=Endpoint("http://127.0.0.1:1/v1", "m"), format="oiellm", schema=SCHEMA)
    write(card, tmp_path)
    table = json.loads((tmp_path / "model.json").read_bytes()) | {field: value}
    (tmp_path / "model.json").write_text(json.dumps(table))
    with pytest.raises(ModelFault, match=told) as fault:
        load(tmp_path)
    assert "\n" not in str(fault.value)
    assert "1234" not in str(fault.value)


def test_a_budget_ends_the_run_and_what_was_paid_stays(serve: Serve, tmp_path: Path) -> None:
    server = serve(answering)
    tight = msgspec.structs.replace(QUICK, budget_tokens=2000, concurrency=1, max_concurrency=1)
    model = load(folder(server, tmp_path, client=tight))
    with pytest.raises(BudgetSpent):
        list(model.predict(rows(200)))
    assert isinstance(model, Remote)
    kept = [sample for sample in model.replay(rows(200)) if sample.problems is None]
    assert 0 < len(kept) == server.asked.total() < 200


def test_memory_does_not_grow_with_the_number_of_rows(serve: Serve) -> None:
    server = serve()

    async def forgetting(request: web.Request, prompt: str) -> web.StreamResponse:
        server.bodies.clear()
        server.headers.clear()
        server.asked.clear()
        return await answering(request, prompt)

    server.behave = forgetting

    def peak(count: int) -> int:
        model = remote(server, client=msgspec.structs.replace(QUICK, window=64))
        tracemalloc.start()
        seen = sum(1 for _ in model.predict(rows(count)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert seen == count
        return most

    peak(100)  # what is loaded once
    assert peak(4000) < peak(1000) + 2_500_000, "less than a kilobyte a row; how answers bunch moves it by one megabyte"
