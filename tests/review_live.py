"""A review's server in a thread or a process of its own, and a headless browser to use it as people do."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from live_server import HOSTS, Client

from pointline.review.app import application
from pointline.review.desk import Desk
from pointline.review.limits import ReviewLimits
from pointline.review.people import Person
from pointline.review.store import Store
from pointline.web.listening import configured

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ME = Person("me", "adjudicator")


@contextlib.contextmanager
def in_thread(store: Store, local: Person | None = ME) -> Iterator[Client]:
    listener = socket.create_server(("127.0.0.1", 0))
    limits = ReviewLimits()
    server = uvicorn.Server(configured(application(Desk(store, local), HOSTS, limits), limits))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield Client(listener.getsockname()[1])
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join()
        listener.close()


class Process:
    """`pointline review` as a person starts it; it can be killed, and started again at the same address."""

    def __init__(self, *words: str) -> None:
        self._words = words
        self._running: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.told: dict[str, Any] = {}
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "pointline", "review", *self._words, "--port", str(self.port), "--json"]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        self._running = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        assert self._running.stdout is not None
        text = b""
        for line in iter(self._running.stdout.readline, b""):
            text += line
            if line == b"}\n":
                break
        self.told = json.loads(text)
        self.port = int(self.told["url"].rpartition(":")[2])

    def kill(self, number: int = signal.SIGKILL) -> int:
        assert self._running is not None
        self._running.send_signal(number)
        code = self._running.wait(timeout=20)
        if self._running.stdout is not None:
            self._running.stdout.close()
        return code

    @property
    def client(self) -> Client:
        return Client(self.port)


@contextlib.contextmanager
def process(*words: str) -> Iterator[Process]:
    running = Process(*words)
    try:
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()


def token_of(page: bytes) -> str:
    """The token that a page carries for requests that change something."""
    start = page.index(b'id="state">') + len(b'id="state">')
    return str(json.loads(page[start : page.index(b"</script>", start)])["token"])


def write_samples(path: Path, samples: Any) -> Path:
    from pointline import jsonl

    jsonl.write(path, samples)
    return path


def wait_for(check: Callable[[], object], seconds: float = 6.0) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def until(page: Any, script: str) -> None:
    """The page's policy forbids playwright's own way of waiting, which compiles strings on the page."""
    wait_for(lambda: page.evaluate(script))
