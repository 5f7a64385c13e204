"""A generator over a file: killed and called again, by several processes, on Ray: always the same bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny_models import model, tokenizer

from pointline import jsonl
from pointline.models.generator.card import GeneratorCard
from pointline.sample import Sample
from pointline.schema import Schema

TEXTS = ["Bob met Ann in Tokyo", "play jazz", "東京都の田中さん", "half past ten at the bar", "good news 😀"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model")
    model("byte-level").save_pretrained(path)
    tokenizer("byte-level").save_pretrained(path)
    schema = Schema().label("topic", ["news", "sport"]).entities(["PER"])
    settings = {"temperature": 1.0, "max_new_tokens": 18}
    GeneratorCard(format="oiellm", schema=schema, architecture="causal", settings=settings).write(path)
    return path


def texts(path: Path, count: int) -> Path:
    jsonl.write(path, (Sample(str(i), f"{TEXTS[i % len(TEXTS)]} {i % 7}") for i in range(count)))
    return path


def command(folder: Path, data: Path, out: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "pointline", "predict", str(folder), str(data), "--out", str(out), *words]


def run(words: list[str]) -> str:
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stderr


def killed(words: list[str], ready: Path, size: int) -> None:
    """Start, and kill with its children as soon as a file has so many bytes."""
    started = subprocess.Popen(words, stderr=subprocess.PIPE, start_new_session=True)
    while started.poll() is None and (not ready.exists() or ready.stat().st_size < size):
        time.sleep(0.005)
    assert started.poll() is None, "it was done before it could be killed"
    os.killpg(started.pid, signal.SIGKILL)
    started.communicate()


@pytest.mark.slow
def test_killed_and_called_again_ends_in_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    data = texts(tmp_path / "in.jsonl", 1_600)
    run(command(folder, data, tmp_path / "whole.jsonl"))
    again = command(folder, data, tmp_path / "out.jsonl")
    killed(again, tmp_path / ".out.jsonl.partial", 1_000)
    assert not (tmp_path / "out.jsonl").exists()
    assert "going on after" in run(again)
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


@pytest.mark.slow
def test_shards_killed_and_called_again_end_in_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    data = texts(tmp_path / "in.jsonl", 300)
    run(command(folder, data, tmp_path / "whole.jsonl", "--workers", "2", "--shards", "6"))
    again = command(folder, data, tmp_path / "out.jsonl", "--workers", "2", "--shards", "6")
    shards = tmp_path / ".out.jsonl.shards"
    started = subprocess.Popen(again, stderr=subprocess.PIPE, start_new_session=True)
    while started.poll() is None and not (shards.is_dir() and any(p.suffix == ".jsonl" for p in shards.iterdir())):
        time.sleep(0.005)
    assert started.poll() is None, "it was done before it could be killed"
    os.killpg(started.pid, signal.SIGKILL)
    started.communicate()
    run(again)
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert not shards.exists()


@pytest.mark.slow
def test_on_ray_the_bytes_are_the_same(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("ray")
    data = texts(tmp_path / "in.jsonl", 200)
    run(command(folder, data, tmp_path / "local.jsonl", "--workers", "2", "--shards", "4"))
    run(command(folder, data, tmp_path / "ray.jsonl", "--engine", "ray", "--workers", "2", "--shards", "4"))
    assert (tmp_path / "ray.jsonl").read_bytes() == (tmp_path / "local.jsonl").read_bytes()
    assert len(list(jsonl.read(tmp_path / "ray.jsonl"))) == 200
