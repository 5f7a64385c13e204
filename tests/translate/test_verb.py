"""pointline translate: a folder out of a file; killed, refused, out of money, and gone on with."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from llm.conftest import Server, serve
from llm.test_runs import small_disk
from translate.conftest import behind, pointline
from translate.translator import Translator, made, said_by

from pointline import jsonl
from pointline.errors import InputFault
from pointline.resume import exclusive
from pointline.sample import Entity, Sample

__all__ = ["pointline", "serve", "small_disk"]
Run = Callable[..., Any]
Serve = Callable[..., Server]
FILES = ("kept.jsonl", "review.jsonl", "dropped.jsonl", "check.jsonl", "report.json", "report.md")


@pytest.fixture
def words(tmp_path: Path) -> Callable[..., list[str]]:
    """The words of the verb for a server and a folder."""

    def made_words(server: Server, out: Path, *more: object, to: str = "zh") -> list[str]:
        fixed = ["translate", tmp_path / "in.jsonl", "--to", to, "--endpoint", server.url, "--model", "small"]
        return [str(word) for word in (*fixed, "--out", out, *more)]

    return made_words


def test_a_file_becomes_a_folder(pointline: Run, serve: Serve, words: Callable[..., list[str]], tmp_path: Path) -> None:
    samples, golds, wanted = made(40)
    jsonl.write(tmp_path / "in.jsonl", samples)
    server = serve(behind(Translator(golds, entity=0.1, seed=3)))
    out = tmp_path / "out"
    dry = pointline(*words(server, out, "--dry-run"))
    assert dry.code == 0, dry.err
    assert json.loads(dry.out)["asked"] >= 80
    assert not server.asked
    assert not out.exists()
    ran = pointline(*words(server, out, "--json", "--price-in", 1, "--price-out", 2))
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    kept = list(jsonl.read(out / "kept.jsonl"))
    assert len(kept) == report["counts"]["kept"] + report["counts"]["repaired"] >= 38
    assert all(said_by(one) == said_by(wanted[one.id]) for one in kept)
    told = kept[0].meta["translation"]
    assert (told["of"], told["from"], told["to"], told["model"]) == (
        kept[0].id.removesuffix("/zh"),
        "en",
        "zh",
        "small",
    )
    assert report["retention"] == [
        {"dataset": "made", "direction": "EN → ZH", "model": "small", "samples": 40, "remaining": len(kept),
         "lost_percent": 100 * (40 - len(kept)) / 40}
    ]  # fmt: skip
    assert len(report["paper"]) == 10
    assert report["spent"]["requests"] == sum(server.asked.values())
    assert report["cost_per_kept"] == pytest.approx(report["spent"]["cost"] / len(kept))
    page = (out / "report.md").read_text(encoding="utf-8")
    assert f"{len(kept)} of 40 samples remain" in page
    assert "| SCNM (paper) | JA → EN | GPT-3.5-Turbo | 4449 | 16.73 % |" in page
    first = {name: (out / name).read_bytes() for name in FILES}
    asked = sum(server.asked.values())
    assert pointline(*words(server, out, "--price-in", 1, "--price-out", 2)).code == 0
    assert {name: (out / name).read_bytes() for name in FILES} == first
    assert sum(server.asked.values()) == asked


def test_reviewed_samples_give_the_precision(
    pointline: Run, serve: Serve, words: Callable[..., list[str]], tmp_path: Path
) -> None:
    samples, golds, _ = made(20)
    jsonl.write(tmp_path / "in.jsonl", samples)
    server, out = serve(behind(Translator(golds))), tmp_path / "out"
    assert pointline(*words(server, out, "--set", "check_sample=10")).code == 0
    drawn = [json.loads(line) for line in (out / "check.jsonl").read_bytes().splitlines()]
    assert len(drawn) == 10
    assert drawn[0]["source"]["lang"] == "en"
    assert drawn[0]["draft"]["lang"] == "zh"
    jsonl.write(tmp_path / "seen.jsonl", ({"id": row["id"], "right": i > 0} for i, row in enumerate(drawn)))
    ran = pointline(*words(server, out, "--json", "--reviewed", tmp_path / "seen.jsonl"))
    value, low, high, n = json.loads(ran.out)["precision"]
    assert (value, n) == (90.0, 10)
    assert (round(low, 1), round(high, 1)) == (59.6, 98.2)


def test_killed_and_gone_on_with_it_ends_in_the_same_bytes(
    pointline: Run, serve: Serve, words: Callable[..., list[str]], tmp_path: Path
) -> None:
    samples, golds, _ = made(90)
    jsonl.write(tmp_path / "in.jsonl", samples)
    answers = behind(Translator(golds, entity=0.15, whole=0.05))
    unbroken, broken = serve(answers), serve(answers)
    settings = ("--set", "window=40")
    assert pointline(*words(unbroken, tmp_path / "whole", *settings)).code == 0
    command = [sys.executable, "-m", "pointline", *words(broken, tmp_path / "parts", *settings)]
    print("T", time.time())
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as running:
        while running.poll() is None and sum(broken.asked.values()) < 100:
            time.sleep(0.01)
        running.kill()
    assert not (tmp_path / "parts" / "kept.jsonl").exists()
    print("T", time.time())
    ran = pointline(*words(broken, tmp_path / "parts", *settings))
    assert ran.code == 0, ran.err
    print("T", time.time())
    for name in FILES:
        whole, parts = ((tmp_path / folder / name).read_bytes() for folder in ("whole", "parts"))
        assert whole == parts, name
    twice = sum(broken.asked.values()) - sum(unbroken.asked.values())
    assert twice <= 40
    assert not list((tmp_path / "parts").glob(".*.part"))


def test_two_runs_on_one_folder(pointline: Run, serve: Serve, words: Callable[..., list[str]], tmp_path: Path) -> None:
    samples, golds, _ = made(3)
    jsonl.write(tmp_path / "in.jsonl", samples)
    server = serve(behind(Translator(golds)))
    with exclusive(tmp_path / "out"):
        ran = pointline(*words(server, tmp_path / "out"))
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "another run is writing it" in ran.err
    assert not server.asked


def test_the_budget_stops_and_is_gone_on_with(
    pointline: Run, serve: Serve, words: Callable[..., list[str]], tmp_path: Path
) -> None:
    samples, golds, _ = made(30)
    jsonl.write(tmp_path / "in.jsonl", samples)
    server = serve(behind(Translator(golds)))
    ran = pointline(*words(server, tmp_path / "out", "--budget", 9000))
    assert (ran.code, ran.err.count("\n")) == (1, 1), ran.err
    assert "of the budget of 9000 tokens is spent" in ran.err
    assert not (tmp_path / "out" / "kept.jsonl").exists()
    before = sum(server.asked.values())
    assert 0 < before < 60
    assert pointline(*words(server, tmp_path / "out")).code == 0
    assert set(server.asked.values()) == {1}


def test_a_changed_prompt_asks_what_changed_alone(
    pointline: Run, serve: Serve, words: Callable[..., list[str]], tmp_path: Path
) -> None:
    samples, golds, _ = made(40)
    jsonl.write(tmp_path / "in.jsonl", samples)
    server = serve(behind(Translator(golds)))
    assert pointline(*words(server, tmp_path / "out")).code == 0
    server.asked.clear()
    (tmp_path / "set.toml").write_text('[glossary]\nLima = "利马"\n', encoding="utf-8")
    assert pointline(*words(server, tmp_path / "out", "--config", tmp_path / "set.toml")).code == 0
    with_lima = [one for one in samples if "Lima" in one.text]
    assert 0 < len(with_lima) < 40
    assert len(server.asked) == len(with_lima)
    assert all("Translate “Lima” as “利马”" in prompt for prompt in server.asked)


def test_a_wrong_key_is_one_line(
    pointline: Run, serve: Serve, words: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(request: web.Request, prompt: str) -> web.StreamResponse:
        return web.json_response({"error": {"message": "wrong key"}}, status=401)

    samples, _, _ = made(3)
    jsonl.write(tmp_path / "in.jsonl", samples)
    monkeypatch.setenv("MY_KEY", "not-the-one")
    ran = pointline(*words(serve(refuse), tmp_path / "out", "--key-env", "MY_KEY"))
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "MY_KEY" in ran.err
    assert "not-the-one" not in ran.err
    monkeypatch.delenv("MY_KEY")
    assert pointline(*words(serve(refuse), tmp_path / "out", "--key-env", "MY_KEY")).code == 2


def test_a_full_disk_is_one_line(
    pointline: Run, serve: Serve, words: Callable[..., list[str]], tmp_path: Path, small_disk: Path
) -> None:
    samples, golds, _ = made(10)
    jsonl.write(tmp_path / "in.jsonl", samples)
    server = serve(behind(Translator(golds)))
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(36_000_000))
    ran = pointline(*words(server, small_disk / "out"))
    assert (ran.code, ran.err.count("\n")) == (1, 1), ran.err
    assert "the disk is full" in ran.err
    ballast.unlink()
    assert pointline(*words(server, small_disk / "out")).code == 0
    assert set(server.asked.values()) == {1}


@pytest.mark.parametrize(
    ("sample", "more", "told"),
    [
        (
            Sample("a", "x", "ja", labels=["未知"]),
            ("--labels", "scpos"),
            "(first in sample 'a') has no translation",
        ),
        (Sample("a", "x", "ja", labels=["積極", "ポジティブ"]), (), "would become '积极'"),
        (Sample("a", "x", "zh", labels=[]), (), "are in zh already"),
        (Sample("a", "x", labels=[]), (), "say --from"),
    ],
)
def test_what_is_refused_before_anything_is_asked(
    pointline: Run, serve: Serve, words: Callable[..., list[str]], tmp_path: Path,
    sample: Sample, more: tuple[str, ...], told: str,
) -> None:  # fmt: skip
    jsonl.write(tmp_path / "in.jsonl", [sample])
    server = serve()
    ran = pointline(*words(server, tmp_path / "out", *more))
    assert (ran.code, ran.err.count("\n"), told in ran.err) == (1, 1, True), ran.err
    assert not server.asked
    assert not (tmp_path / "out").exists()


def test_the_papers_way_keeps_what_is_whole(
    pointline: Run, serve: Serve, words: Callable[..., list[str]], tmp_path: Path
) -> None:
    samples, golds, wanted = made(120, seed=9)
    jsonl.write(tmp_path / "in.jsonl", samples)
    server, out = serve(behind(Translator(golds, entity=0.15))), tmp_path / "out"
    ran = pointline(*words(server, out, "--method", "paper", "--json"))
    assert ran.code == 0, ran.err
    kept = list(jsonl.read(out / "kept.jsonl"))
    assert all(said_by(one) == said_by(wanted[one.id]) for one in kept)
    expected = sum(0.85 ** len(one.entities or ()) for one in samples)
    assert abs(len(kept) - expected) < 15
    assert set(json.loads(ran.out)["reasons"]["dropped"]) == {"entity_not_in_text"}
    assert sum(server.asked.values()) == 120


def test_labels_and_instruction_words_follow(
    pointline: Run, serve: Serve, words: Callable[..., list[str]], tmp_path: Path
) -> None:
    from translate.translator import Gold

    text, target = "音がとても良い", "音质很好"
    one = Sample("a", text, "ja", ["積極"], [Entity("ポジティブ", "良い", 5, 7)], meta={"task": "scpos-adj"})
    jsonl.write(tmp_path / "in.jsonl", [one])
    gold = Gold(text, target, (((5, 7), (3, 4)),))
    server, out = serve(behind(Translator([gold]))), tmp_path / "out"
    for method in ("marks", "paper"):
        ran = pointline(*words(server, out, "--method", method, "--json"))
        assert json.loads(ran.out)["labels"] == "scpos"
        [kept] = jsonl.read(out / "kept.jsonl")
        assert (kept.labels, [(e.type, e.text) for e in kept.entities or ()]) == (["积极"], [("积极", "好")])
        assert kept.meta["task"] == "scpos-adj"
    assert any("感情分析形容词" in prompt for prompt in server.asked)


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("--budget", "5", "--price-in", "1"), "a budget needs price_in and price_out"),
        (("--budget", "0.5"), "counts tokens where no prices are told"),
    ],
)
def test_a_budget_is_of_money_or_of_tokens(words: tuple[str, ...], match: str, tmp_path: Path) -> None:
    data = tmp_path / "s.jsonl"
    jsonl.write(data, [Sample("1", "play jazz", "en", ["Play"], [])])
    command = [sys.executable, "-m", "pointline", "translate", str(data), "--to", "zh", "--endpoint"]
    said = subprocess.run(
        [*command, "http://127.0.0.1:9/v1", "--model", "m", "--out", str(tmp_path / "out"), *words],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert said.returncode == 2
    assert match in said.stderr


def test_verdicts_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    from pointline.translate.reviewed import Precision

    path = tmp_path / "v.jsonl"
    path.write_text('{"id": "1/zh", "right": true}\n{"id": "1/zh", "right": false}\n')
    with pytest.raises(InputFault, match=r"v.jsonl:2: right: '1/zh' is said to be right and to be wrong"):
        Precision(path)


def test_verdicts_on_no_sample_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from pointline.translate.reviewed import Precision

    path = tmp_path / "v.jsonl"
    path.write_text('{"id": "nope/zh", "right": true}\n')
    assert Precision(path).share() is None
    assert "1 of 1 verdicts belong to no kept sample (first: nope/zh)" in caplog.text
