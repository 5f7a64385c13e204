"""What a server answers when it is asked properly."""

from __future__ import annotations

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from live_server import Client, Serving, Slow

from pointline.models.extractor import Extractor
from pointline.sample import Sample, faults
from pointline.schema import Schema

TEXT = "Halima Quill of Orvane Labs said on Friday that its profit fell."
ODD = ["", " ", "\0", "a\0b", "日本語の文。", "😀 10:30 / <b>", "line\nline\r\n", "é" * 2000]


def as_sample(told: dict) -> Sample:
    import msgspec

    return msgspec.convert(told, Sample)


def test_one_text_gets_the_models_own_answer(server: Client, model: Extractor) -> None:
    reply = server("POST", "/extract", {"text": TEXT})
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    expected = model.extract(TEXT)
    found = as_sample(reply.json)
    assert (found.text, found.labels, found.entities) == (TEXT, expected.labels, expected.entities)
    assert found.entities


def test_a_list_keeps_order_ids_and_languages(server: Client) -> None:
    texts = [TEXT, {"text": "早瀬結衣社長は笑った。", "id": "mine", "lang": "ja"}, TEXT]
    found = [as_sample(told) for told in server("POST", "/extract", {"texts": texts, "lang": "en"}).json["samples"]]
    assert [(s.text, s.lang) for s in found] == [(TEXT, "en"), ("早瀬結衣社長は笑った。", "ja"), (TEXT, "en")]
    assert found[1].id == "mine"
    assert found[2].id == found[0].id + "-2"
    assert server("POST", "/extract", {"texts": []}).json == {"samples": []}


@pytest.mark.parametrize("text", ODD)
def test_any_text_is_read_and_spans_stand_in_it(server: Client, text: str) -> None:
    found = as_sample(server("POST", "/extract", {"text": text}).json)
    assert found.text == text
    assert not list(faults(found))


def test_a_schema_narrows_what_is_answered(server: Client) -> None:
    told = server("POST", "/extract", {"text": TEXT, "schema": {"entities": ["person"]}}).json
    assert "labels" not in told
    assert {entity["type"] for entity in told["entities"]} <= {"person"}
    assert server("GET", "/schema").json["entities"]


@pytest.mark.parametrize("many", [1, 300])
def test_lines_in_lines_out(server: Client, many: int) -> None:
    samples = [{"id": str(n), "text": f"{TEXT} {n}", "labels": ["not read"], "more": 1} for n in range(many)]
    body = "\n".join(json.dumps(sample) for sample in samples).encode() + b"\n\n"
    reply = server("POST", "/extract", body, Content_Type="application/x-ndjson")
    assert reply.headers["content-type"].startswith("application/x-ndjson")
    found = [json.loads(line) for line in reply.body.splitlines()]
    assert [told["id"] for told in found] == [sample["id"] for sample in samples]
    as_json = server("POST", "/extract", {"texts": [s["text"] for s in samples]}, Accept="application/x-ndjson")
    assert [json.loads(line)["entities"] for line in as_json.body.splitlines()] == [t["entities"] for t in found]


def test_html_for_the_page_is_inert(server: Client) -> None:
    hostile = "<script>alert(1)</script> Halima Quill of Orvane Labs <img src=x onerror=alert(2)>"
    reply = server("POST", "/extract", {"text": hostile, "lang": '"><script>'}, Accept="text/html")
    text = reply.body.decode()
    assert reply.headers["content-type"].startswith("text/html")
    assert set(re.findall(r"</?([a-z]+)", text)) <= {"article", "p", "span", "mark", "small", "ul", "li"}
    assert "onerror=alert(2)&gt;" in text


def test_concurrent_requests_are_read_together_and_not_mixed_up(serving: Serving) -> None:
    slow = Slow(0.02)
    client = serving(slow)
    with ThreadPoolExecutor(50) as pool:
        texts = [f"text {n}" for n in range(300)]
        replies = list(pool.map(lambda text: client("POST", "/extract", {"text": text}), texts))
    assert [reply.json["text"] for reply in replies] == texts
    assert len(slow.runs) < 150
    assert sum(slow.runs) == 300


def test_schemas_are_not_mixed(server: Client) -> None:
    def ask(n: int) -> tuple[bool, bool]:
        schema = [{"entities": ["person"]}, {"labels": ["sport", "culture"]}, None][n % 3]
        told = server("POST", "/extract", {"text": TEXT, "schema": schema}).json
        return "labels" in told, "entities" in told

    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(ask, range(60))) == [(False, True), (True, False), (True, True)] * 20


def test_one_connection_serves_many_requests_also_pipelined(server: Client) -> None:
    body = json.dumps({"text": TEXT}).encode()
    head = f"POST /extract HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    with server.raw((head.encode() + b"\r\n\r\n" + body) * 5) as bare:
        found = b""
        while found.count(b"HTTP/1.1 200 OK") < 5 or not found.endswith(b"}"):
            found += bare.recv(65536)
        bare.shutdown(socket.SHUT_WR)


def test_health_and_metrics(server: Client) -> None:
    assert server("GET", "/health").json["status"] == "ok"
    server("GET", "/made-up-by-a-client")
    text = server("GET", "/metrics").body.decode()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(values["pointline_texts_total"]) > 0
    assert values["pointline_waiting_texts"] == "0"
    assert "made-up" not in text
    assert values['pointline_request_seconds_bucket{le="+Inf"}'] == values["pointline_request_seconds_count"]


def test_headers_that_keep_browsers_safe(server: Client) -> None:
    for path in ("/", "/page.js", "/page.css", "/health", "/nowhere"):
        headers = server("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "server" not in headers
    page = server("GET", "/").body.decode()
    assert not re.search(r"https?://|<style|<script>|\son\w+=", page)


def test_a_model_without_a_schema(serving: Serving) -> None:
    client = serving(Slow())
    assert client("GET", "/schema").status == 404
    assert client("GET", "/v1/models").json["data"] == []
    assert client("POST", "/v1/completions", {"prompt": "x"}).status == 404
    assert client("POST", "/extract", {"text": "x"}).json["labels"] == ["x"]
    assert Slow().known() is None


def test_a_tagger_knows_what_it_was_trained_on(model: Extractor) -> None:
    assert isinstance(model.known(), Schema)
