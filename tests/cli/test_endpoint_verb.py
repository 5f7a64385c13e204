"""pointline endpoint: a folder for a served model, predicted with as any other; and what is refused."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from llm.conftest import Server, completion, serve

from pointline import jsonl
from pointline.sample import Entity, Sample

__all__ = ["serve"]
Run = Callable[..., Any]


async def answering(request: web.Request, prompt: str) -> web.StreamResponse:
    if request.headers.get("Authorization") != "Bearer right":
        return web.json_response({"error": {"message": "wrong key"}}, status=401)
    return web.json_response(completion("news/NER/:PER;Bob"))


@pytest.fixture
def train(tmp_path: Path) -> Path:
    pool = [Sample(f"t{i}", f"Dora met {i}", labels=["news"], entities=[Entity("PER", "Dora", 0, 4)]) for i in range(9)]
    jsonl.write(tmp_path / "train.jsonl", pool)
    jsonl.write(tmp_path / "in.jsonl", [Sample(f"q{i}", f"Bob saw {i}") for i in range(5)])
    return tmp_path / "train.jsonl"


def test_a_served_model_is_a_folder(
    pointline: Run, serve: Callable[..., Server], train: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(answering)
    out = tmp_path / "remote"
    words = ["endpoint", "--url", server.url, "--model", "small", "--examples", train, "--shots", "5", "--out", out]
    made = pointline(*words, "--key-env", "MY_KEY", "--json")
    assert made.code == 0, made.err
    assert json.loads(made.out)["schema"] == {"labels": ["news"], "entities": ["PER"]}
    monkeypatch.setenv("MY_KEY", "wrong")
    ran = pointline("predict", out, tmp_path / "in.jsonl", "--out", tmp_path / "a.jsonl")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1), ran.err
    assert not (tmp_path / "a.jsonl").exists()
    monkeypatch.setenv("MY_KEY", "right")
    ran = pointline("predict", out, tmp_path / "in.jsonl", "--dry-run", "--set", "shots=1")
    assert json.loads(ran.out)["asked"] == 5
    assert pointline("predict", out, tmp_path / "in.jsonl", "--out", "-", "--set", "shot=1").code == 2
    ran = pointline("predict", out, tmp_path / "in.jsonl")
    assert (ran.code, "where to? give --out" in ran.err) == (2, True)
    ran = pointline("predict", out, tmp_path / "in.jsonl", "--out", "-", "--free")
    assert (ran.code, "--free is for models that run here" in ran.err) == (1, True)
    ran = pointline("predict", out, tmp_path / "in.jsonl", "--out", tmp_path / "a.jsonl")
    assert ran.code == 0, ran.err
    assert [s.entities[0].start for s in jsonl.read(tmp_path / "a.jsonl") if s.entities] == [0] * 5
    assert len(server.bodies[-1]["messages"]) == 12
    kept = b"".join(path.read_bytes() for path in out.iterdir())
    assert b"right" not in kept
    assert b"wrong" not in kept
    assert pointline(*words).err.startswith(f"pointline: {out}: is there already")
    assert (
        "--lang fr: instructions are in en, ja, zh; this one is in English\n" in pointline(*words, "--lang", "fr").err
    )


def _heed_interrupts() -> None:
    """A job in the background is started deaf to SIGINT, and so are its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_says_what_is_kept(serve: Callable[..., Server], train: Path, tmp_path: Path) -> None:
    told = threading.Event()

    async def slow(request: web.Request, prompt: str) -> web.StreamResponse:
        while "saw 3" in prompt and not told.is_set():
            await asyncio.sleep(0.02)
        return web.json_response(completion("news/NER/:PER;Bob"))

    server, out, command = serve(slow), tmp_path / "remote", [sys.executable, "-m", "pointline"]
    made = [*command, "endpoint", "--url", server.url, "--model", "small", "--examples", str(train), "--out", str(out)]
    subprocess.run([*made, "--task", "ner"], check=True, capture_output=True)
    words = [*command, "predict", str(out), str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "a.jsonl")]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, preexec_fn=_heed_interrupts) as running:
        while server.asked.total() < 5:
            time.sleep(0.02)
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        time.sleep(0.3)
        told.set()
        _, err = running.communicate()
    assert running.returncode == 130
    assert err.endswith(f"stopped; 5 answers are kept in {out / 'answers.db'}, the same command goes on from there\n")
    assert subprocess.run(words, check=False, capture_output=True).returncode == 0
    assert server.asked.total() == 5


