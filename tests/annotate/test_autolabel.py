"""The next batch: what is queued first, what is sure, what was labelled already; and the book of rounds."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from pointline import jsonl
from pointline.annotate.autolabel import BatchSettings, label
from pointline.annotate.roles import as_entities, from_entities, named
from pointline.annotate.rounds import decided, read_book, record
from pointline.errors import InputFault, Refusal, SettingsFault
from pointline.models.extractor import Extractor
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span
from pointline.schema import Schema


class Told(Extractor):
    """A model that answers from a table of samples, by text."""

    def __init__(self, answers: dict[str, Sample], roles: bool = False) -> None:
        self.answers, self.roles = answers, roles

    @property
    def fingerprint(self) -> str:
        return "0123456789abcdef"

    def known(self) -> Schema:
        return Schema().entities(["f@head"] if self.roles else ["team"])

    def predict(
        self, samples: Iterable[Sample], schema: Schema | None = None, batch_size: int = 64
    ) -> Iterator[Sample]:
        for sample in samples:
            yield replace(self.answers[sample.text], id=sample.id)


def answer(i: int, label: str, kind: str, score: float, chance: float = 1.0) -> Sample:
    text = f"Ann {i}"
    return Sample(
        str(i),
        text,
        "en",
        labels=[label],
        label_scores={label: chance},
        entities=[Entity(kind, "Ann", 0, 3, score=score)],
    )


@pytest.fixture
def answers() -> dict[str, Sample]:
    """Eighty sure ones of two labels, one whose types contradict its label, three less sure, one amiss."""
    made = [answer(i, *(("Sport", "team") if i % 2 else ("Law", "court")), 0.99) for i in range(80)]
    made += [answer(80, "Sport", "court", 0.99)]
    made += [answer(81 + i, "Law", "court", score) for i, score in enumerate((0.7, 0.3, 0.5))]
    made += [replace(answer(84, "Law", "court", 0.99), problems=["truncated"])]
    return {sample.text: sample for sample in made}


def pool(tmp_path: Path, answers: dict[str, Sample], **fields: object) -> Path:
    jsonl.write(tmp_path / "pool.jsonl", [Sample(a.id, a.text, "en", source="s", **fields) for a in answers.values()])  # type: ignore[arg-type]
    return tmp_path / "pool.jsonl"


def ids(path: Path) -> list[str]:
    return [sample.id for sample in jsonl.read(path)]


def test_the_least_sure_come_first_and_the_sure_ones_lie_apart(tmp_path: Path, answers: dict[str, Sample]) -> None:
    report = label(Told(answers), pool(tmp_path, answers), tmp_path / "out", BatchSettings(check=0.0))
    assert ids(tmp_path / "out/queue.jsonl") == ["84", "80", "82", "83", "81"]
    assert sorted(map(int, ids(tmp_path / "out/sure.jsonl"))) == list(range(80))
    assert ids(tmp_path / "out/later.jsonl") == []
    first, second, third = list(jsonl.read(tmp_path / "out/queue.jsonl"))[:3]
    assert list(first.meta["annotate"]["doubts"]) == ["truncated"]
    assert "speaks for 'Law'" in second.meta["annotate"]["doubts"]["contradicts_points"]
    assert third.meta["annotate"] == {"model": "0123456789ab", "chance": 0.3, "doubts": {"low_confidence": "0.30"}}
    assert third.source == "s"
    assert (report.pool, report.queued, report.sure, report.later) == (85, 5, 80, 0)
    assert json.loads((tmp_path / "out/report.json").read_bytes())["doubts"]["low_confidence"] == 3
    assert not (tmp_path / "out/pool.jsonl").exists()


def test_a_size_and_other_orders(tmp_path: Path, answers: dict[str, Sample]) -> None:
    data, model = pool(tmp_path, answers), Told(answers)
    label(model, data, tmp_path / "a", BatchSettings(size=2, check=0.0))
    assert ids(tmp_path / "a/queue.jsonl") == ["84", "80"]
    assert ids(tmp_path / "a/later.jsonl") == ["81", "82", "83"]
    label(model, data, tmp_path / "b", BatchSettings(size=10, order="random", seed=1, check=0.0))
    label(model, data, tmp_path / "c", BatchSettings(size=10, order="random", seed=2, check=0.0))
    assert ids(tmp_path / "b/queue.jsonl") != ids(tmp_path / "c/queue.jsonl")
    label(model, data, tmp_path / "d", BatchSettings(size=3, order="file", check=0.0))
    assert ids(tmp_path / "d/queue.jsonl") == ["0", "1", "2"]
    parts = [ids(tmp_path / "b" / name) for name in ("queue.jsonl", "sure.jsonl", "later.jsonl")]
    assert sorted(itertools.chain(*parts)) == sorted(ids(data))


def test_a_share_of_the_sure_ones_is_checked(tmp_path: Path, answers: dict[str, Sample]) -> None:
    report = label(Told(answers), pool(tmp_path, answers), tmp_path / "out", BatchSettings(check=1.0))
    assert (report.queued, report.sure, report.doubts["check"]) == (85, 0, 80)


def test_what_is_labelled_already_is_left_out(tmp_path: Path, answers: dict[str, Sample]) -> None:
    data = pool(tmp_path, answers)
    jsonl.write(tmp_path / "done.jsonl", list(answers.values())[:80])
    report = label(Told(answers), data, tmp_path / "out", done=(str(tmp_path / "done.jsonl"),))
    assert (report.pool, report.done) == (5, 80)
    # What was labelled before still tells which types go with which label.
    assert report.doubts["contradicts_points"] == 1
    jsonl.write(tmp_path / "all.jsonl", answers.values())
    with pytest.raises(InputFault, match="holds no sample that is not labelled already"):
        label(Told(answers), data, tmp_path / "out", done=(str(tmp_path / "all.jsonl"),))


def test_a_given_label_and_a_rules_draft(tmp_path: Path, answers: dict[str, Sample]) -> None:
    data = pool(tmp_path, answers, labels=["Law"], entities=[])
    report = label(Told(answers), data, tmp_path / "out", BatchSettings(check=0.0))
    assert report.doubts["label_differs"] == 41
    assert report.doubts["differs_from_draft"] == 85
    assert all(s.labels == ["Law"] for s in jsonl.read(tmp_path / "out/queue.jsonl"))
    label(Told(answers), data, tmp_path / "out", BatchSettings(check=0.0, labels="model"))
    assert {s.labels[0] for s in jsonl.read(tmp_path / "out/queue.jsonl") if s.labels} == {"Law", "Sport"}


def test_a_model_without_scores(tmp_path: Path) -> None:
    said = {"x": Sample("1", "x", labels=["a"], entities=[])}
    report = label(Told(said), pool(tmp_path, said), tmp_path / "out")
    assert report.doubts == {"no_scores": 1}


FOUNDED = Relation("f", Span("Ann", 0, 3), Span("Orva", 12, 16))
SOLD = Event("sold", Span("sold", 21, 25), [Argument("subject", "Ann", 0, 3), Argument("object", "it", 26, 28)])
TEXT = "Ann founded Orva and sold it"


def test_roles_both_ways() -> None:
    both = as_entities([Sample("1", TEXT, relations=[FOUNDED]), Sample("2", TEXT, events=[SOLD])])
    [one] = both
    assert [e.type for e in one.entities or ()] == ["f@head", "sold@subject", "f@tail", "sold@trigger", "sold@object"]
    back = from_entities(one)
    assert (back.relations, back.events, back.problems) == ([FOUNDED], [SOLD], None)
    assert from_entities(one, "re").events is None
    assert from_entities(one, "ee").relations is None
    assert named(["f@head"])
    assert not named(["team"])
    assert not named(None)


def test_of_several_the_likeliest_and_nothing_half() -> None:
    scored = [
        Entity("f@head", "Ann", 0, 3, score=0.4),
        Entity("f@head", "Orva", 12, 16, score=0.9),
        Entity("g@head", "it", 26, 28, score=0.9),
        Entity("f@tail", "Ann", 0, 3, score=0.9),
    ]
    found = from_entities(Sample("1", TEXT, entities=scored))
    assert [(r.head.text, r.tail.text, r.score) for r in found.relations or ()] == [("Orva", "Ann", 0.9)]
    assert found.events == []
    assert found.problems == ["role_left_out"]


def test_roles_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(Refusal, match="has two relations"):
        as_entities([Sample("1", TEXT, relations=[FOUNDED, replace(FOUNDED, type="g")])])
    with pytest.raises(Refusal, match="rename the role 'head'"):
        as_entities([Sample("1", TEXT, events=[Event("e", None, [Argument("head", "Ann", 0, 3)])])])


def test_a_model_of_roles_answers_with_triples(tmp_path: Path) -> None:
    [flat] = as_entities([Sample("1", TEXT, relations=[FOUNDED]), Sample("2", TEXT, events=[SOLD])])
    data = pool(tmp_path, {TEXT: flat}, meta={"task": "re", "annotate": {"rule": "r"}}, relations=[FOUNDED])
    label(Told({TEXT: flat}, roles=True), data, tmp_path / "out", BatchSettings(order="file"))
    [sample] = jsonl.read(tmp_path / "out/queue.jsonl")
    assert (sample.relations, sample.events, sample.entities) == ([FOUNDED], None, None)
    assert sample.meta["annotate"]["rule"] == "r"


def test_the_book_counts_what_was_saved(tmp_path: Path, answers: dict[str, Sample]) -> None:
    label(Told(answers), pool(tmp_path, answers), tmp_path / "out", BatchSettings(check=0.0))
    drafts = list(jsonl.read(tmp_path / "out/queue.jsonl"))
    fixed = replace(drafts[1], entities=[Entity("team", "Ann", 0, 3)])
    after = [drafts[0], fixed, replace(drafts[2], meta={"review": {"status": "rejected"}})]
    after += [replace(drafts[3], meta={"review": {"status": "flagged"}})]
    jsonl.write(tmp_path / "reviewed.jsonl", after)
    book = tmp_path / "rounds.json"
    told = record(book, tmp_path / "out/queue.jsonl", tmp_path / "reviewed.jsonl")
    assert (told.drafted, told.decided, told.accepted, told.fixed, told.rejected, told.open) == (5, 3, 1, 1, 1, 2)
    assert (told.labels["entities"].drafted, told.labels["entities"].decided, told.labels["entities"].kept) == (2, 2, 1)
    assert told.saved == 75.0
    assert told.model == "0123456789ab"
    assert len(list(decided(tmp_path / "reviewed.jsonl"))) == 2
    jsonl.write(tmp_path / "gold.jsonl", [answers["Ann 0"]])
    files = (tmp_path / "gold.jsonl", tmp_path / "gold.jsonl")
    again = record(book, tmp_path / "out/queue.jsonl", tmp_path / "reviewed.jsonl", files)
    assert (again.number, again.scores) == (1, {"TL": 100.0, "WL": 100.0, "ALL": 100.0})
    jsonl.write(tmp_path / "more.jsonl", drafts[4:])
    assert record(book, tmp_path / "out/queue.jsonl", tmp_path / "more.jsonl").number == 2
    assert [one.number for one in read_book(book).rounds] == [1, 2]


def test_faulty_books_and_reviews(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "a.jsonl", [Sample("1", "x")])
    jsonl.write(tmp_path / "b.jsonl", [Sample("2", "x")])
    with pytest.raises(InputFault, match=r"b\.jsonl:1: sample '2' is not among the drafts"):
        record(tmp_path / "r.json", tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    (tmp_path / "r.json").write_text("[]")
    with pytest.raises(InputFault, match="is no book of rounds"):
        read_book(tmp_path / "r.json")


def test_settings_that_cannot_be() -> None:
    with pytest.raises(SettingsFault, match="are shares"):
        BatchSettings(sure=1.5)
    with pytest.raises(SettingsFault, match="at least 1"):
        BatchSettings(size=0)
