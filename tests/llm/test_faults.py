"""Servers that misbehave in every way: a class for the row, recovery, or one clear line; no answer lost."""

from __future__ import annotations

import asyncio
import email.utils
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from llm.conftest import Behaviour, Server, completion, echo, rows

from pointline.errors import EndpointFault
from pointline.llm import Client, Endpoint, Request, Sampling, Settings
from pointline.llm.faults import KINDS, Failed, classify, retry_after
from pointline.llm.reading import Pieces, read

Serve = Callable[..., Server]
QUICK = Settings(backoff=0.01, backoff_limit=0.05, grace=5, tries=3)
ROW = [Request("1", "hi")]


def failing(times: int, fail: Callable[[web.Request], Any]) -> Behaviour:
    """Fail the first `times` requests of every prompt, then answer."""
    seen: dict[str, int] = {}

    async def behave(request: web.Request, prompt: str) -> web.StreamResponse:
        seen[prompt] = seen.get(prompt, 0) + 1
        if seen[prompt] > times:
            return await echo(request, prompt)
        made = fail(request)
        return await made if asyncio.iscoroutine(made) else made

    return behave


def error(status: int, message: str = "", code: str | None = None, **headers: str) -> web.Response:
    told = {"error": {"message": message, "code": code}}
    return web.json_response(told, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


async def cut_short(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b'{"choices": [{"mess')
    assert request.transport is not None
    request.transport.close()
    return response


async def hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    await asyncio.sleep(0)
    return web.Response()


PAGE = web.Response
MISDEEDS: dict[str, tuple[str, Callable[[web.Request], Any]]] = {
    "500": ("server", lambda _: error(500, "boom")),
    "502 page": ("server", lambda _: web.Response(status=502, text="<html><title>Bad gateway</title></html>")),
    "503": ("overloaded", lambda _: error(503, "loading")),
    "429": ("rate", lambda _: error(429, "slow down")),
    "html": ("html", lambda _: web.Response(text="<!DOCTYPE html><p>hello", content_type="text/html")),
    "html as json": ("html", lambda _: web.Response(text="\n<html>", content_type="application/json")),
    "garbage": ("garbage", lambda _: web.Response(body=b"\x00\xff{{{", content_type="application/json")),
    "empty": ("garbage", lambda _: web.Response(body=b"")),
    "half": ("garbage", lambda _: web.Response(body=b'{"choices": [{"message": {"content": "a')),
    "deep": ("garbage", lambda _: web.Response(body=b"[" * 200_000)),
    "a list": ("bad_answer", lambda _: web.json_response([1])),
    "no choices": ("bad_answer", lambda _: web.json_response({"choices": []})),
    "odd content": ("bad_answer", lambda _: web.json_response({"choices": [{"message": {"content": 7}}]})),
    "no message": ("bad_answer", lambda _: web.json_response({"choices": [{}]})),
    "error in 200": ("server", lambda _: web.json_response({"error": {"message": "overheated"}})),
    "rate in 200": ("rate", lambda _: web.json_response({"error": {"message": "later", "code": 429}})),
    "cut": ("cut", cut_short),
    "hang up": ("cut", hang_up),
}


@pytest.mark.parametrize("name", MISDEEDS)
def test_every_passing_misdeed_is_overcome(serve: Serve, tmp_path: Path, name: str) -> None:
    server = serve(failing(2, MISDEEDS[name][1]))
    answers = list(Client(server.endpoint(), tmp_path / "a.db", QUICK).ask(rows(3)))
    assert [a.text for a in answers] == ["SAY 0", "SAY 1", "SAY 2"]
    assert set(server.asked.values()) == {3}


@pytest.mark.parametrize("name", MISDEEDS)
def test_every_lasting_misdeed_is_a_class_of_its_row(serve: Serve, tmp_path: Path, name: str) -> None:
    kind, fail = MISDEEDS[name]

    async def behave(request: web.Request, prompt: str) -> web.StreamResponse:
        if prompt == "say 1":
            made = fail(request)
            return await made if asyncio.iscoroutine(made) else made
        return await echo(request, prompt)

    server = serve(behave)
    settings = Settings(backoff=0.01, backoff_limit=0.02, tries=2, patience=0.1)
    client = Client(server.endpoint(), tmp_path / "a.db", settings)
    answers = list(client.ask(rows(4)))
    assert [(a.text, a.fault) for a in answers] == [("SAY 0", None), ("", kind), ("SAY 2", None), ("SAY 3", None)]
    assert answers[1].detail
    assert kind in KINDS
    assert client.bill.lost == (server.asked["say 1"] if KINDS[kind].charged else 0)
    server.behave = echo  # the next run asks only that row
    assert [a.cached for a in client.ask(rows(4))] == [True, False, True, True]


def test_a_long_wait_that_the_server_asks_for_is_told(serve: Serve) -> None:
    async def tomorrow(request: web.Request, prompt: str) -> web.StreamResponse:
        return web.Response(status=429, headers={"Retry-After": "86400"})

    (answer,) = Client(serve(tomorrow).endpoint(), settings=Settings(patience=900)).ask(rows(1))
    asked = "HTTP 429; the server asks to wait 86400 s; all pauses of a row together may take patience=900 s"
    assert (answer.fault, answer.detail) == ("rate", asked)


def test_what_is_no_http_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            bare, _ = listener.accept()
            with bare:
                bare.recv(65536)
                bare.sendall(b"SSH-2.0-nobody\r\n\r\n")

        thread = threading.Thread(target=talk)
        thread.start()
        endpoint = Endpoint(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", "small")
        (answer,) = Client(endpoint, settings=Settings(tries=1)).ask(rows(1))
        thread.join()
    assert answer.fault == "garbage"
    assert answer.detail.startswith("what the server says is no HTTP (")
    assert not {"^", "ClientResponseError", "url="} & set(re.split(r"[ (,]", answer.detail))


def test_numbers_that_are_none_are_no_broken_characters() -> None:
    said = b'{"choices": [{"message": {"content": "%s"}}], "usage": {"prompt_tokens": NaN, "completion_tokens": 3}}'
    for text, problems in ((b"hi", ()), ("日本\ufffd".encode(), ()), (b"\xff", ("invalid_utf8",))):
        found = read(said % text)
        assert (found.problems, found.prompt_tokens, found.completion_tokens) == (problems, None, 3)
    assert read(said % b"\\ud83d").problems == ("invalid_utf8",)


def test_a_server_that_hangs_is_left(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    async def hang(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    server = serve(failing(1, hang))
    start = time.monotonic()
    settings = Settings(timeout=0.3, backoff=0.01, tries=2)
    assert [a.text for a in Client(server.endpoint(), settings=settings).ask(rows(2))] == ["SAY 0", "SAY 1"]
    assert time.monotonic() - start < 10
    assert caplog.text.count("no answer within timeout=0.3 s; each row is asked up to tries=2 times") == 1


@pytest.mark.parametrize(
    ("status", "message", "code", "kind"),
    [
        (400, "This model's maximum context length is 4096 tokens", None, "too_long"),
        (400, "no", "context_length_exceeded", "too_long"),
        (413, "", None, "too_long"),
        (422, "the prompt is too long for max_model_len", None, "too_long"),
        (400, "flagged by content_filter", None, "refused"),
        (400, "temperature must be below 2", None, "bad_request"),
        (418, "", None, "bad_request"),
    ],
)
def test_a_row_that_cannot_be_answered_is_asked_once(
    serve: Serve, status: int, message: str, code: str | None, kind: str
) -> None:
    server = serve(failing(9, lambda _: error(status, message, code)))
    (answer,) = Client(server.endpoint(), settings=QUICK).ask(ROW)
    assert (answer.fault, answer.text) == (kind, "")
    assert str(status) in answer.detail
    assert sum(server.asked.values()) == 1


@pytest.mark.parametrize("how", ["refusal", "filter"])
def test_a_refusal_is_an_answer_paid_once(serve: Serve, tmp_path: Path, how: str) -> None:
    message = {"content": None, "refusal": "I cannot."} if how == "refusal" else {"content": ""}
    finish = "stop" if how == "refusal" else "content_filter"
    server = serve(
        failing(9, lambda _: web.json_response({"choices": [{"message": message, "finish_reason": finish}]}))
    )
    client = Client(server.endpoint(), tmp_path / "a.db", QUICK)
    for cached in (False, True):
        (answer,) = client.ask(ROW)
        assert (answer.fault, answer.cached) == ("refused", cached)
    assert sum(server.asked.values()) == 1


def test_broken_characters_are_repaired_and_told(serve: Serve, tmp_path: Path) -> None:
    bodies = [
        json.dumps(completion("Tokyo 東京")).encode().replace(b"Tokyo", b"T\xffkyo"),
        json.dumps(completion("half \ud83d")).encode(),
    ]
    for body in bodies:
        server = serve(failing(9, lambda _, body=body: web.Response(body=body, content_type="application/json")))
        client = Client(server.endpoint(), tmp_path / f"{server.port}.db", QUICK)
        for cached in (False, True):
            (answer,) = client.ask(ROW)
            assert (answer.fault, answer.problems, answer.cached) == (None, ("invalid_utf8",), cached)
            assert "\ufffd" in answer.text
            answer.text.encode()
        assert sum(server.asked.values()) == 1


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (401, "invalid_api_key", "refuses the key in POINTLINE_TEST_KEY.*set it to a valid key"),
        (403, None, "refuses the key"),
        (402, None, "no credit left"),
        (429, "insufficient_quota", "no credit left"),
        (404, "model_not_found", "check base_url and the model 'small'"),
        (307, None, "has moved.*elsewhere"),
    ],
)
def test_where_no_row_can_succeed_the_run_stops_at_once(
    serve: Serve, monkeypatch: Any, caplog: Any, tmp_path: Path, status: int, code: str | None, says: str
) -> None:
    monkeypatch.setenv("POINTLINE_TEST_KEY", "sk-hidden")
    server = serve(
        failing(9, lambda r: error(status, f"no: {r.headers['Authorization']}", code, Location="/elsewhere"))
    )
    client = Client(server.endpoint(key_env="POINTLINE_TEST_KEY"), tmp_path / "a.db")
    start = time.monotonic()
    with caplog.at_level(logging.DEBUG), pytest.raises(EndpointFault, match=says) as told:
        list(client.ask(rows(500)))
    assert time.monotonic() - start < 5
    assert "\n" not in str(told.value)
    assert sum(server.asked.values()) <= 40
    everything = str(told.value) + caplog.text + repr(client.plan)
    assert "sk-hidden" not in everything
    assert b"sk-hidden" not in b"".join(p.read_bytes() for p in tmp_path.iterdir() if p.is_file())


def test_an_echoed_key_reaches_neither_cache_nor_answer(serve: Serve, monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("POINTLINE_TEST_KEY", "sk-hidden")

    async def tell(request: web.Request, prompt: str) -> web.StreamResponse:
        return web.json_response(completion(request.headers["Authorization"]))

    endpoint = serve(tell).endpoint(key_env="POINTLINE_TEST_KEY")
    (answer,) = Client(endpoint, tmp_path / "a.db").ask(ROW)
    assert answer.text == "Bearer ***"
    assert b"sk-hidden" not in answer.raw + (tmp_path / "a.db").read_bytes()


def test_a_forbidden_row_among_answered_ones_is_that_rows_fault(serve: Serve) -> None:
    async def behave(request: web.Request, prompt: str) -> web.StreamResponse:
        return error(403, "not this one") if prompt == "say 2" else await echo(request, prompt)

    settings = Settings(max_concurrency=1)
    answers = list(Client(serve(behave).endpoint(), settings=settings).ask(rows(4)))
    assert [a.fault for a in answers] == [None, None, "forbidden", None]


def test_rows_that_fail_one_after_another_end_the_run(serve: Serve, tmp_path: Path) -> None:
    async def behave(request: web.Request, prompt: str) -> web.StreamResponse:
        return await echo(request, prompt) if int(prompt[4:]) < 10 else error(400, "broken")

    server = serve(behave)
    client = Client(server.endpoint(), tmp_path / "a.db", Settings(give_up=5, max_concurrency=2))
    answers = []
    with pytest.raises(EndpointFault, match=r"5 rows in a row failed, at last by bad_request.*broken"):
        answers.extend(client.ask(rows(100)))
    assert [a.fault for a in answers[:10]] == [None] * 10
    assert sum(server.asked.values()) <= 17


def test_a_storm_of_429_loses_nothing_and_stays_small(serve: Serve, tmp_path: Path) -> None:
    """For a second everything is refused; then at most four at once are served."""
    began = time.monotonic()
    refused = 0

    async def behave(request: web.Request, prompt: str) -> web.StreamResponse:
        nonlocal refused
        if time.monotonic() - began < 1 or server.now > 4:
            refused += 1
            return error(429, "slow down")
        await asyncio.sleep(0.01)
        return await echo(request, prompt)

    server = serve(behave)
    client = Client(server.endpoint(), tmp_path / "a.db", Settings(backoff=0.1, backoff_limit=0.5))
    answers = list(client.ask(rows(200)))
    assert [a.text for a in answers] == [f"SAY {i}" for i in range(200)]
    assert refused < 400


def test_retry_after_is_honoured_row_by_row_while_others_go_on(serve: Serve) -> None:
    times: dict[str, list[float]] = {}

    async def behave(request: web.Request, prompt: str) -> web.StreamResponse:
        now = time.time()
        times.setdefault(prompt, []).append(now)
        if len(times[prompt]) == 1 and prompt in ("say 0", "say 1"):
            date = email.utils.formatdate(int(now) + 2, usegmt=True)
            told = {"say 0": "1", "say 1": date}[prompt]
            return error(429, "later", Retry_After=told)
        return await echo(request, prompt)

    answers = list(Client(serve(behave).endpoint(), settings=QUICK).ask(rows(60)))
    assert all(a.fault is None for a in answers)
    assert times["say 0"][1] - times["say 0"][0] >= 1.0
    assert times["say 1"][1] - times["say 1"][0] >= 1.0
    others = [moment for prompt, seen in times.items() if prompt not in ("say 0", "say 1") for moment in seen]
    assert sum(moment < times["say 0"][1] for moment in others) >= 50


@given(st.integers(0, 10**6), st.integers(0, 10**9))
def test_retry_after_reads_seconds_and_dates(seconds: int, now: int) -> None:
    assert retry_after({"Retry-After": str(seconds)}) == seconds
    assert retry_after({"retry-after-ms": str(seconds)}) == seconds / 1000
    date = {"Retry-After": email.utils.formatdate(now + seconds, usegmt=True)}
    assert retry_after(date, now=float(now) or 1.0) == pytest.approx(seconds, abs=1)
    assert retry_after(date | {"Date": email.utils.formatdate(now + seconds + 9, usegmt=True)}) == 0


@given(st.text(max_size=30), st.binary(max_size=60), st.integers(300, 599))
def test_any_error_response_gets_a_class(told: str, body: bytes, status: int) -> None:
    failed = classify(status, {"Retry-After": told}, body)
    assert failed.kind in KINDS
    assert "\n" not in failed.detail
    assert failed.after is None or failed.after >= 0


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=4),
        lambda s: (
            st.lists(s, max_size=2)
            | st.dictionaries(
                st.sampled_from(
                    ["choices", "message", "content", "text", "usage", "error", "delta", "id", "code", "message"]
                ),
                s,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_gets_a_class(said: Any) -> None:
    body = json.dumps(said).encode()
    kinds = set()
    for work in (lambda: read(body).text, lambda: Pieces().line(b"data: " + body)):
        try:
            work()
        except Failed as failed:
            kinds.add(failed.kind)
    assert kinds <= set(KINDS)


def test_a_response_without_end_is_cut_off(serve: Serve) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 100_000)

    server = serve(failing(9, endless))
    (answer,) = Client(server.endpoint(), settings=Settings(max_answer_mb=1)).ask(ROW)
    assert answer.fault == "oversized"


def test_requests_of_many_megabytes_go_through(serve: Serve) -> None:
    (answer,) = Client(serve().endpoint()).ask([Request("1", "語" * 1_500_000)])
    assert len(answer.text) == 1_500_000


def test_a_server_that_repeats_ids_is_told_once_and_answers_stay_apart(
    serve: Serve, caplog: Any, tmp_path: Path
) -> None:
    async def behave(request: web.Request, prompt: str) -> web.StreamResponse:
        return web.json_response(completion(prompt.upper(), id="chatcmpl-1"))

    client = Client(serve(behave).endpoint(), tmp_path / "a.db")
    with caplog.at_level(logging.WARNING, "pointline"):
        assert [a.text for a in client.ask(rows(30))] == [f"SAY {i}" for i in range(30)]
    assert [a.text for a in client.ask(rows(30))] == [f"SAY {i}" for i in range(30)]
    assert sum("came twice" in line.message for line in caplog.records) == 1


def stream_of(*lines: str) -> Callable[[web.Request], Any]:
    async def behave(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for line in lines:
            for half in (line[: len(line) // 2], line[len(line) // 2 :]):
                await response.write(half.encode())
                await asyncio.sleep(0.001)
        return response

    return behave


def piece(text: str | None, finish: str | None = None) -> str:
    return (
        "data: "
        + json.dumps({"id": "x", "choices": [{"delta": {"content": text}, "finish_reason": finish}]})
        + "\r\n\r\n"
    )


USAGE = 'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}\n\n'


def test_streamed_answers_are_put_together_and_cut_ones_asked_again(serve: Serve, tmp_path: Path) -> None:
    whole = stream_of(
        ": hello\n\n", piece("", None), piece("東"), piece("京"), piece(None, "stop"), USAGE, "data: [DONE]\n\n"
    )
    half = stream_of(piece("東"))
    broken = stream_of(piece("東"), "data: {{\n\n")
    confessed = stream_of(piece("東"), 'data: {"error": {"message": "overheated"}}\n\n')
    for first, lost in ((whole, 0), (half, 1), (broken, 1), (confessed, 0)):
        turns = [first, whole]
        server = serve(failing(2, lambda request, turns=turns: turns.pop(0)(request)))
        client = Client(server.endpoint(), tmp_path / f"{server.port}.db", Settings(stream=True, backoff=0.01))
        for cached in (False, True):
            (answer,) = client.ask(ROW)
            assert (answer.text, answer.finish, answer.cached) == ("東京", "stop", cached)
            assert (answer.prompt_tokens, answer.completion_tokens, answer.estimated) == (3, 4, False)
        assert client.bill.lost == lost
        assert server.bodies[0]["stream"] is True
        plain = Client(server.endpoint(), tmp_path / f"{server.port}.db")
        assert next(iter(plain.ask(ROW))).cached


def test_a_stream_that_falls_silent_is_left_but_a_slow_one_is_not(serve: Serve) -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(piece("a").encode())
        await asyncio.sleep(30)
        return response

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for _ in range(6):
            await response.write(piece("a").encode())
            await asyncio.sleep(0.2)
        await response.write(b"data: [DONE]\n\n")
        return response

    turns = [silent, slow]
    server = serve(failing(2, lambda request: turns.pop(0)(request)))
    settings = Settings(stream=True, timeout=1.0, backoff=0.01)
    (answer,) = Client(server.endpoint(), settings=settings, sampling=Sampling(temperature=0)).ask(ROW)
    assert answer.text == "a" * 6
