"""What a server says to requests that are wrong, too large, too slow or too many: one clear line, and it lives on."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from live_server import Client, Serving, Slow, told

from pointline.models.extractor import Extractor

TEXT = "Halima Quill of Orvane Labs said on Friday that its profit fell."
HEAD = b"POST /extract HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def labelled(labels: list[str]) -> bytes:
    return json.dumps({"text": "a", "schema": {"labels": labels}}).encode()


WRONG = {
    "not utf-8": (b'{"text": "\xff\xfe"}', 400, "UTF-8", None),
    "broken": (b'{"text": "a"', 400, "JSON", None),
    "empty": (b"", 400, "JSON", None),
    "more behind": (b'{"text": "a"} {}', 400, "JSON", None),
    "lone surrogate": (b'{"text": "\\ud800"}', 400, "surrogate", None),
    "half a pair": (b'{"text": "\\udc00 a"}', 400, "surrogate", None),
    "deep": (b'{"schema": ' + b"[" * 100_000, 422, "expected", "schema"),
    "a list": (b'["a"]', 422, "expected", None),
    "a number": (b'{"text": 5}', 422, "expected", "text"),
    "a number in a list": (b'{"texts": ["a", 5]}', 422, "expected", "texts[1]"),
    "unknown field": (b'{"txt": "a"}', 422, "txt", None),
    "neither": (b"{}", 422, "text", "text"),
    "both": (b'{"text": "a", "texts": ["b"]}', 422, "either", "text"),
    "unknown label": (b'{"text": "a", "schema": {"labels": ["nowhere"]}}', 422, "'nowhere'", "schema"),
    "unknown type": (b'{"text": "a", "schema": {"entities": ["nowhere"]}}', 422, "'nowhere'", "schema"),
    "relations": (b'{"text": "a", "schema": {"relations": ["r"]}}', 422, "relation 'r'", "schema"),
    "schema of another shape": (b'{"text": "a", "schema": {"labels": "x"}}', 422, "expected", "schema.labels"),
    "many texts": (json.dumps({"texts": ["a"] * 1025}).encode(), 422, "1,024", "texts"),
    "a long text": (json.dumps({"texts": ["a", "b" * 100_001]}).encode(), 422, "100,000", "texts[1]"),
    "many labels": (
        json.dumps({"text": "a", "schema": {"labels": list(map(str, range(1001)))}}).encode(),
        422,
        "1,001",
        "schema",
    ),
    "a very long unknown label": (
        json.dumps({"text": "a", "schema": {"labels": ["n" * 9999]}}).encode(),
        422,
        "know",
        "schema",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_body_is_one_clear_line(server: Client, case: str) -> None:
    body, status, words, field = WRONG[case]
    reply = server("POST", "/extract", body)
    assert reply.status == status
    error = reply.json["error"]
    assert words.lower() in error["message"].lower()
    assert error["field"] == field
    assert len(error["message"]) <= 400
    assert "\n" not in error["message"]
    assert "Traceback" not in error["message"]
    assert server("GET", "/health").status == 200


def test_a_wrong_line_is_named(server: Client) -> None:
    body = b'{"text": "a"}\n\n{"text": 3}\n'
    reply = server("POST", "/extract", body, Content_Type="application/x-ndjson")
    assert (reply.status, reply.json["error"]["field"]) == (422, "text")
    assert reply.error.startswith("line 3: ")


@pytest.mark.parametrize("size", [5_000_000, 50_000_000])
def test_a_body_of_50_mb_is_refused_and_not_kept(server: Client, size: int) -> None:
    before = _memory(server)
    reply = server("POST", "/extract", b'{"text": "' + b"a" * size + b'"}')
    assert (reply.status, "4,000,000" in reply.error) == (413, True)
    assert _memory(server) - before < 70_000_000  # the client's own copies are of this process


def test_a_million_labels_are_refused(server: Client, serving: Serving, model: Extractor) -> None:
    body = json.dumps({"text": "a", "schema": {"labels": list(map(str, range(1_000_000)))}}).encode()
    assert server("POST", "/extract", body).status == 413
    reply = serving(model, max_body=20_000_000)("POST", "/extract", body)
    assert (reply.status, "1,000,000 names" in reply.error) == (422, True)


def test_a_body_in_chunks_is_limited_too(server: Client) -> None:
    chunk = b"%x\r\n" % 65536 + b"a" * 65536 + b"\r\n"
    with server.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 80 + b"0\r\n\r\n") as bare:
        assert bare.recv(64).startswith(b"HTTP/1.1 413")
    body = b'{"text": "a"}'
    with server.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)) as bare:
        assert bare.recv(64).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/extract", 405),
        ("PUT", "/extract", 405),
        ("POST", "/schema", 405),
        ("DELETE", "/", 405),
        ("GET", "/extract/", 404),
        ("GET", "/../../etc/passwd", 404),
        ("GET", "/%2e%2e/page.html", 404),
        ("GET", "/v1", 404),
    ],
)
def test_wrong_places_and_methods(server: Client, method: str, path: str, status: int) -> None:
    reply = server(method, path)
    assert reply.status == status
    assert reply.error
    assert ("allow" in reply.headers) == (status == 405)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": "application/json; charset=latin-1"},
        {"Content_Encoding": "gzip"},
    ],
)
def test_media_types_that_are_not_read(server: Client, headers: dict[str, str]) -> None:
    assert server("POST", "/extract", b'{"text": "a"}', **headers).status == 415


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "127.0.0.1.evil.example", "[::1"])
def test_a_foreign_host_is_refused(server: Client, host: str) -> None:
    reply = server("GET", "/schema", Host=host)
    assert (reply.status, reply.json["error"]["field"]) == (400, "Host")
    assert server("GET", "/schema", Host="LOCALHOST:1234").status == 200


def test_the_token(serving: Serving, model: Extractor) -> None:
    client = serving(model, token="open-sesame")
    for given in (
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic open-sesame"},
        {"Authorization": "é"},
    ):
        reply = client("POST", "/extract", {"text": TEXT}, **given)
        assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
        assert "open-sesame" not in reply.error
    for path in ("/schema", "/metrics", "/v1/models", "/nowhere"):
        assert client("GET", path).status == 401
    for path in ("/", "/page.js", "/page.css", "/health"):
        assert client("GET", path).status == 200
    assert client("POST", "/extract", {"text": TEXT}, Authorization="Bearer open-sesame").status == 200


@pytest.mark.parametrize("data", [b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n\0"])
def test_what_is_not_http(server: Client, data: bytes) -> None:
    with server.raw(data + b"\r\n\r\n") as bare:
        assert told(bare).startswith(b"HTTP/1.1 400")
    assert server("GET", "/health").status == 200


@pytest.mark.parametrize(
    "data",
    [
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * 300,
        b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"a: b\r\n" * 300 + b"\r\n",
        b"GET /health HTTP/1.1\r\nHost: localhost\r\na: " + b"b" * 66_000,
        b"GET /" + b"h" * 66_000,
    ],
)
def test_a_head_without_end_is_refused(server: Client, data: bytes) -> None:
    with server.raw(data) as bare:
        assert told(bare).startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    with server.raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 300) as bare:
        assert not told(bare).startswith(b"HTTP/1.1 200")
    fields = {f"X_{n}": "y" * 500 for n in range(100)}
    assert server("POST", "/extract", {"texts": ["a" * 100_000] * 3}, **fields).status == 200


def drip(bare: socket.socket) -> None:
    for _ in range(60):
        time.sleep(0.05)
        bare.sendall(b"X-A: b\r\n")


def test_slow_clients_are_cut_off(serving: Serving) -> None:
    client = serving(Slow(), head_seconds=0.3, body_seconds=0.5)
    silent = client.raw()
    halfway = client.raw(b"POST /extract HTTP/1.1\r\nHost: loc")
    bodyless = client.raw(HEAD + b"Content-Length: 100\r\n\r\n{")
    started = time.perf_counter()
    for bare, status in ((silent, b"408"), (halfway, b"408"), (bodyless, b"408")):
        assert told(bare)[9:12] == status
        bare.close()
    assert time.perf_counter() - started < 3
    dripping = client.raw(HEAD)
    with pytest.raises(OSError):
        drip(dripping)
    dripping.close()
    assert client("POST", "/extract", {"text": "a"}).status == 200


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files cannot be counted here")
def test_a_reader_gone_quiet_is_cut_off(serving: Serving) -> None:
    client = serving(Slow(), head_seconds=0.3, max_body=40_000_000)
    body = json.dumps({"texts": ["x" * 30_000] * 1000}).encode()
    with client.raw() as quiet:
        quiet.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert quiet.recv(12) == b"HTTP/1.1 200"
        held = _open_files()
        until = time.perf_counter() + 10
        while _open_files() == held and time.perf_counter() < until:
            time.sleep(0.1)
        assert _open_files() == held - 1


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_client_that_leaves_is_not_read_for(serving: Serving) -> None:
    slow = Slow(0.5)
    client = serving(slow)
    leaving = [client.raw() for _ in range(8)]
    for bare in leaving:
        body = json.dumps({"texts": ["a"] * 200}).encode()
        bare.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    time.sleep(0.2)
    for bare in leaving:
        bare.close()
    assert client("POST", "/extract", {"text": "mine"}).json["text"] == "mine"
    assert sum(slow.runs) < 1000
    assert b"pointline_waiting_texts 0\n" in client("GET", "/metrics").body


def test_small_requests_go_between_the_parts_of_large_ones(serving: Serving) -> None:
    slow = Slow(0.1)
    client = serving(slow, run_characters=1000)
    body = json.dumps({"texts": ["x" * 200] * 100}).encode()  # 20 runs of 5 texts each
    large = [client.raw(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body) for _ in range(4)]
    time.sleep(0.3)
    started = time.perf_counter()
    assert client("POST", "/extract", {"text": "small"}).status == 200
    assert time.perf_counter() - started < 1
    assert large[0].recv(12) == b"HTTP/1.1 200"  # the oldest first: it is not slowed down by its equals
    assert sum(slow.runs) < 200
    for bare in large:
        bare.close()


def test_a_large_request_goes_on_while_small_ones_come(serving: Serving) -> None:
    client = serving(Slow(0.02), run_characters=400)
    over = threading.Event()

    def busy() -> None:
        while not over.is_set():
            client("POST", "/extract", {"text": "x" * 100})

    busy_ones = [threading.Thread(target=busy) for _ in range(12)]
    for thread in busy_ones:
        thread.start()
    time.sleep(0.2)
    reply = client("POST", "/extract", {"texts": ["y" * 100] * 40})
    over.set()
    for thread in busy_ones:
        thread.join()
    assert (reply.status, len(reply.json["samples"])) == (200, 40)


def test_too_many_waiting_are_told_to_come_again(serving: Serving) -> None:
    client = serving(Slow(0.4), max_waiting=4, run_texts=1)
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: client("POST", "/extract", {"text": "a"}), range(20)))
    statuses = {reply.status for reply in replies}
    assert statuses == {200, 503}
    busy = next(reply for reply in replies if reply.status == 503)
    assert busy.headers["retry-after"] == "1"
    assert "busy" in busy.error
    assert client("POST", "/extract", {"text": "a"}).status == 200


def test_a_deadline(serving: Serving) -> None:
    client = serving(Slow(1.0), deadline_seconds=0.3)
    reply = client("POST", "/extract", {"text": "a"})
    assert (reply.status, "0.3 seconds" in reply.error) == (503, True)
    assert "retry-after" in reply.headers


def test_bodies_held_at_once_are_limited(serving: Serving) -> None:
    client = serving(Slow(0.5), max_held=100_000)
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: client("POST", "/extract", {"text": "a" * 60_000}), range(4)))
    assert {reply.status for reply in replies} == {200, 503}
    assert client("POST", "/extract", {"text": "a" * 60_000}).status == 200


def test_connections_are_limited(serving: Serving) -> None:
    client = serving(Slow(), max_connections=5)
    held = [client.raw() for _ in range(5)]
    time.sleep(0.1)
    with client.raw() as sixth:
        assert told(sixth).startswith(b"HTTP/1.1 503")
    for bare in held:
        bare.close()
    time.sleep(0.1)
    assert client("GET", "/health").status == 200


def test_a_failing_model_harms_one_request_and_tells_no_path(serving: Serving) -> None:
    client = serving(Slow(0.05))
    with ThreadPoolExecutor(20) as pool:
        texts = ["poison" if n == 7 else f"text {n}" for n in range(20)]
        replies = list(pool.map(lambda text: client("POST", "/extract", {"text": text}), texts))
    assert [reply.status for reply in replies] == [500 if text == "poison" else 200 for text in texts]
    assert "/" not in replies[7].error
    lines = client("POST", "/extract", {"texts": ["a"] * 70 + ["poison"]}, Accept="application/x-ndjson").body
    assert "error" in json.loads(lines.splitlines()[-1])


def test_two_hundred_clients_at_once(server: Client, model: Extractor) -> None:
    texts = [f"{TEXT} {n}" for n in range(200)]
    expected = [answer.entities for answer in model.extract(texts)]
    with ThreadPoolExecutor(200) as pool:
        replies = list(pool.map(lambda text: server("POST", "/extract", {"text": text}), texts))
    assert {reply.status for reply in replies} == {200}
    found = [[(e["type"], e["start"], e["end"]) for e in reply.json["entities"]] for reply in replies]
    assert found == [[(e.type, e.start, e.end) for e in entities or ()] for entities in expected]


def _memory(client: Client) -> int:
    text = client("GET", "/metrics").body.decode()
    return int(next(line for line in text.splitlines() if line.startswith("process_resident")).split()[1])
