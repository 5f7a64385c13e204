"""`transformers serve` with a model made on the spot: the plain protocol, and a constraint that nobody there reads."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="`transformers serve` needs fastapi")
pytest.importorskip("transformers")
pytest.importorskip("uvicorn")

from pointline.llm import Endpoint
from pointline.llm import Settings as ClientSettings
from pointline.models.endpoint.card import EndpointCard
from pointline.models.endpoint.remote import Remote
from pointline.models.endpoint.settings import EndpointSettings
from pointline.sample import Sample, faults
from pointline.schema import Schema

pytestmark = pytest.mark.slow
TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant: "
ASKED = [Sample("1", "Bob met Ann in Tokyo"), Sample("2", "東京都の田中さん"), Sample("3", "play some jazz")]
SCHEMA = Schema().label("topic", ["news", "sport"]).entities(["PER", "LOC"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A server's address and the name of its model."""
    from tiny_models import model, tokenizer

    at = tmp_path_factory.mktemp("served")
    (at / "home" / "hub").mkdir(parents=True)
    spoken = tokenizer("byte-level")
    spoken.chat_template = TEMPLATE
    spoken.save_pretrained(at / "tiny")
    model("byte-level").save_pretrained(at / "tiny")
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(at / "tiny")]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    environment = {**os.environ, "HF_HOME": str(at / "home"), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    log = at / "log"
    with log.open("wb") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as running:
        try:
            _wait(running, f"http://127.0.0.1:{port}/health", log)
            yield f"http://127.0.0.1:{port}/v1", str(at / "tiny")
        finally:
            running.kill()


def _wait(running: subprocess.Popen[bytes], url: str, log: Path) -> None:
    for _ in range(240):
        if running.poll() is not None:
            pytest.fail(f"transformers serve did not start: {log.read_text()[-2000:]}")
        with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.25)
    pytest.fail(f"transformers serve did not answer within a minute: {log.read_text()[-2000:]}")


def remote(served: tuple[str, str], kind: Any, format: str = "oiellm", **settings: Any) -> Remote:
    client = ClientSettings(timeout=60, tries=1, concurrency=1, max_concurrency=1)
    card = EndpointCard(
        endpoint=Endpoint(*served, kind=kind),
        format=format,
        schema=SCHEMA if format != "iepile" else SCHEMA.only(["entities"]),
        settings=EndpointSettings(client=client, max_tokens=24, **settings),
    )
    return Remote(card)


@pytest.mark.parametrize("kind", ["chat", "completion"])
@pytest.mark.parametrize("prompt", ["format", "instruct"])
def test_the_plain_protocol(served: tuple[str, str], kind: str, prompt: str) -> None:
    model = remote(served, kind, prompt=prompt)
    found = list(model.predict(ASKED))
    assert [sample.id for sample in found] == ["1", "2", "3"]
    for sample in found:
        assert sample.raw, sample
        assert "truncated" in (sample.problems or ()), sample
        assert not any(problem.startswith("endpoint_") for problem in sample.problems or ()), sample
        assert list(faults(sample)) == []


def test_a_constraint_that_is_not_read_is_found_out(served: tuple[str, str]) -> None:
    found = list(remote(served, "chat", "iepile", structured="json_schema").predict(ASKED))
    assert all({"not_json", "truncated"} & set(sample.problems or ()) for sample in found)
    assert all(sample.entities == [] for sample in found)
