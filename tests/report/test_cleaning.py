"""The page of a cleaning shows every count and escapes what texts hold."""

from __future__ import annotations

from pathlib import Path

from pointline import jsonl
from pointline.clean.corpus import clean
from pointline.clean.rules import CleanSettings
from pointline.report.cleaning import cleaning_page
from pointline.report.render import render
from pointline.sample import Entity, Sample


def test_the_page_of_a_cleaning(tmp_path: Path) -> None:
    train = [
        Sample("1", "play <b>jazz</b> now", "en", ["a"], [Entity("genre", "<b>jazz</b>", 5, 16)]),
        Sample("2", "play <b>jazz</b> now", "en", ["a"], [Entity("genre", "<b>jazz</b>", 5, 16)]),
        Sample("3", "東京で寿司を食べた", "en", ["A"], [Entity("Genre", "東京", 1, 3)]),
    ]
    jsonl.write(tmp_path / "train.jsonl", train)
    jsonl.write(tmp_path / "test.jsonl", [Sample("t", "東京で寿司を食べた", "ja"), Sample("u", "stop the music", "en")])
    splits = {"train": tmp_path / "train.jsonl", "test": tmp_path / "test.jsonl"}
    report = clean(splits, tmp_path / "out", CleanSettings(rules="iepile-published", near_limit=1))
    html = render(cleaning_page(report))
    assert "3 of 5 samples kept, by the rules iepile-published" in html
    for word in ("duplicate", "in_test", "train and test", "near_limit=1"):
        assert word in html
    assert "<b>jazz</b>" not in html
    report = clean(splits, tmp_path / "all", CleanSettings(near="off"))
    assert "texts that are mostly not in the script of their language" in render(cleaning_page(report))
