"""Open text labels against a real server on loopback: labelled, queued, merged, resumed, replayed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from llm.conftest import Server, completion, serve

from pointline import jsonl
from pointline.annotate.label_text import Job, dry_run, label_text
from pointline.annotate.settings import LabelSettings
from pointline.errors import BudgetSpent, EndpointFault, InputFault, SettingsFault
from pointline.llm import Settings as ClientSettings
from pointline.llm import record
from pointline.sample import Entity, Sample

__all__ = ["serve"]
Serving = Callable[..., Server]
FAST = ClientSettings(concurrency=4, backoff=0.01, timeout=5.0)

TEXTS = {
    "The striker scored twice.": ("Sports", "sports", "Sport"),
    "The keeper held the ball.": ("Sports", "Label: Sports.", "Football"),
    "The league begins in May.": ("**Sports**", "Sports", "Football"),
    "The vaccine was approved.": ("Medicine", "Health", "Medicine"),
    "A new drug for the heart.": ("Medicine", "Medicine", "Health"),
    "The nurse took a sample.": ("```\nMedicine\n```", "Medicine", "medicine"),
    "選挙は来月行われる。": ("政治", "「政治」", "政治。"),
    "法案が可決された。": ("政治", "政治", "ラベル：政治"),
    "首相が辞任した。": ("政治", "政治", "政治"),
    "Somebody said something.": ("I'm sorry, I cannot do that.", "", "one two three four five six seven"),
}
TYPES = {"Sports": "team", "Medicine": "drug", "政治": "役職"}


async def label(request: web.Request, prompt: str) -> web.StreamResponse:
    """The n-th answer of the table, n from the seed of the request."""
    body = await request.json()
    said = next(answers[body["seed"] % 3] for text, answers in TEXTS.items() if text in prompt)
    return web.json_response(completion(said, {"prompt_tokens": 100, "completion_tokens": 2}))


def samples() -> list[Sample]:
    found = []
    for i, (text, answers) in enumerate(TEXTS.items()):
        kind = TYPES.get(answers[0].strip("`*\n"), "other")
        word = text.split()[0] if " " in text else text[:2]
        found.append(Sample(f"s{i}", text, entities=[Entity(kind, word, 0, len(word))]))
    return found


def job(server: Server, tmp_path: Path, given: list[Sample] | None = None, **fields: Any) -> Job:
    data = tmp_path / "in.jsonl"
    if not data.exists():
        jsonl.write(data, given if given is not None else samples())
    chosen = LabelSettings(**{"client": FAST, "rare": 2, "check": 0.0, **fields.pop("settings", {})})
    return Job(str(data), str(tmp_path / "out"), server.endpoint(), chosen, **fields)


def read(tmp_path: Path, name: str) -> list[Sample]:
    return list(jsonl.read(tmp_path / "out" / name))


def test_labels_spellings_and_agreement(serve: Serving, tmp_path: Path) -> None:
    report = label_text(job(serve(label), tmp_path))
    got = {s.text: s for s in read(tmp_path, "labelled.jsonl")}
    assert [s.id for s in read(tmp_path, "labelled.jsonl")] == [s.id for s in samples()]
    assert got["The striker scored twice."].labels == ["Sports"]
    assert got["The striker scored twice."].label_scores == {"Sports": 1.0}
    assert got["The keeper held the ball."].meta["annotate"]["votes"] == {"Sports": 2, "Football": 1}
    assert got["首相が辞任した。"].labels == ["政治"]
    assert got["Somebody said something."].labels is None
    assert report.labels == {"Medicine": 3, "Sports": 3, "政治": 3}
    assert report.unread == {"excuse": 1, "no_label": 1, "too_long": 1}
    assert (report.samples, report.labelled, report.asked) == (10, 9, 30)
    assert json.loads((tmp_path / "out/report.json").read_bytes())["labels"] == report.labels


def test_the_queue_begins_with_the_gravest_doubt(serve: Serving, tmp_path: Path) -> None:
    lone = [Sample("lone", "The striker scored twice.", labels=None, entities=[Entity("drug", "The", 0, 3)])]
    many = [msgspec.structs.replace(s, id=f"{s.id}-{n}", text=s.text + " " * n) for n in range(12) for s in samples()]
    report = label_text(job(serve(label), tmp_path, [*many, *lone], settings={"agreement": 0.9}))
    queue = read(tmp_path, "queue.jsonl")
    reasons = [next(iter(s.meta["annotate"]["doubts"])) for s in queue]
    assert reasons == sorted(reasons, key=["no_label", "contradicts_entities", "low_agreement"].index)
    assert [s.id for s in queue if "contradicts_entities" in s.meta["annotate"]["doubts"]] == ["lone"]
    assert "'Medicine'" in next(s for s in queue if s.id == "lone").meta["annotate"]["doubts"]["contradicts_entities"]
    assert report.queue["no_label"] == 12
    assert report.queue["low_agreement"] == 12 * 4
    assert report.queued == len(queue) == 12 * 5 + 1


def test_a_share_of_the_certain_ones_is_checked(serve: Serving, tmp_path: Path) -> None:
    report = label_text(job(serve(label), tmp_path, settings={"check": 1.0}))
    assert report.queue == {"no_label": 1, "contradicts_entities": 0, "low_agreement": 0, "rare_label": 0, "check": 9}


def test_a_reviewed_table_is_fed_back_without_asking_anew(serve: Serving, tmp_path: Path) -> None:
    server = serve(label)
    label_text(job(server, tmp_path))
    table = (tmp_path / "out/merge.toml").read_text(encoding="utf-8")
    assert '"Sport" = "Sports"  # 1' in table
    assert '# "Football" = "Sports"' not in table  # no text has Football as its label
    reviewed = tmp_path / "reviewed.toml"
    reviewed.write_text('[labels]\n"health" = "Medicine"\n"Medicine" = "医療"\n"Nothing" = "x"\n', encoding="utf-8")
    report = label_text(job(server, tmp_path, merge=str(reviewed)))
    assert report.asked == 0
    assert report.labels == {"Sports": 3, "医療": 3, "政治": 3}
    assert report.unused == ["Nothing"]
    assert report.agreement > 0.9
    kept = (tmp_path / "out/merge.toml").read_text(encoding="utf-8")
    assert '"health" = "医療"' in kept
    again = label_text(job(server, tmp_path, merge=str(tmp_path / "out/merge.toml")))
    assert again.labels == report.labels


def test_proposals_stand_as_comments(serve: Serving, tmp_path: Path) -> None:
    async def both(request: web.Request, prompt: str) -> web.StreamResponse:
        body = await request.json()
        first, second = ("Law", "Justice") if "court" in prompt else ("Justice", "Law")
        return web.json_response(completion(second if body["seed"] % 3 == 2 else first))

    given = [Sample(f"{i}", f"{'court' if i % 3 else 'judge'} {i}") for i in range(9)]
    label_text(job(serve(both), tmp_path, given))
    lines = (tmp_path / "out/merge.toml").read_text(encoding="utf-8").splitlines()
    assert '# "Justice" = "Law"  # 3; 9 of 9 texts got both' in lines


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('[labels]\n"a" = "b"\n"b" = "a"\n', "goes in a circle: a -> b -> a"),
        ('[labels]\n"*" = "b"\n', "'\\*' would rename every label"),
        ('[entities]\n"a" = "b"\n', "only text labels are merged here"),
        ("[labels\n", "is not TOML"),
    ],
)
def test_a_bad_table(serve: Serving, tmp_path: Path, table: str, told: str) -> None:
    path = tmp_path / "t.toml"
    path.write_text(table, encoding="utf-8")
    with pytest.raises(InputFault, match=told):
        label_text(job(serve(label), tmp_path, merge=str(path)))


def test_labelled_and_empty_texts_are_not_asked(serve: Serving, tmp_path: Path) -> None:
    server = serve(label)
    given = [Sample("a", "The nurse took a sample.", labels=["Work"]), Sample("b", " "), *samples()[:1]]
    report = label_text(job(server, tmp_path, given))
    assert report.skipped == {"empty_text": 1, "has_labels": 1}
    assert [s.labels for s in read(tmp_path, "labelled.jsonl")] == [["Work"], None, ["Sport"]]
    assert report.asked == 3
    report = label_text(job(server, tmp_path, settings={"relabel": True}))
    assert [s.labels for s in read(tmp_path, "labelled.jsonl")] == [["Medicine"], None, ["Sport"]]


def test_equal_texts_are_paid_once(serve: Serving, tmp_path: Path) -> None:
    [one] = samples()[:1]
    given = [msgspec.structs.replace(one, id=f"{i}") for i in range(50)]
    priced = msgspec.structs.replace(FAST, price_in=1e4, price_out=1e4)
    report = label_text(job(serve(label), tmp_path, given, settings={"client": priced}))
    assert (report.asked, report.answers, report.labelled) == (3, 150, 50)
    assert report.cost_per_label == pytest.approx(3 * 102 * 1e4 / 1e6 / 50)


def test_a_run_that_ends_early_goes_on_where_it_was(serve: Serving, tmp_path: Path) -> None:
    server = serve(label)
    priced = ClientSettings(concurrency=1, max_concurrency=1, price_in=1e4, price_out=1e4, budget=10.5)
    with pytest.raises(BudgetSpent):
        label_text(job(server, tmp_path, settings={"client": priced}))
    paid = sum(server.asked.values())
    assert 0 < paid < 30
    assert not (tmp_path / "out/labelled.jsonl").exists()
    report = label_text(job(server, tmp_path, settings={"client": msgspec.structs.replace(priced, budget=1e3)}))
    assert sum(server.asked.values()) == 30 == report.asked + paid
    assert report.cost_per_label is not None
    assert report.cost_per_label * report.labelled == pytest.approx(30 * 102 * 1e4 / 1e6)


def test_dry_run_and_replay(serve: Serving, tmp_path: Path) -> None:
    server = serve(label)
    told = dry_run(job(server, tmp_path))
    assert (told.rows, told.asked, sum(server.asked.values())) == (30, 30, 0)
    first = label_text(job(server, tmp_path))
    bytes_of = {
        name: (tmp_path / "out" / name).read_bytes() for name in ("labelled.jsonl", "queue.jsonl", "merge.toml")
    }
    record(tmp_path / "out/answers.db", tmp_path / "answers.jsonl")
    fresh = msgspec.structs.replace(job(server, tmp_path), replay=str(tmp_path / "answers.jsonl"))
    (tmp_path / "out/answers.db").unlink()
    assert label_text(fresh).labels == first.labels
    assert {name: (tmp_path / "out" / name).read_bytes() for name in bytes_of} == bytes_of
    assert sum(server.asked.values()) == 30


def test_two_runs_on_one_folder(serve: Serving, tmp_path: Path) -> None:
    async def second(request: web.Request, prompt: str) -> web.StreamResponse:
        try:
            await asyncio.to_thread(label_text, told)
        except InputFault as fault:
            refused.append(str(fault))
        return await label(request, prompt)

    refused: list[str] = []
    told = job(serve(second), tmp_path, samples()[:1])
    label_text(told)
    assert len(refused) == 3
    assert "another run is writing it" in refused[0]


def test_rows_without_an_answer_are_queued(serve: Serving, tmp_path: Path) -> None:
    async def picky(request: web.Request, prompt: str) -> web.StreamResponse:
        if "nurse" in prompt:
            return web.json_response({"error": {"message": "flagged by our content policy"}}, status=400)
        return await label(request, prompt)

    report = label_text(job(serve(picky), tmp_path))
    assert report.unread["refused"] == 3
    doubts = {s.id: s.meta["annotate"]["doubts"] for s in read(tmp_path, "queue.jsonl")}
    assert doubts["s5"] == {"no_label": "refused"}


def test_a_wrong_key_ends_the_run(serve: Serving, tmp_path: Path) -> None:
    async def shut(request: web.Request, prompt: str) -> web.StreamResponse:
        return web.json_response({"error": {"message": "no such key"}}, status=401)

    with pytest.raises(EndpointFault):
        label_text(job(serve(shut), tmp_path))


def test_settings_that_do_not_go_together() -> None:
    with pytest.raises(SettingsFault, match="temperature 0 are all the same"):
        LabelSettings(temperature=0.0)
    with pytest.raises(SettingsFault, match="a budget needs price_in"):
        LabelSettings().within(2.0)
    assert LabelSettings(client=ClientSettings(price_in=1, price_out=1)).within(2.0).client.budget == 2.0


def test_stdin_is_refused(serve: Serving, tmp_path: Path) -> None:
    with pytest.raises(InputFault, match="is read several times"):
        label_text(msgspec.structs.replace(job(serve(label), tmp_path), data="-"))
