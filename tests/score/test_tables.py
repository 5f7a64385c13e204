"""What stands beside the figures: breakdowns, draws, errors, notes, the signature."""

from __future__ import annotations

import json
import statistics
import tracemalloc
from pathlib import Path

import pytest
from score_cases import entity, event, relation, scored, words

from pointline import jsonl
from pointline.errors import SettingsFault
from pointline.sample import Entity, Sample
from pointline.score import Settings, score
from pointline.score.mistakes import mistakes

TEXT = "abcdefghijklmnopqrstuvwxyz"


def test_languages_and_sources() -> None:
    gold = [
        Sample("1", "t", "en", ["x"], source="s"),
        Sample("2", "t", "ja", ["x"], source="s"),
        Sample("3", "t", "ja", ["x"], source="r"),
    ]
    answers = [Sample(s.id, "t", labels=["x" if s.id != "2" else "y"]) for s in gold]
    got = scored(gold, answers, "mre")
    assert {lang: part["TL"].f1 for lang, part in got.languages.items()} == {"en": 100, "ja": 50}
    assert {source: part["TL"].f1 for source, part in got.sources.items()} == {"r": 100, "s": 50}
    assert all(part["TL"].low is not None for part in got.languages.values())
    assert scored(gold[:1], answers[:1], "mre").languages == {}


def test_draws_are_means_of_fixed_samples() -> None:
    gold = [Sample(str(i), "t", labels=["x"]) for i in range(400)]
    answers = [Sample(s.id, "t", labels=["x" if i % 4 else "y"]) for i, s in enumerate(gold)]
    chosen = Settings(resamples=0, draws=3, draw_size=100)
    drawn = score(gold, answers, settings=chosen)["TL"].draws
    assert drawn is not None
    assert len(drawn.values) == 3
    assert drawn.mean == pytest.approx(statistics.fmean(drawn.values))
    assert drawn.spread == pytest.approx(statistics.stdev(drawn.values))
    assert 60 < drawn.mean < 90
    assert len(set(drawn.values)) > 1
    backwards = score(gold[::-1], answers[::-1], settings=chosen)["TL"].draws
    assert backwards == drawn
    other_seed = score(gold, answers, settings=Settings(resamples=0, draws=3, draw_size=100, seed=1))["TL"].draws
    assert other_seed != drawn
    whole = score(gold, answers, settings=Settings(resamples=0, draws=3, draw_size=1000))["TL"]
    assert whole.draws is not None
    assert whole.draws.values == [whole.f1] * 3


def kinds(gold: Sample, answer: Sample) -> list[tuple[str, str]]:
    return [(mistake.level, mistake.kind) for mistake in mistakes(gold, answer)]


def test_every_kind_of_mistake() -> None:
    gold = Sample("1", TEXT, entities=[entity("A", i, i + 3) for i in (0, 4, 8, 12, 16)])
    made = [entity("B", 0, 3), entity("A", 4, 6), entity("B", 8, 10), entity("A", 12, 15), entity("A", 21, 22)]
    found = kinds(gold, Sample("1", TEXT, entities=[*made, Entity("A", "ABSENT")]))
    assert found == [
        ("entities", kind)
        for kind in ("wrong_type", "wrong_boundary", "wrong_both", "spurious", "hallucinated", "missed")
    ]


def test_mistakes_without_offsets_and_at_other_levels() -> None:
    gold = Sample(
        "1",
        "Ann bought a cat",
        labels=["x"],
        entities=words(("P", "Ann")),
        relations=[relation("r", "Ann", "cat")],
        events=[event("Buy", "bought", ("who", "Ann"))],
    )
    answer = Sample(
        "1",
        "Ann bought a cat",
        labels=["y"],
        entities=words(("Q", "Ann")),
        relations=[relation("r", "Ann", "a cat")],
        events=[event("Buy", "bought", ("who", "Bob"))],
    )
    assert kinds(gold, answer) == [
        ("labels", "wrong_type"),
        ("entities", "wrong_type"),
        ("relations", "wrong_boundary"),
        ("arguments", "hallucinated"),
        ("arguments", "missed"),
    ]
    assert kinds(gold, gold) == []
    assert kinds(Sample("1", "t", labels=["x"]), answer) == [("labels", "wrong_type")]


