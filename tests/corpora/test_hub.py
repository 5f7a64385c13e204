"""Data sets by hub name, from a server that speaks the hub's protocol on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pointline import jsonl
from pointline.corpora.conversion import Report
from pointline.corpora.export import export
from pointline.sample import Entity, Sample

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """A hub that holds one data set, `kestrel/trades`; yields its address."""
    pytest.importorskip("pyarrow")
    made = [Sample("1", "play jazz", "en", ["Play"], [Entity("genre", "jazz", 5, 9)], split="train")]
    export(made, "hf", tmp_path / "repo", (), Report())
    (tmp_path / "repo/data/train.parquet").rename(tmp_path / "repo/data/validation-00000-of-00001.parquet")
    files = {p.relative_to(tmp_path / "repo").as_posix(): p for p in (tmp_path / "repo").rglob("*") if p.is_file()}

    class Handler(BaseHTTPRequestHandler):
        def answer(self, body: bytes, code: int = 200) -> None:
            self.send_response(code)
            for name, value in (
                ("ETag", f'"{hashlib.sha1(body).hexdigest()}"'),
                ("X-Repo-Commit", SHA),
                ("Content-Length", str(len(body))),
            ):
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            if path.startswith("/api/datasets/kestrel/trades/tree"):
                sizes = [{"type": "file", "path": n, "size": p.stat().st_size, "oid": SHA} for n, p in files.items()]
                self.answer(json.dumps(sizes).encode())
            elif path.startswith("/api/datasets/kestrel/trades"):
                siblings = [{"rfilename": name} for name in files]
                self.answer(json.dumps({"id": "kestrel/trades", "sha": SHA, "siblings": siblings}).encode())
            elif (name := path.removeprefix(f"/datasets/kestrel/trades/resolve/{SHA}/")) in files:
                self.answer(files[name].read_bytes())
            else:
                self.answer(b"{}", 404)

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *told: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def convert(name: str, address: str, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "HF_ENDPOINT": address, "HF_HOME": str(folder / "cache"), "HF_HUB_OFFLINE": "0"}
    words = ["convert", name, "--reader", "hf", "--out", folder / "out.jsonl"]
    ran = [sys.executable, "-m", "pointline", *words]
    return subprocess.run(ran, capture_output=True, text=True, env=env, timeout=120)


def test_a_data_set_of_the_hub(hub: str, tmp_path: Path) -> None:
    ran = convert("hub:kestrel/trades", hub, tmp_path)
    assert ran.returncode == 0, ran.stderr
    (sample,) = jsonl.read(tmp_path / "out.jsonl")
    assert (sample.labels, sample.entities) == (["Play"], [Entity("genre", "jazz", 5, 9)])
    assert sample.split == "train"  # the sample's own word counts more than the file's name


def test_a_hub_that_has_it_not_or_is_not_there(hub: str, tmp_path: Path) -> None:
    for name, address in (("hub:kestrel/none", hub), ("hub:a/b/c", hub), ("hub:a/b", "http://127.0.0.1:9")):
        ran = convert(name, address, tmp_path)
        assert ran.returncode == 1
        assert "cannot be fetched from the hub" in ran.stderr.splitlines()[-1]
        assert "Traceback" not in ran.stderr
        assert not (tmp_path / "out.jsonl").exists()