def test_answers_that_are_not_in_form_are_told(
    pointline: Run, serve: Callable[..., Server], train: Path, tmp_path: Path
) -> None:
    async def chatty(request: web.Request, prompt: str) -> web.StreamResponse:
        return web.json_response(completion("Sure!" if "saw 1" in prompt else "news/NER/:PER;Zoe;:PER;Bob"))

    url, out, answers = serve(chatty).url, tmp_path / "remote", tmp_path / "a.jsonl"
    pointline("endpoint", "--url", url, "--model", "small", "--examples", train, "--task", "ner", "--out", out)
    ran = pointline("predict", out, tmp_path / "in.jsonl", "--out", answers)
    found = Counter(problem for sample in jsonl.read(answers) for problem in sample.problems or ())
    assert found
    assert (ran.code, ran.err.splitlines()[0]) == (0, f"5 predictions in {answers}")
    assert ran.err.splitlines()[1].startswith("problems: ")
    assert all(f"{number} {problem}" in ran.err for problem, number in found.items())
    ran = pointline("predict", out, tmp_path / "in.jsonl", "--out", answers, "--json")
    assert json.loads(ran.out) == {"out": str(answers), "samples": 5, "problems": dict(found)}


def test_a_refusal_is_told_as_one(pointline: Run, serve: Callable[..., Server], train: Path, tmp_path: Path) -> None:
    async def filtered(request: web.Request, prompt: str) -> web.StreamResponse:
        if "saw 0" in prompt:
            return web.json_response({"error": {"message": "no"}}, status=400)
        choice = {"message": {"content": ""}, "finish_reason": "content_filter"}
        return web.json_response({"choices": [choice]})

    server, out = serve(filtered), tmp_path / "remote"
    pointline("endpoint", "--url", server.url, "--model", "small", "--examples", train, "--task", "ner", "--out", out)
    for asked in (5, 6):
        ran = pointline("predict", out, tmp_path / "in.jsonl", "--out", tmp_path / "a.jsonl")
        assert ran.code == 0
        assert "1 bad_request (first: q0: HTTP 400: no); run again to ask them anew" in ran.err
        assert "4 refused (first: q1: the model or a filter refused); a refusal is an answer: kept, and" in ran.err
        assert sum(server.asked.values()) == asked


def test_a_budget_is_raised_alone(
    pointline: Run, serve: Callable[..., Server], train: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, out = serve(answering), tmp_path / "remote"
    monkeypatch.setenv("MY_KEY", "right")
    made = ["endpoint", "--url", server.url, "--model", "small", "--examples", train, "--key-env", "MY_KEY"]
    made += ["--set", "client={price_in=1000, price_out=1000}", "--set", "client.budget=0.001", "--out", out]
    assert pointline(*made).code == 0
    words = ["predict", out, tmp_path / "in.jsonl", "--out", tmp_path / "a.jsonl"]
    assert "of the budget of 0.001 is spent" in pointline(*words).err
    for raised in ("client.budget=0.002", "client={budget=0.002}"):
        assert "of the budget of 0.002 is spent" in pointline(*words, "--set", raised).err
    ran = pointline(*words, "--set", "client.budget=9")
    assert ran.code == 0, ran.err
    assert set(server.asked.values()) == {1}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "what is to be asked"),
        (["--shots", "3"], 2, "what is to be asked"),
        (["--examples", "TRAIN", "--shots", "9"], 0, ""),
        (["--examples", "TRAIN", "--shots", "50"], 1, "50 shots of 9 examples"),
        (["--examples", "nowhere.jsonl"], 1, "nowhere.jsonl"),
        (["--examples", "TRAIN", "--format", "oielm"], 1, "did you mean 'oiellm'"),
        (["--examples", "TRAIN", "--task", "nerr"], 1, "nerr"),
        (["--examples", "TRAIN", "--task", "re"], 1, "the task re asks for relations, and the schema holds none"),
        (["--examples", "TRAIN", "--set", "shot=1"], 2, "did you mean 'shots'"),
        (["--examples", "TRAIN", "--set", "client={budget=1}"], 2, "price_in"),
        (["--examples", "TRAIN", "--set", "client.bugdet=1"], 2, "did you mean 'client.budget'"),
        (["--examples", "TRAIN", "--set", "structured=json_schema"], 2, "iepile"),
        (["--examples", "TRAIN", "--key-env", "sk-1234"], 2, "environment variable"),
        (["--examples", "TRAIN", "--url", "nowhere"], 2, "is no address"),
    ],
)
def test_what_cannot_be_is_one_line(
    pointline: Run, train: Path, tmp_path: Path, words: list[str], code: int, told: str
) -> None:
    given = [str(train) if word == "TRAIN" else word for word in words]
    ran = pointline("endpoint", "--url", "http://127.0.0.1:1/v1", "--model", "m", "--out", tmp_path / "o", *given)
    assert (ran.code, ran.err.count("\n")) == (code, 1), ran.err
    assert told in ran.err
    assert "1234" not in ran.err
    assert (tmp_path / "o").exists() is (code == 0)
