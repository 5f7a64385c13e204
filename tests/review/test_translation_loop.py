"""From a translation to its precision: a run, its folder on the page, verdicts, the report that reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from llm.conftest import Server, serve
from translate.conftest import behind, pointline
from translate.translator import Translator, made

from pointline import jsonl
from pointline.review.ledger import Ledger
from pointline.review.people import Person
from pointline.review.seeking import Filter, Seeking
from pointline.review.store import Store

__all__ = ["pointline", "serve"]


def test_a_run_is_reviewed_and_its_report_tells_the_precision(
    pointline: Callable[..., Any], serve: Callable[..., Server], tmp_path: Path
) -> None:
    samples, golds, _ = made(30)
    jsonl.write(tmp_path / "in.jsonl", samples)
    server = serve(behind(Translator(golds, entity=0.3, seed=5)))
    run = ["translate", tmp_path / "in.jsonl", "--to", "zh", "--endpoint", server.url, "--model", "small"]
    run = [str(word) for word in (*run, "--out", tmp_path / "zh")]
    assert pointline(*run).code == 0
    assert pointline("review", tmp_path / "zh", "--figures").code == 0

    store = Store(Ledger(tmp_path / "zh" / "review.sqlite"))
    me, seeking = Person("me", "adjudicator"), Seeking(store)
    count, rows = seeking.find(me, Filter(origin="check.jsonl"), limit=1000)
    assert count >= 10
    for place, row in enumerate(rows):
        seen = store.view(me, row.pos)
        assert seen.source is not None
        assert seen.source.id == seen.id.removesuffix("/zh")
        if place < 2:
            store.decide(me, row.pos, 0, "reject", "wrong spans")
        else:
            store.decide(me, row.pos, 0, "accept")
    verdicts = tmp_path / "verdicts.jsonl"
    assert pointline("review", "--db", store.ledger.path, "--export", verdicts, "--to", "verdicts").code == 0
    report = json.loads(pointline(*run, "--reviewed", str(verdicts), "--json").out)
    value, low, high, n = report["precision"]
    assert (round(value, 6), n) == (round(100 * (count - 2) / count, 6), count)
    assert low < value < high
