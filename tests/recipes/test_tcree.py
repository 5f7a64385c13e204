"""The recipe tcree, small: every step leaves what it says, reviews are true, the rounds are in the book."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointline import jsonl
from pointline.errors import SettingsFault
from pointline.recipes.tcree import Tcree, TcreeSettings, tcree
from pointline.recipes.tcree_text import write_documents
from pointline.sample import Sample, faults

SMALL = TcreeSettings(per_task=40, first=20, size=10, rounds=1, steps=4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tcree")


@pytest.fixture(scope="module")
def result(folder: Path) -> Tcree:
    return tcree(folder, SMALL)


def test_the_whole_story(result: Tcree, folder: Path) -> None:
    made = result.candidates
    assert made.relations > 20
    assert made.events > 20
    assert made.matched < made.sentences / 2
    assert [(one.number, one.drafted) for one in result.book.rounds] == [(1, 20), (2, 10)]
    assert result.book.rounds[0].model is None
    assert result.book.rounds[1].model is not None
    assert result.book.rounds[1].scores == result.scores[0]
    assert len(result.scores) == len(result.trained_on) == 2
    assert result.trained_on[1] > result.trained_on[0]
    first, second = ({s.id for s in jsonl.read(folder / f"round-{n}/reviewed.jsonl")} for n in (1, 2))
    assert not first & second


def test_every_sample_holds_one_triple_or_one_event_and_keeps_the_record(result: Tcree, folder: Path) -> None:
    files = [folder / "test.jsonl", folder / "candidates/candidates.jsonl", folder / "round-1/reviewed.jsonl"]
    for path in files:
        for sample in jsonl.read(path):
            assert not list(faults(sample))
            assert len(sample.relations or ()) + len(sample.events or ()) == 1
    shown = {sample.text for sample in jsonl.read(folder / "test.jsonl")}
    assert not shown & {sample.text for sample in jsonl.read(folder / "pool.jsonl")}


def test_documents_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_documents(tmp_path / name, 3, 10)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.txt"))
    assert len(files) > 10
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)


def test_a_sentence_without_a_triple_is_rejected(tmp_path: Path) -> None:
    truth = write_documents(tmp_path / "a", 0, 10)
    told = truth.review(Sample("1", "Nothing is known of this.", meta={"task": "re"}))
    assert told.meta["review"] == {"status": "rejected", "reason": "0 relations"}


def test_settings() -> None:
    with pytest.raises(SettingsFault, match="at least 1"):
        TcreeSettings(rounds=0)
