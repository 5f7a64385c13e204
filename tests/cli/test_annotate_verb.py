"""pointline annotate label-text by command line: what it prints, and what it refuses in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from llm.conftest import Server, completion, serve

from pointline import jsonl
from pointline.sample import Sample

__all__ = ["serve"]
Run = Callable[..., Any]


async def answering(request: web.Request, prompt: str) -> web.StreamResponse:
    return web.json_response(completion("政治" if "選挙" in prompt else "Politics"))


@pytest.fixture
def words(serve: Callable[..., Server], tmp_path: Path) -> list[str]:
    jsonl.write(tmp_path / "in.jsonl", [Sample("a", "They voted."), Sample("b", "選挙の日"), Sample("c", "A vote.")])
    asked = ["--endpoint", serve(answering).url, "--model", "small", "--out", str(tmp_path / "out")]
    return ["annotate", "label-text", str(tmp_path / "in.jsonl"), *asked]


def test_labels_are_printed_and_written(pointline: Run, words: list[str], tmp_path: Path) -> None:
    done = pointline(*words, "--set", "samples=2")
    assert done.code == 0, done.err
    assert "2 labels" in done.out
    assert "Politics" in done.out
    assert "3 of 3 samples labelled" in done.err
    assert [s.labels for s in jsonl.read(tmp_path / "out/labelled.jsonl")] == [["Politics"], ["政治"], ["Politics"]]
    again = json.loads(pointline(*words, "--set", "samples=2", "--json").out)
    assert (again["asked"], again["answers"]) == (0, 6)


@pytest.mark.parametrize(
    ("more", "code", "told"),
    [
        (["--budget", "1"], 2, "a budget needs price_in and price_out"),
        (["--set", "temperature=0"], 2, "samples at temperature 0 are all the same"),
        (["--set", "sample=2"], 2, "did you mean 'samples'?"),
        (["--merge", "absent.toml"], 1, "absent.toml: No such file or directory"),
        (["--replay", "absent.jsonl"], 1, "absent.jsonl"),
        (["--key-env", "NO_SUCH_KEY"], 2, "the environment variable NO_SUCH_KEY holds no key"),
    ],
)
def test_what_cannot_be_is_one_line(pointline: Run, words: list[str], more: list[str], code: int, told: str) -> None:
    done = pointline(*words, *more)
    assert (done.code, len(done.err.splitlines())) == (code, 1)
    assert told in done.err


def test_the_loop_by_command_line(pointline: Run, tmp_path: Path) -> None:
    """Candidates, roles, a model, the next batch and the book, as a person types them."""
    news = tmp_path / "news/business"
    news.mkdir(parents=True)
    for i, name in enumerate(("Orva", "Kite", "Lumo", "Vela")):
        (news / f"{i}.txt").write_text(f"Ada Vale founded {name}. Nobody saw it.", encoding="utf-8")
    rules = tmp_path / "rules.toml"
    rules.write_text(
        'lang = "en"\n[patterns]\nname = "[A-Z][a-z]+(?: [A-Z][a-z]+)?"\n[[relation]]\ntype = "founded"\n'
        'pattern = ["{head:name} founded {tail:name}"]\n',
        encoding="utf-8",
    )
    made = tmp_path / "made"
    done = pointline("annotate", "candidates", news.parent, "--rules", rules, "--out", made)
    assert done.code == 0, done.err
    assert "4 documents, 8 sentences, 4 matched a rule" in done.err
    assert "rules/founded-0" in done.out
    data, train = made / "candidates.jsonl", tmp_path / "train.jsonl"
    assert pointline("annotate", "roles", data, "--out", train).code == 0
    assert {e.type for s in jsonl.read(train) for e in s.entities or ()} == {"founded@head", "founded@tail"}
    assert pointline("train", train, "--out", tmp_path / "model", "--max-steps", 2).code == 0
    words = ["annotate", "label", tmp_path / "model", data, "--out", tmp_path / "next", "--order", "file", "--size", 3]
    told = json.loads(pointline(*words, "--json").out)
    assert (told["pool"], told["queued"], told["sure"] + told["later"]) == (4, 3, 1)
    queue = tmp_path / "next/queue.jsonl"
    assert all(s.relations is not None and s.entities is None for s in jsonl.read(queue))
    done = pointline("annotate", "round", queue, queue, "--book", tmp_path / "rounds.json")
    assert done.code == 0, done.err
    assert "labels saved" in done.out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["label", "nowhere", "in.jsonl", "--out", "o"], 1, "is no model folder"),
        (["candidates", "nowhere", "--rules", "none.toml", "--out", "o"], 1, "none.toml: No such file"),
        (["round", "a", "b", "--book", "c", "--gold", "g"], 2, "--gold and --answers go together"),
        (["label", "m", "in.jsonl", "--out", "o", "--order", "best"], 2, "order"),
    ],
)
def test_what_the_loop_refuses(pointline: Run, words: list[str], code: int, told: str) -> None:
    done = pointline("annotate", *words)
    assert (done.code, done.out) == (code, "")
    assert told in done.err
    assert "Traceback" not in done.err


def test_the_recipe_by_command_line(pointline: Run, tmp_path: Path) -> None:
    small = ["per_task=10", "first=8", "size=4", "rounds=1", "steps=2"]
    words = [word for each in small for word in ("--set", each)]
    done = pointline("recipes", "tcree", "--out", tmp_path / "out", *words)
    assert done.code == 0, done.err
    assert "labels saved" in done.out
    assert (tmp_path / "out/result.json").exists()
    assert pointline("recipes", "tcree", "--set", "rounds=0").code == 2
