"""`pointline serve` as a process: how it starts, refuses to start, and stops."""

from __future__ import annotations

import json
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from live_server import HOSTS, Reply, Slow, in_thread, process

from pointline.cli import main
from pointline.serve.access import TokenAccess
from pointline.serve.settings import ServeSettings

TEXT = "Halima Quill of Orvane Labs said on Friday that its profit fell. " * 40


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_ends_what_runs_when_told_to_stop(folder: Path, number: int) -> None:
    with process(folder, "--set", "batch_size=8") as (running, client):
        assert client("POST", "/extract", {"text": "Orvane Labs"}).status == 200
        replies: list[Reply] = []
        body = {"texts": [TEXT] * 40}
        asking = threading.Thread(target=lambda: replies.append(client("POST", "/extract", body)))
        asking.start()
        while b"pointline_open_requests 2" not in client("GET", "/metrics").body:
            time.sleep(0.01)
        running.send_signal(number)
        asking.join()
        assert [len(reply.json["samples"]) for reply in replies] == [40]
        assert running.wait(timeout=30) == 0
        assert running.stderr is not None
        assert running.stderr.read() == b""
        with pytest.raises(ConnectionRefusedError):
            client.raw()


def test_a_request_that_outlasts_the_grace_is_told_so(caplog: pytest.LogCaptureFixture) -> None:
    replies: list[Reply] = []
    with in_thread(Slow(2.5), ServeSettings(grace_seconds=1), TokenAccess(None, HOSTS)) as client:
        asking = threading.Thread(target=lambda: replies.append(client("POST", "/extract", {"text": "a"})))
        asking.start()
        while b"pointline_open_requests 2" not in client("GET", "/metrics").body:
            time.sleep(0.01)
    asking.join()
    assert [(reply.status, reply.error) for reply in replies] == [(503, "the server stops; try again")]
    assert "1 requests were cut: they ran on for grace_seconds=1 after" in caplog.text


def test_reachable_from_elsewhere_only_with_a_token(folder: Path) -> None:
    with process(folder, "--host", "0.0.0.0", "--token", "open-sesame") as (_, client):
        assert client("GET", "/schema", Host="any.example").status == 401
        assert client("GET", "/schema", Host="any.example", Authorization="Bearer open-sesame").status == 200


def stopped(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: object) -> tuple[Any, str]:
    monkeypatch.setattr("sys.argv", ["pointline", "serve", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code, capsys.readouterr().err


Refused = Callable[..., tuple[Any, str]]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Refused:
    monkeypatch.delenv("POINTLINE_TOKEN", raising=False)
    return lambda *words: stopped(capsys, monkeypatch, *words)


def test_what_keeps_it_from_starting_is_one_line(refused: Refused, folder: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for words, about in (
            ((folder, "--port", port), f"port {port} of 127.0.0.1 is in use; choose another with --port"),
            ((tmp_path / "none",), "is no model folder"),
            ((folder, "--host", "0.0.0.0"), "give a --token"),
            ((folder, "--host", "::"), "give a --token"),
            ((folder, "--host", "0.0.0.0", "--token", ""), "give a --token"),
            ((folder, "--host", "no.such.host.invalid"), "there is no such address"),
            ((folder, "--token", "två ord"), "printable ASCII"),
            ((folder, "--set", "max_texts=0"), "max_texts is 0; give a number above 0"),
            ((folder, "--set", "max_text=5"), "did you mean 'max_texts'?"),
        ):
            code, err = refused(*words)
            assert code in (1, 2)
            assert about in err
            assert err.startswith("pointline: ")
            assert err.count("\n") == 1


def test_a_damaged_model_is_one_line_and_frees_the_port(refused: Refused, folder: Path, tmp_path: Path) -> None:
    card = json.loads((folder / "model.json").read_bytes())
    (tmp_path / "model.json").write_text(json.dumps({**card, "kind": "tagger"}))
    code, err = refused(tmp_path, "--port", 0)
    assert (code, err.count("\n")) == (1, 1)
