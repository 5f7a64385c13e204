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