def test_worst_samples_first() -> None:
    gold = [Sample(str(n), TEXT, entities=[entity("A", i, i + 1) for i in range(n)]) for n in range(5)]
    answers = [Sample(s.id, TEXT, entities=[]) for s in gold]
    errors = scored(gold, answers, "mre", Settings(resamples=0, errors=True, worst=2)).errors
    assert errors is not None
    assert errors.kinds["entities"]["missed"] == 10
    assert [(failure.id, len(failure.mistakes)) for failure in errors.worst] == [("4", 4), ("3", 3)]
    assert errors.worst[0].mistakes[0].gold == ("A", "a")
    assert scored(gold, answers, "mre").errors is None


def test_json_has_the_promised_shape() -> None:
    gold = [Sample("1", TEXT, labels=["x"], entities=words(("A", "a")))]
    told = json.loads(scored(gold, gold, "mre").to_json())
    assert list(told)[:5] == ["protocol", "signature", "TL", "WL", "ALL"]
    assert {"f1", "low", "high", "n"} <= told["WL"].keys()
    assert told["labels"][0] == {
        "level": "labels", "label": "x", "precision": 100.0, "recall": 100.0, "f1": 100.0, "n": 1, "predicted": 1
    }  # fmt: skip
    assert told["confusion"] == [{"gold": "x", "predicted": "x", "n": 1}]


def test_the_signature_says_what_is_needed() -> None:
    gold = [Sample("1", TEXT, labels=["x"])]
    said = scored(gold, gold, "mre", Settings(resamples=7, seed=3, draws=2)).signature
    keys = [part.partition(":")[0] for part in said.split("|")]
    assert keys == ["mre", "version", "n", "gold", "answers", "resamples", "seed", "draws", "pointline"]
    assert "resamples:7|seed:3|draws:2" in said


def test_silence_is_noted() -> None:
    gold = [Sample("1", TEXT, labels=["x"], entities=words(("A", "a")))]
    got = scored(gold, [Sample("1", TEXT, labels=["x"])], "mre")
    assert got.notes == ["WL: no answer holds any of it"]
    assert got["WL"].f1 == 0


def test_another_text_is_noted() -> None:
    got = scored([Sample("1", "a", labels=["x"])], [Sample("1", "b", labels=["x"])], "mre")
    assert got.notes == ["1 answers have another text than their gold"]


def test_impossible_settings() -> None:
    with pytest.raises(SettingsFault, match="draw_size must be at least 1, not 0"):
        Settings(draw_size=0)


def test_a_long_chain_of_overlaps() -> None:
    size = 4000
    text = "x" * (2 * size + 4)
    gold = [Sample("1", text, entities=[Entity("A", "xx", 2 * i, 2 * i + 2) for i in range(size)])]
    shifted = [Sample("1", text, entities=[Entity("A", "xx", 2 * i + 1, 2 * i + 3) for i in range(size)][::-1])]
    got = scored(gold, shifted, "partial", Settings(resamples=0, errors=True))
    assert (got["exact"].hits, got["partial"].hits, got["type"].hits) == (0, size / 2, size)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for n in (3000, 15000):
        rows = (
            Sample(str(i), "some text", labels=["xy"[i % 2]], entities=[Entity("A", "some", 0, 4)]) for i in range(n)
        )
        jsonl.write(tmp_path / "gold.jsonl", rows)
        tracemalloc.start()
        score(tmp_path / "gold.jsonl", tmp_path / "gold.jsonl", settings=Settings(resamples=10))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 1_000_000
