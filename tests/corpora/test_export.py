"""Writers: what a format can hold comes back the same through its reader; what it cannot is counted."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointline import jsonl
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.corpora.export import WRITERS, export
from pointline.errors import InputFault, Refusal, SettingsFault
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span, span_key

CHARACTERS = st.sampled_from("ab XY.!、。日本語한글é😀𠮷é#:;/_\"'`()\\")
NAMES = st.sampled_from(["PER", "場所", "B-side", "org:name", "a b"])


@st.composite
def samples(draw: st.DrawFn, relations: bool = True, overlap: bool = True) -> Sample:
    """A sample with labels and entities, perhaps relations and events, every span placed."""
    text = draw(st.text(CHARACTERS, min_size=1, max_size=20)).strip() or "x"
    borders = st.integers(0, len(text))
    found: dict[tuple[int, int], Entity] = {}
    for a, b in draw(st.lists(st.tuples(borders, borders), max_size=4)):
        start, end = min(a, b), max(a, b)
        clash = any(start < e.end and e.start < end for e in found.values())
        wording = text[start:end]
        if wording and wording == wording.strip() and (overlap or not clash):
            found[start, end] = Entity(draw(NAMES), wording, start, end)
    entities = sorted(found.values(), key=span_key)
    sample = Sample("s/1", text, labels=[draw(st.sampled_from(["p", "neg", "混"]))], entities=entities)
    if relations and entities:
        ends = [Span(e.text, e.start, e.end, e.type) for e in entities]
        sample.relations = [Relation(draw(NAMES), draw(st.sampled_from(ends)), draw(st.sampled_from(ends)))]
    return sample


def back(made: list[Sample], to: str, options: tuple[str, ...] = ()) -> tuple[list[Sample], Report]:
    """Write, read again with the writer's own reader, and give both samples and the report."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out" if to in ("brat", "hf") else "out.spacy" if to == "spacy" else "out.file")
        report = Report()
        assert export(made, to, out, options, report) == len(made)
        writer = WRITERS[to]
        read = list(convert([out], Request(writer.reader, options=writer.options), Report(strict=True)))
    return read, report


def levels(sample: Sample, *names: str) -> dict[str, object]:
    return {name: getattr(sample, name) for name in ("id", "text", *names)}


@settings(max_examples=40)
@given(samples(relations=False, overlap=False), st.sampled_from(["BIO", "BMES", "BILOU", "BIOES", "IOB1"]))
def test_conll(sample: Sample, scheme: str) -> None:
    (again,), report = back([sample], "conll", (f"scheme={scheme}",))
    assert levels(again, "labels", "entities") == levels(sample, "labels", "entities")
    assert not report.noticed


@settings(max_examples=40)
@given(samples())
def test_labelstudio(sample: Sample) -> None:
    (again,), report = back([sample], "labelstudio")
    wanted = levels(sample, "labels", "entities", "relations")
    assert levels(again, "labels", "entities", "relations") == wanted
    assert not report.noticed


@settings(max_examples=40)
@given(samples())
def test_doccano(sample: Sample) -> None:
    (again,), report = back([sample], "doccano")
    assert levels(again, "labels", "entities", "relations") == levels(sample, "labels", "entities", "relations")
    assert not report.noticed


@settings(max_examples=12)
@given(samples(relations=False, overlap=False))
def test_spacy(sample: Sample) -> None:
    pytest.importorskip("spacy")
    (again,), report = back([sample], "spacy")
    assert levels(again, "labels", "entities") == levels(sample, "labels", "entities")
    assert not report.noticed


@settings(max_examples=10)
@given(st.lists(samples(), min_size=1, max_size=3))
def test_datasets_folder(made: list[Sample]) -> None:
    pytest.importorskip("pyarrow")
    for at, sample in enumerate(made):
        sample.id, sample.split, sample.lang, sample.meta = str(at), "train", "ja", {"k": [1, {"x": None}]}
    again, report = back(made, "hf")
    assert again == made
    assert not report.noticed


