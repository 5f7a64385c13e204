"""Versions, decisions, conflicts, blind work and adjudication, who holds what; nothing is ever overwritten."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgspec
import pytest
from review_samples import TEXT, draft, entity, new_store

from pointline import jsonl
from pointline.errors import InputFault, Refusal
from pointline.review.figures import figures
from pointline.review.filing import bring, results, verdicts
from pointline.review.item import content
from pointline.review.ledger import Ledger, ReviewSettings
from pointline.review.people import Person
from pointline.review.seeking import Filter, Seeking
from pointline.review.store import Stale, Store
from pointline.sample import Sample

ADA, BO, JUDGE = Person("ada"), Person("bo"), Person("cleo", "adjudicator")


def edited(**changes: object) -> Sample:
    return msgspec.structs.replace(draft(), **changes)


def test_an_edit_is_a_new_version_and_the_draft_stays(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    saved = store.save(ADA, 1, 0, edited(labels=["travel"]))
    view = store.view(ADA, 1)
    assert (view.version, view.sample.labels, view.draft.labels) == (saved.version, ["travel"], ["music"])
    assert store.decide(ADA, 1, saved.version, "accept") == "fixed"
    assert store.decide(ADA, 2, 0, "fix") == "accepted"


def test_what_was_saved_survives_a_new_opening(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    store.save(ADA, 1, 0, edited(labels=["travel"]))
    again = Store(Ledger(tmp_path / "r.sqlite"))
    assert again.view(ADA, 1).sample.labels == ["travel"]
    assert again.add([]) == 0


def test_versions_decisions_and_the_trail_only_grow(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    store.save(ADA, 1, 0, edited(labels=["travel"]))
    for table in ("versions", "trail"):
        with pytest.raises(sqlite3.IntegrityError, match="only grow"):
            store.db.execute(f"DELETE FROM {table}")
    assert [line["what"] for line in store.ledger.trail(1)] == ["edit"]


def test_two_edits_that_do_not_touch_are_joined(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    store.save(ADA, 1, 0, edited(labels=["travel"]))
    lute = sorted([*(draft().entities or ()), entity(TEXT, "thing", "lute")], key=lambda e: e.start or 0)
    saved = store.save(BO, 1, 0, edited(entities=lute))
    assert saved.merged
    assert (saved.sample.labels, saved.sample.entities) == (["travel"], lute)


def test_edits_that_touch_are_shown_and_both_are_kept(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    first = store.save(ADA, 1, 0, edited(labels=["travel"]))
    saved = store.save(BO, 1, 0, edited(labels=["sport"]))
    assert [(c.theirs, c.mine) for c in saved.conflicts] == [(["travel"], ["sport"])]
    assert saved.version == first.version
    assert store.view(BO, 1).sample.labels == ["travel"]
    kinds = [row["kind"] for row in store.db.execute("SELECT kind FROM versions ORDER BY n")]
    assert kinds == ["edit", "aside"]
    resolved = store.save(BO, 1, saved.version, edited(labels=["sport"]))
    assert store.view(ADA, 1).version == resolved.version


def test_sending_an_edit_twice_makes_one_version(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    one = store.save(ADA, 1, 0, edited(labels=["travel"]))
    assert store.save(ADA, 1, 0, edited(labels=["travel"])).version == one.version


def test_a_faulty_sample_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    wrong = edited(entities=[msgspec.structs.replace(entity(TEXT, "x", "lute"), start=0)])
    with pytest.raises(Refusal, match=r"entities\[0\]"):
        store.save(ADA, 1, 0, wrong)
    assert store.view(ADA, 1).version == 0
    with pytest.raises(Refusal, match="no item 9"):
        store.view(ADA, 9)


def test_a_decision_about_an_older_version_is_stale(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    store.save(BO, 1, 0, edited(labels=["travel"]))
    with pytest.raises(Stale):
        store.decide(ADA, 1, 0, "accept")
    with pytest.raises(Refusal, match="reason"):
        store.decide(ADA, 2, 0, "reject")


def test_people_are_given_different_items(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    seeking = Seeking(store)
    assert [seeking.next(ADA), seeking.next(BO), seeking.next(ADA)] == [1, 2, 1]
    store.decide(ADA, 1, 0, "skip")
    assert seeking.next(ADA, after=1) == 3
    store.decide(ADA, 3, 0, "accept")
    assert seeking.next(ADA, after=3) is None
    store.ledger.now.time += 2000  # type: ignore[attr-defined]
    assert seeking.next(ADA, after=3) == 2


def test_blind_work_is_hidden_until_both_are_done_then_an_adjudicator_decides(tmp_path: Path) -> None:
    store = new_store(tmp_path, overlap=2)
    seeking = Seeking(store)
    assert [seeking.next(ADA), seeking.next(BO), seeking.next(JUDGE)] == [1, 1, None]
    with pytest.raises(Refusal, match="with others"):
        store.save(Person("dan"), 1, 0, edited(labels=["x"]))
    saved = store.save(ADA, 1, 0, edited(labels=["travel"]))
    store.add_note(ADA, 1, "not music")
    assert store.view(BO, 1).sample.labels == ["music"]
    assert store.view(BO, 1).notes == []
    store.decide(ADA, 1, saved.version, "fix")
    assert store.view(JUDGE, 1).status == "waiting"
    store.decide(BO, 1, 0, "accept")
    assert seeking.next(JUDGE) == 1
    seen = store.view(JUDGE, 1)
    assert seen.status == "disputed"
    assert [(one.author, one.status, one.sample.labels) for one in seen.blind] == [
        ("ada", "fixed", ["travel"]),
        ("bo", "accepted", ["music"]),
    ]
    final = store.save(JUDGE, 1, 0, seen.blind[0].sample)
    assert store.decide(JUDGE, 1, final.version, "accept") == "fixed"
    assert figures(store).agreement is not None


def test_blind_work_that_agrees_needs_no_adjudicator(tmp_path: Path) -> None:
    store = new_store(tmp_path, overlap=2)
    seeking = Seeking(store)
    for person in (ADA, BO):
        seeking.next(person)
        saved = store.save(person, 1, 0, edited(labels=["travel"]))
        store.decide(person, 1, saved.version, "fix")
    view = store.view(JUDGE, 1)
    assert (view.status, view.sample.labels) == ("fixed", ["travel"])
    store.decide(BO, 1, store.view(BO, 1).version, "reopen")
    assert store.view(JUDGE, 1).status in ("waiting", "fixed")


def test_filters_and_jumps(tmp_path: Path) -> None:
    store = new_store(tmp_path, 5)
    store.save(ADA, 2, 0, edited(labels=["travel"]))
    store.decide(ADA, 3, 0, "flag", "odd")
    seeking = Seeking(store)
    assert seeking.find(ADA, Filter(label="travel"))[0] == 1
    assert seeking.find(ADA, Filter(label="music"))[0] == 4
    assert seeking.find(ADA, Filter(text="LUTE"))[0] == 5
    assert [row.pos for row in seeking.find(ADA, Filter(status="flagged"))[1]] == [3]
    assert [row.pos for row in seeking.find(ADA, Filter(reviewer="ada"))[1]] == [3]
    assert seeking.step(ADA, Filter(reason="low_confidence"), 2) == 3
    assert seeking.step(ADA, Filter(), 1, back=True) is None
    assert (seeking.jump(ADA, "4"), seeking.jump(ADA, "s/5"), seeking.jump(ADA, "nowhere")) == (4, 5, None)
    assert dict(seeking.choices()["label"]) == {"music": 4, "travel": 1}


def test_results_tell_their_story_and_come_back(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    saved = store.save(ADA, 1, 0, edited(labels=["travel"]))
    store.add_note(ADA, 1, "see the label")
    store.decide(ADA, 1, saved.version, "accept", seconds=12.0)
    store.decide(ADA, 2, 0, "accept", seconds=4.0)
    store.decide(BO, 3, 0, "reject", "not a sentence")
    out = tmp_path / "out.jsonl"
    jsonl.write(out, results(store))
    first, second, third = (sample.meta["review"] for sample in jsonl.read(out))
    assert (first["status"], first["reviewer"], first["corrected"]) == ("fixed", "ada", True)
    assert [event["what"] for event in first["history"]] == ["edit", "fixed"]
    assert second["status"] == "accepted"
    assert third["reason"] == "not a sentence"
    assert [line["right"] for line in verdicts(store)] == [False, True, False]
    shown = figures(store)
    assert shown.corrected is not None
    assert round(shown.corrected.value) == 67
    assert shown.people[0].seconds == 8.0
    (tmp_path / "b").mkdir()
    other = new_store(tmp_path / "b")
    assert bring(other, out) == (3, 0)
    assert list(map(content, results(other))) == list(map(content, results(store)))
    assert [line["right"] for line in verdicts(other)] == [False, True, False]
    assert bring(other, out) == (3, 0)
    assert other.view(ADA, 1).history == other.view(BO, 1).history
    assert len(other.view(ADA, 1).history) == 2


def test_another_file_is_no_review_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(
        "hello, this is a text that is longer than a header of a hundred bytes, I should say so"
    )
    with pytest.raises(InputFault, match="no review file"):
        Ledger(tmp_path / "x")
    Ledger(tmp_path / "r.sqlite", ReviewSettings(2))
    with pytest.raises(InputFault, match="overlap=2"):
        Ledger(tmp_path / "r.sqlite", ReviewSettings(1))
