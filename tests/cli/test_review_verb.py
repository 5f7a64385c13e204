"""The verb review: what it makes, prints and refuses; the page itself is tested in tests/review."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from review_live import write_samples
from review_samples import draft

from pointline import jsonl
from pointline.review.ledger import Ledger
from pointline.review.people import People, Person
from pointline.review.store import Store

Run = Callable[..., Any]
ADA = Person("ada")


@pytest.fixture
def db(tmp_path: Path, pointline: Run) -> Path:
    """A review of three samples: one accepted, one fixed, one open."""
    data = write_samples(tmp_path / "s.jsonl", [draft(n) for n in (1, 2, 3)])
    path = tmp_path / "r.sqlite"
    assert pointline("review", data, "--db", path, "--figures").code == 0
    store = Store(Ledger(path))
    store.decide(ADA, 1, 0, "accept")
    changed = draft(2)
    changed.labels = ["travel"]
    store.decide(ADA, 2, store.save(ADA, 2, 0, changed).version, "fix")
    return path


def test_results_go_out_in_every_format(db: Path, pointline: Run, tmp_path: Path) -> None:
    assert pointline("review", "--db", db, "--export", tmp_path / "all.jsonl").code == 0
    told = [sample.meta["review"]["status"] for sample in jsonl.read(tmp_path / "all.jsonl")]
    assert told == ["accepted", "fixed", "open"]
    done = pointline("review", "--db", db, "--export", tmp_path / "v.jsonl", "--to", "verdicts")
    assert "2 verdicts" in done.err
    rows = [json.loads(line) for line in (tmp_path / "v.jsonl").read_text().splitlines()]
    assert [(row["id"], row["right"]) for row in rows] == [("s/1", True), ("s/2", False)]
    for name in ("doccano", "labelstudio", "conll"):
        done = pointline("review", "--db", db, "--export", tmp_path / name, "--to", name)
        assert (done.code, "2 samples" in done.err) == (0, True), done.err
    pointline("review", "--db", db, "--export", tmp_path / "t.jsonl", "--to", "trail")
    done_by = [(row["author"], row["what"]) for row in map(json.loads, (tmp_path / "t.jsonl").read_text().splitlines())]
    assert done_by == [("", "added"), ("ada", "accepted"), ("ada", "edit"), ("ada", "fixed")]
    fixed = pointline("review", "--db", db, "--export", tmp_path / "f.jsonl", "--status", "fixed")
    assert "1 samples" in fixed.err
    assert pointline("review", "--db", db, "--export", tmp_path / "x", "--status", "done").code == 2


def test_results_come_back_into_a_new_review(db: Path, pointline: Run, tmp_path: Path) -> None:
    pointline("review", "--db", db, "--export", tmp_path / "all.jsonl")
    again = tmp_path / "again.sqlite"
    done = pointline("review", tmp_path / "s.jsonl", "--db", again, "--import", tmp_path / "all.jsonl")
    assert "3 results taken" in done.err
    told = json.loads(pointline("review", "--db", again, "--figures", "--json").out)
    assert told["statuses"] == {"accepted": 1, "fixed": 1, "open": 1}
    assert [round(x) for x in told["corrected"][:1]] == [50]
    assert "1 accepted" in pointline("review", "--db", again, "--figures").out


def test_a_models_doubts_come_first(pointline: Run, tmp_path: Path) -> None:
    data = write_samples(tmp_path / "s.jsonl", [draft(n) for n in (1, 2, 3)])
    sure = draft(3)
    sure.labels, sure.label_scores = ["travel"], {"travel": 0.9, "music": 0.1}
    answers = write_samples(tmp_path / "a.jsonl", [draft(1), draft(2), sure])
    db = tmp_path / "r.sqlite"
    assert pointline("review", data, "--db", db, "--predictions", answers, "--figures").code == 0
    row = Store(Ledger(db)).db.execute("SELECT id FROM items ORDER BY rank").fetchone()
    assert row["id"] == "s/3"


def test_verdicts_are_what_a_translation_reads(db: Path, pointline: Run, tmp_path: Path) -> None:
    from pointline.translate.outcome import Outcome
    from pointline.translate.reviewed import Precision

    told = json.loads(
        pointline("review", "--db", db, "--export", tmp_path / "v.jsonl", "--to", "verdicts", "--json").out
    )
    assert told["exported"]["written"] == 2
    precision = Precision(tmp_path / "v.jsonl")
    for n in (1, 2, 3):
        precision.add(Outcome(draft(n), "kept", draft(n)))
    share = precision.share()
    assert share is not None
    assert (share.value, share.n) == (50.0, 2)


def test_links_are_made_beside_a_running_page(db: Path, pointline: Run) -> None:
    ran = pointline("review", "--db", db, "--invite", "ada", "--no-serve", "--url", "https://x.example/", "--json")
    link = json.loads(ran.out)["links"]["ada"]
    assert link.startswith("https://x.example/join/")
    assert People(Ledger(db)).session(link.rpartition("/")[2]) is not None


def test_embedded_models_doubt_without_answers(pointline: Run, tmp_path: Path) -> None:
    """Too few samples for folds are refused in one line; the file is not made anew by that."""
    data = write_samples(tmp_path / "s.jsonl", [draft(1)])
    ran = pointline("review", data, "--folds", "2", "--figures")
    assert (ran.code, "folds" in ran.err) == (1, True)
    assert not (tmp_path / "s.jsonl.review.sqlite").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 1, "nothing to review"),
        (["nowhere.jsonl"], 1, "nowhere.jsonl"),
        (["s.jsonl", "--revoke", "nobody"], 2, "nobody here"),
        (["s.jsonl", "--invite", "ada:king"], 2, "king"),
        (["s.jsonl", "--overlap", "2", "--port", "0"], 1, "--invite"),
        (["s.jsonl", "--host", "0.0.0.0", "--port", "0"], 1, "invite people"),
        (["s.jsonl", "s.jsonl", "s.jsonl"], 1, "3 inputs"),
    ],
)
def test_what_is_refused(
    pointline: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_samples(tmp_path / "s.jsonl", [draft()])
    ran = pointline("review", *words)
    assert (ran.code, said in ran.err) == (code, True), ran.err
