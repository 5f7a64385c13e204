"""Real servers on loopback: in a thread with any model, or `pointline serve` as a process of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn

from pointline.models.extractor import Extractor
from pointline.sample import Sample
from pointline.serve.access import TokenAccess
from pointline.serve.app import application
from pointline.serve.settings import ServeSettings
from pointline.web.listening import configured

HOSTS = frozenset({"localhost", "127.0.0.1"})


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        return self.json["error"]["message"]


class Client(NamedTuple):
    """Talks to one server, a connection a request."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json"} if data is not None else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, data, given)
            reply = connection.getresponse()
            return Reply(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())

    def raw(self, data: bytes = b"") -> socket.socket:
        """A bare connection with something sent on it."""
        bare = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        bare.sendall(data)
        return bare


def told(bare: socket.socket) -> bytes:
    """Everything until the server hangs up."""
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while part := bare.recv(65536):
            found += part
    return found


@contextlib.contextmanager
def in_thread(model: Extractor, settings: ServeSettings, access: TokenAccess) -> Iterator[Client]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(configured(application(model, "tiny", access, settings), settings))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield Client(listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


Serving = Callable[..., Client]


@contextlib.contextmanager
def process(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[bytes], Client]]:
    """`pointline serve` as a person starts it, on a free port."""
    command = [sys.executable, "-m", "pointline", "serve", str(folder), "--port", "0", "--json", *words]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as running:
        assert running.stdout is not None
        lines = iter(running.stdout.readline, b"")
        text = b""
        for line in lines:
            text += line
            if line == b"}\n":
                break
        try:
            yield running, Client(int(json.loads(text)["url"].rpartition(":")[2]))
        finally:
            if running.poll() is None:
                running.kill()


class Slow(Extractor):
    """A model that takes its time and remembers what it was asked together."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds, self.runs = seconds, [0]
        self.runs.clear()

    @property
    def fingerprint(self) -> str:
        return "slow"

    def predict(self, samples: Any, schema: Any = None, batch_size: int = 64) -> Iterator[Sample]:
        held = list(samples)
        self.runs.append(len(held))
        time.sleep(self.seconds)
        for sample in held:
            if sample.text == "poison":
                raise RuntimeError(f"cannot read {__file__}")
            yield Sample(sample.id, sample.text, labels=["x"])
