"""Conversion as a whole: ids, cards, label maps, our own record, and the report."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline import jsonl
from pointline.corpora import cards
from pointline.corpora.conversion import NOTICES, REPAIRS, Report
from pointline.corpora.convert import Request, convert
from pointline.corpora.placing import nearest
from pointline.corpora.readers import READERS
from pointline.corpora.reading import docs_of
from pointline.errors import InputFault, SettingsFault
from pointline.sample import Entity, Sample
from pointline.settings import fill


def card_of(**more: object) -> cards.Card:
    values = {
        "name": "c",
        "title": "C",
        "task": "labels",
        "langs": ["en"],
        "licence": "none",
        "reader": "spans",
        **more,
    }
    return msgspec.convert(values, cards.Card)


def test_ids_of_the_source_are_kept_and_repeats_numbered(converted, file) -> None:
    body = '{"id": "7", "text": "a"}\n{"id": "7", "text": "b"}\n{"id": "7-2", "text": "c"}\n{"id": null, "text": "d"}\n'
    samples, report = converted(file("a.jsonl", body), "spans", "id=id", "source=s", split="test")
    assert [s.id for s in samples[:3]] == ["7", "7-2", "7-2-2"]
    assert samples[3].id.startswith("s/test/")
    assert report.repaired["id_repeated"] == 2


def test_ids_that_files_share(file) -> None:
    paths = [file(f"{name}.jsonl", '{"id": "1", "text": "a"}\n') for name in ("one", "two", "three")]
    samples = list(convert(paths, Request("spans", options=("id=id", "source=s", "lang=en")), Report()))
    assert [s.id for s in samples] == ["1", "s/en/1", "1-2"]


def test_a_card_names_files_options_and_map(file) -> None:
    root = file("data/tr.json", '{"t": "a b", "y": "p", "entities": [{"type": "x", "start": 0, "end": 1}]}\n').parent
    card = card_of(
        options={"text": "t", "label": "y"},
        files=[
            {"glob": "tr.json", "split": "train", "samples": 2},
            {"glob": "te.json", "split": "test", "optional": True},
        ],
        map={"labels": {"p": "positive"}, "entities": {"x": "X"}},
    )
    report = Report()
    (sample,) = convert([root], Request(card=card), report)
    assert (sample.source, sample.split, sample.lang, sample.labels) == ("c", "train", "en", ["positive"])
    assert sample.entities == [Entity("X", "a", 0, 1)]
    assert report.noticed == {"file_missing": 1, "count_differs": 1}
    assert report.as_dict()["splits"] == {"train": 1}


def test_a_card_with_a_missing_file(tmp_path: Path) -> None:
    card = card_of(files=[{"glob": "tr.json"}], home="https://example.org/c")
    with pytest.raises(
        InputFault, match=r"tr.json: the card c wants this and it is not here; get it from https://example.org/c"
    ):
        list(convert([tmp_path], Request(card=card), Report()))
    with pytest.raises(SettingsFault, match="the card c has no split 'x'; it has: train"):
        list(convert([tmp_path], Request(card=card_of(files=[{"glob": "a", "split": "train"}]), split="x"), Report()))


@pytest.mark.parametrize("pattern", ["../x.json", "/etc/passwd", "a/../../x"])
def test_a_card_cannot_leave_its_folder(file, pattern: str) -> None:
    body = f'name="c"\ntitle="C"\ntask="x"\nlangs=["en"]\nlicence="n"\n[[files]]\nglob="{pattern}"\n'
    with pytest.raises(InputFault, match=r"files.glob: .* leaves the data set's folder"):
        cards.load(file("c.toml", body))


def test_cards_say_what_is_wrong(file) -> None:
    with pytest.raises(InputFault, match=r"there is no card .snips.; did you mean"):
        cards.load("snips")
    with pytest.raises(InputFault, match=r"c.toml: .*missing required field `name`"):
        cards.load(file("c.toml", 'title = "x"'))
    with pytest.raises(InputFault, match=r"c.toml: .*unknown field `nam`"):
        cards.load(file("c.toml", 'nam = "x"'))


def test_requests_that_make_no_sense(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="name a reader or a card"):
        convert([tmp_path], Request(), Report())
    with pytest.raises(SettingsFault, match="unknown reader 'x'; known: samples, parallel"):
        convert([tmp_path], Request("x"), Report())
    with pytest.raises(SettingsFault, match="only describes its data set"):
        convert([tmp_path], Request(card=card_of(reader=None)), Report())
    with pytest.raises(InputFault, match="no such file or folder"):
        convert([tmp_path / "nothing"], Request("spans"), Report())
    with pytest.raises(InputFault, match=r"holds no file like \*.json"):
        convert([tmp_path], Request("spans"), Report())


def test_our_own_record(converted, tmp_path: Path) -> None:
    samples = [
        Sample("1", "a b", labels=["x"], entities=[Entity("t", "b", 2, 3)], meta={"k": 1}),
        Sample("2", "c", lang="ja"),
    ]
    jsonl.write(tmp_path / "s.jsonl", samples)
    again, _ = converted(tmp_path / "s.jsonl", "samples", strict=True)
    assert again == samples


def test_our_own_record_at_fault(converted, file) -> None:
    (sample,), _ = converted(file("s.jsonl", '{"text": "a"}'), "samples")
    assert len(sample.id) == 12
    with pytest.raises(InputFault, match=r"s.jsonl:2: .*unknown field `txt`"):
        converted(file("s.jsonl", '{"text": "a"}\n{"id": "1", "text": "", "txt": "a"}'), "samples")
    with pytest.raises(InputFault, match=r"s.jsonl:1: entities\[0\]: text\[0:1\] is 'a' but the span says 'b'"):
        converted(
            file("s.jsonl", '{"id": "1", "text": "a", "entities": [{"type": "x", "text": "b", "start": 0, "end": 1}]}'),
            "samples",
        )


def test_labels_twice_and_odd_characters(converted, file) -> None:
    body = '{"id": "1", "text": "a\\ue000\\u200b", "labels": ["x", "x"]}\n{"id": "2", "text": ""}'
    samples, report = converted(file("s.jsonl", body), "samples")
    assert samples[0].labels == ["x"]
    assert report.repaired == {"label_repeated": 1}
    assert report.noticed == {"private_use": 1, "invisible_character": 1, "empty_text": 1}


def test_the_report_knows_its_names() -> None:
    assert not REPAIRS.keys() & NOTICES.keys()
    with pytest.raises(KeyError):
        Report().repair("nonesuch")
    with pytest.raises(KeyError):
        Report().notice("nonesuch")


def test_every_reader_setting_is_documented() -> None:
    for name, reader in READERS.items():
        fields = {field.name for field in msgspec.structs.fields(reader.settings)}
        assert set(docs_of(reader.settings)) == fields, name


@given(st.text("ab ", max_size=12), st.text("ab", min_size=1, max_size=2), st.integers(-2, 15))
def test_nearest(text: str, surface: str, start: int) -> None:
    places = [i for i in range(len(text)) if text.startswith(surface, i)]
    best = min(places, key=lambda i: (abs(i - max(start, 0)), i), default=None)
    assert nearest(text, surface, start) == best


def test_collections_are_whole() -> None:
    """IEPile: 33 training and 13 zero-shot sets (CrossNER counted once of five); MMM: 21 sub-datasets."""
    every = [cards.load(name) for name in cards.names()]
    iepile = [card for card in every if "iepile" in card.collections]
    assert len(iepile) == 33 + 13 + 4
    assert all("types" in card.published["iepile"] for card in iepile)
    mmm = [card for card in every if "mmm" in card.collections]
    assert len(mmm) == 21
    assert sum(card.published["mmm"]["total"] for card in mmm if card.langs == ["en"]) == 72519
    assert all(card.fetch or card.home for card in every)
    assert all(card.reader in READERS for card in every if card.reader)
    for card in every:
        if card.reader:
            fill(READERS[card.reader].settings, card.options)
