"""The cards of the first data sets on the data sets themselves: counts that are known."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from pointline.corpora import cards
from pointline.sample import Sample, faults


def sizes(samples: list[Sample]) -> dict[str, int]:
    return dict(Counter("/".join(p for p in (s.split, s.lang) if p) for s in samples))


def test_snips(converted, shared_data: Path) -> None:
    samples, report = converted(shared_data / "snips_slotgated", card="snips_slotgated", strict=True)
    assert sizes(samples) == {"train/en": 13084, "dev/en": 700, "test/en": 700}
    assert report.noticed == {"replacement_character": 1}
    assert len({s.labels[0] for s in samples}) == 7
    assert len({e.type for s in samples for e in s.entities}) == 39
    assert not any("  " in s.text or s.text != s.text.strip() for s in samples)
    assert len({s.id for s in samples}) == len(samples)
    assert samples[0].id.startswith("snips_slotgated/train/")


def test_snips_one_split_by_card_reader_or_files(converted, shared_data: Path) -> None:
    folder = shared_data / "snips_slotgated"
    by_card, _ = converted(folder, card="snips_slotgated", split="test")
    by_folder, _ = converted(folder / "test", card="snips_slotgated", split="test")
    by_reader, _ = converted(folder / "test", "parallel", "lang=en", "source=snips_slotgated", split="test")
    by_file, _ = converted(folder / "test" / "label", "parallel", "lang=en", "source=snips_slotgated", split="test")
    assert by_card == by_folder == by_reader == by_file
    assert len(by_card) == 700


@pytest.mark.parametrize(("name", "unreadable"), [("xsid_0.7", 0), ("xsid_first_release", 3)])
def test_xsid(converted, shared_data: Path, name: str, unreadable: int) -> None:
    samples, report = converted(shared_data / "xsid_0.7", card=name)
    assert sizes(samples) == {
        "dev/en": 300,
        "test/en": 500,
        "dev/ja": 150,
        "test/ja": 250,
        "dev/zh": 300,
        "test/zh": 500,
    }
    assert report.repaired["unreadable_tag"] == unreadable
    assert all(" " in s.text or len(s.text.split()) == 1 for s in samples if s.lang == "en")
    assert len({s.id for s in samples}) == len(samples)
    assert {s.labels[0] for s in samples if s.lang == "ja"} < {s.labels[0] for s in samples if s.lang == "en"}
    english = {s.meta["text"] for s in samples if s.lang == "en"}
    assert name != "xsid_0.7" or all(s.meta["text-en"] in english for s in samples if s.lang == "ja")


def test_xsid_text_of_the_header(converted, shared_data: Path) -> None:
    samples, _ = converted(
        shared_data / "xsid_0.7" / "en.test.conll", "columns", "token=1", "tag=3", "text=header", "lang=en"
    )
    assert len(samples) == 500
    assert sum(s.text.endswith("?") and not s.text.endswith(" ?") for s in samples) > 50
    assert not [f for s in samples for f in faults(s)]


def test_stockmark(converted, shared_data: Path) -> None:
    samples, report = converted(
        shared_data / "stockmark_ner_wikipedia_ja", card="stockmark_ner_wikipedia_ja", strict=True
    )
    assert len(samples) == 5343
    assert sum(len(s.entities) for s in samples) == 13185
    assert sum(s.entities == [] for s in samples) == 484
    assert all(s.text[e.start : e.end] == e.text for s in samples for e in s.entities)
    assert not report.repaired
    assert len({s.meta["curid"] for s in samples}) == 5235


def test_chabsa(converted, shared_data: Path) -> None:
    samples, _ = converted(shared_data / "chabsa_ja", card="chabsa_ja", strict=True)
    assert len(samples) == 6119
    assert sum(len(s.entities) for s in samples) == 7723
    assert Counter(
        "null" if s.labels is None else s.labels[0] if s.labels == ["mixed"] else "single" for s in samples
    ) == {
        "null": 2904,
        "single": 2299,
        "mixed": 916,
    }
    assert all(s.meta.get("label_derived", False) == (s.labels is not None) for s in samples)
    assert all(len(s.meta.get("entities", [])) == len(s.entities) for s in samples)


def test_cluener(converted, shared_data: Path) -> None:
    samples, _ = converted(shared_data / "cluener_zh", card="cluener_zh", strict=True)
    assert sizes(samples) == {"train/zh": 10748, "test/zh": 1343}
    assert len({e.type for s in samples for e in s.entities}) == 10
    options = ("entities=label", "shape=nested", "inclusive=true", "lang=zh", "source=cluener_zh")
    again, _ = converted(shared_data / "cluener_zh" / "StanleySun233_converted" / "train.json", "spans", *options)
    assert [s.text for s in again] == [s.text for s in samples if s.split == "train"][: len(again)] or len(again) > 9000


def test_every_card_loads() -> None:
    for name in cards.names():
        card = cards.load(name)
        assert card.name == name
        assert card.licence
        assert card.home or card.fetch