@settings(max_examples=60)
@given(st.lists(samples(), min_size=1, max_size=3))
def test_oiellm(made: list[Sample]) -> None:
    for at, sample in enumerate(made):
        sample.id, sample.lang, sample.split = str(at), ("en", "ja", "zh")[at], "train"
    with tempfile.TemporaryDirectory() as folder:
        out, report = Path(folder, "rows.jsonl"), Report()
        written = export(made, "oiellm", out, (), report)
        again = list(convert([out], Request("oiellm"), Report(strict=True)))
    assert written + report.noticed["sample_left_out"] == len(made)
    wanted = {sample.id: sample for sample in made}
    assert len(again) == written
    for sample in again:
        gold = wanted[sample.id]
        assert (sample.text, sample.lang, sample.split) == (gold.text, gold.lang, "train")
        assert sample.labels == gold.labels
        assert sorted((e.type, e.text) for e in sample.entities) == sorted((e.type, e.text) for e in gold.entities)
        assert [(r.type, r.head.text, r.tail.text) for r in sample.relations or ()] == [
            (r.type, r.head.text, r.tail.text) for r in gold.relations or ()
        ]


def test_oiellm_rows_of_others(tmp_path: Path) -> None:
    rows = [
        {"input": "play jazz by Kestrel/NER", "output": "Play/NER/:genre;jazz:artist;Kestrel"},
        {"input": "見て、富士山/固有表現抽出", "output": "/固有表現抽出/:place;富士山"},
        {"input": "either/or", "output": "Ask"},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    first, second, third = convert([path], Request("oiellm", options=("source=x",)), Report())
    assert (first.text, first.labels) == ("play jazz by Kestrel", ["Play"])
    assert [(e.type, e.start) for e in first.entities] == [("genre", 5), ("artist", 13)]
    assert (second.labels, second.entities[0].text) == (None, "富士山")
    assert (third.text, third.labels, third.entities) == ("either/or", ["Ask"], None)
    path.write_text('{"input": "a"}\n')
    with pytest.raises(InputFault, match=r"rows.jsonl:1: completion or output or response: there is no such text"):
        list(convert([path], Request("oiellm"), Report()))
    path.write_text('{"input": "a", "output": "b", "task": "nor"}\n')
    with pytest.raises(InputFault, match="'nor'"):
        list(convert([path], Request("oiellm"), Report()))
    with pytest.raises(Refusal, match="two files"):
        export([], "oiellm", Path("-"), (), Report())


PARTS = [(7, 8), (11, 12)]
BUYER, THING = Argument("buyer", "A", 0, 1, "Org"), Argument("thing", "B C", 7, 12, "Org", PARTS)
EVENT = Event("Buy", Span("buys", 2, 6, "Buy"), [BUYER, THING])


def rich() -> Sample:
    """A sample with every level, and a discontinuous span."""
    org = [Entity("Org", "A", 0, 1), Entity("Org", "B C", 7, 12, PARTS)]
    ends = [Span(e.text, e.start, e.end, e.type, e.fragments) for e in org]
    relations = [Relation("rival", *ends)]
    return Sample("x/1.a", "A buys B x C", labels=["trade"], entities=org, relations=relations, events=[EVENT])


def test_brat_holds_fragments_relations_and_events() -> None:
    (again,), report = back([rich()], "brat")
    assert levels(again, "entities", "relations", "events") == levels(rich(), "entities", "relations", "events")
    assert report.noticed == {"labels_left_out": 1}


def test_datasets_folder_holds_everything(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    sample = rich()
    export([sample], "hf", tmp_path / "d", ["name=Trades", "licence=cc0-1.0"], Report())
    (again,) = convert([tmp_path / "d"], Request("hf"), Report())
    assert again.events == sample.events
    assert again.entities == sample.entities
    card = (tmp_path / "d" / "README.md").read_text()
    assert card.startswith("---\nlicense: cc0-1.0\n")
    assert "# Trades" in card
    assert "path: data/train.parquet" in card


def test_gliner_and_iepile() -> None:
    sample = Sample("1", "東京 and Rome", entities=[Entity("L", "東京", 0, 2), Entity("L", "Rome", 7, 11)])
    (again,), _ = back([sample], "gliner")
    assert [(e.type, e.text.replace(" ", "")) for e in again.entities] == [("L", "東京"), ("L", "Rome")]
    (again,), _ = back([sample], "iepile")
    assert again.entities == sample.entities
    whole = rich()
    (again,), report = back([whole], "iepile")
    assert again.events[0].trigger.text == "buys"
    assert [r.type for r in again.relations] == ["rival"]
    assert report.noticed == {"labels_left_out": 1, "offsets_left_out": 1}


def test_what_a_format_cannot_hold_is_counted(tmp_path: Path) -> None:
    sample = rich()
    sample.entities += [Entity("Org", "A buys", 0, 6), Entity("Org", "gone")]
    sample.events.append(Event("Sell"))
    report = Report()
    export([sample], "conll", tmp_path / "a.conll", [], report)
    assert report.noticed == {
        "relations_left_out": 1,
        "events_left_out": 1,
        "fragments_left_out": 1,
        "unplaced_left_out": 1,
        "overlap_left_out": 1,
    }
    report = Report()
    export([sample], "brat", tmp_path / "b", [], report)
    assert report.noticed == {"labels_left_out": 1, "unplaced_left_out": 1, "triggerless_left_out": 1}
    report = Report()
    export([Sample("1", "a\nb"), Sample("2", "")], "conll", tmp_path / "c.conll", [], report)
    assert report.noticed == {"blanks_left_out": 1, "no_entities_as_outside": 1, "sample_left_out": 1}


def test_ids_cannot_leave_the_folder(tmp_path: Path) -> None:
    made = [Sample("../../x", "a", entities=[]), Sample("..", "b", entities=[]), Sample("a.b/c", "d", entities=[])]
    export(made, "brat", tmp_path / "b", [], Report())
    assert sorted(p.parent for p in tmp_path.rglob("*.txt")) == [tmp_path / "b"] * 3
    again = list(convert([tmp_path / "b"], Request("brat"), Report()))
    assert sorted(s.id for s in again) == sorted(s.id for s in made)


def test_label_studio_counts_as_the_browser_does(tmp_path: Path) -> None:
    sample = Sample("1", "😀 a a", entities=[Entity("x", "a", 2, 3)])
    export([sample], "labelstudio", tmp_path / "a.json", [], Report())
    (task,) = json.loads((tmp_path / "a.json").read_text())
    assert task["annotations"][0]["result"][0]["value"]["start"] == 3
    (again,) = convert([tmp_path / "a.json"], Request("labelstudio"), Report())
    assert again.entities == sample.entities


def test_same_bytes_each_time(tmp_path: Path) -> None:
    made = [rich(), Sample("2", "東京 😀", labels=[], entities=[])]
    for to in WRITERS:
        outs = [tmp_path / f"{to}{n}" for n in (1, 2)]
        for out in outs:
            export([msgspec.convert(msgspec.to_builtins(s), Sample) for s in made], to, out, [], Report())
        files = [sorted(p for p in out.rglob("*") if p.is_file()) or [out] for out in outs]
        assert [p.read_bytes() for p in files[0]] == [p.read_bytes() for p in files[1]], to


def test_requests_at_fault(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="unknown format 'x'; known: conll, brat"):
        export([], "x", tmp_path, [], Report())
    with pytest.raises(SettingsFault, match="unknown setting 'schema'; did you mean 'scheme'"):
        export([], "conll", tmp_path, ["schema=BIO"], Report())
    with pytest.raises(Refusal, match="looks like a file"):
        export([], "hf", tmp_path / "a.jsonl", [], Report())


def test_real_data_there_and_back(converted, shared_data: Path) -> None:
    for card, limit in (("snips_slotgated", 14484), ("stockmark_ner_wikipedia_ja", 5343)):
        made, _ = converted(shared_data / card, card=card)
        again, report = back(made, "conll")
        assert len(again) == limit
        assert [levels(s, "labels", "entities") for s in again] == [levels(s, "labels", "entities") for s in made]
        assert report.noticed == {"origin_left_out": limit}


def test_written_samples_are_whole(converted, tmp_path: Path) -> None:
    jsonl.write(tmp_path / "s.jsonl", [rich()])
    again, _ = converted(tmp_path / "s.jsonl", "samples", strict=True)
    assert again == [rich()]
