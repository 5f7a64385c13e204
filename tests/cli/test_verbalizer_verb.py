"""pointline verbalizer: a study by the verb, lists asked of a server once, a pretrained model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from llm.conftest import Server, completion, serve
from made_samples import made

from pointline import jsonl
from pointline.settings import read_toml

pytest.importorskip("torch")
pytest.importorskip("scipy")
__all__ = ["serve"]
Run = Callable[..., Any]
QUICK = ("--seeds", "2", "--shots", "5", "--set", "light.max_steps=3", "--set", "light.hidden=32")


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    jsonl.write(tmp_path / "train.jsonl", made(40, 0))
    jsonl.write(tmp_path / "test.jsonl", made(20, 1))
    return [str(tmp_path / "train.jsonl"), "--test", str(tmp_path / "test.jsonl"), "--out", str(tmp_path / "out")]


async def listing(request: web.Request, prompt: str) -> web.StreamResponse:
    return web.json_response(completion("1. call\n2. now\n" if '"Call"' in prompt else "- book, trip"))


def test_lists_are_asked_once(pointline: Run, serve: Callable[..., Server], files: list[str], tmp_path: Path) -> None:
    server = serve(listing)
    folder = tmp_path / "remote"
    made = pointline("endpoint", "--url", server.url, "--model", "small", "--examples", files[0], "--out", folder)
    assert made.code == 0, made.err
    words = ["verbalizer", *files, *QUICK, "--lists", "plain,origin", "--ask", folder]
    ran = pointline(*words, "--json")
    assert ran.code == 0, ran.err
    result = json.loads(ran.out)
    assert [arm["arm"] for arm in result["arms"]] == ["plain", "origin"]
    assert read_toml(tmp_path / "out" / "origin.toml") == {"Book": ["book", "trip"], "Call": ["call", "now"]}
    assert pointline(*words, "--json").out == ran.out
    assert len(server.bodies) == 2


def test_the_table_and_what_is_refused(pointline: Run, files: list[str], tmp_path: Path) -> None:
    (tmp_path / "types.toml").write_text('name = "Call"\nplace = "Book"\n')
    types = ("--lists", "plain,wli-texts,wli-types", "--types", tmp_path / "types.toml", "--set", "shared=true")
    ran = pointline("verbalizer", *files, *QUICK, *types)
    assert ran.code == 0, ran.err
    assert "wli-types - wli-texts" in ran.out
    assert "all of train: they know more labels than the shots" in ran.err
    ran = pointline("verbalizer", *files, "--lists", "plain,wli")
    assert (ran.code, ran.err.count("\n")) == (2, 1), ran.err
    ran = pointline("verbalizer", *files[:3], "--lists", "plain,origin", "--out", tmp_path / "other")
    assert (ran.code, "--told" in ran.err) == (2, True), ran.err


@pytest.mark.parametrize("shots", ["0", "2"])
def test_a_pretrained_model(pointline: Run, files: list[str], tmp_path: Path, shots: str) -> None:
    pytest.importorskip("transformers")
    import tiny_models

    held = tiny_models.masked()
    held.model.save_pretrained(tmp_path / "bert")
    held.tokenizer.save_pretrained(tmp_path / "bert")
    words = ["verbalizer", *files, "--model", tmp_path / "bert", "--seeds", "2", "--shots", shots]
    ran = pointline(*words, "--set", "shared=true", "--json")
    assert ran.code == 0, ran.err
    result = json.loads(ran.out)
    assert {arm["arm"]: len(arm["values"]) for arm in result["arms"]} == {"plain": 2, "wli-texts": 2}
    report = result["arms"][1]["runs"][0]["pieces"]
    assert report["words"] > 2
    assert 0 <= report["shared_first"] <= 1
    ran = pointline("verbalizer", *files[:3], "--model", tmp_path / "none", "--out", tmp_path / "other")
    assert (ran.code, ran.err.count("\n")) == (1, 1), ran.err
