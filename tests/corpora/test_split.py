"""A cut is exact, keeps texts together, shares the labels out, and is the same for the same seed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline import jsonl
from pointline.corpora.split import PRESETS, SplitSettings, assign, split
from pointline.errors import Refusal, SettingsFault
from pointline.sample import Entity, Sample


def corpus(count: int) -> list[Sample]:
    shares = ["often"] * 16 + ["seldom"] * 3 + ["rare"]
    return [Sample(str(i), f"text number {i}", labels=[shares[i % 20]]) for i in range(count)]


def cut(tmp_path: Path, samples: list[Sample], settings: SplitSettings) -> dict[str, list[Sample]]:
    jsonl.write(tmp_path / "all.jsonl", samples)
    counts, _ = split(tmp_path / "all.jsonl", tmp_path / "out", settings)
    files = {name: list(jsonl.read(tmp_path / "out" / f"{name}.jsonl")) for name in counts}
    assert {name: len(part) for name, part in files.items()} == counts
    return files


@pytest.mark.parametrize("preset", ["mmm-500", "mmm-1000", "mmm-2000"])
def test_the_papers_sizes(tmp_path: Path, preset: str) -> None:
    files = cut(tmp_path, corpus(2200), SplitSettings(PRESETS[preset]))
    size = int(preset.removeprefix("mmm-"))
    assert {name: len(part) for name, part in files.items()} == {"train": size, "test": 2200 - size}
    assert Counter(s.labels[0] for s in files["train"] if s.labels) == {
        "often": size * 16 // 20,
        "seldom": size * 3 // 20,
        "rare": size // 20,
    }
    assert all(sample.split == name for name, part in files.items() for sample in part)
    ids = [int(s.id) for s in files["train"]]
    assert ids == sorted(ids)


texts = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("xyz")), max_size=30)


@given(texts, st.integers(0, 3), st.booleans())
def test_each_sample_stands_once_and_a_text_in_one_split(
    drawn: list[tuple[str, str]], seed: int, stratified: bool
) -> None:
    samples = [Sample(str(i), text + " " * (i % 3), labels=[label]) for i, (text, label) in enumerate(drawn)]
    settings = SplitSettings({"train": 0.5, "dev": 0.2, "test": "rest"}, seed, stratified)
    plan = assign(samples, settings)
    assert len(plan) == len({text for text, _ in drawn})
    assert set(plan.values()) <= {"train", "dev", "test"}
    assert assign(reversed(samples), settings) == plan


@given(st.integers(0, 40), st.integers(0, 40))
def test_counts_are_exact_where_no_text_repeats(count: int, size: int) -> None:
    samples = [Sample(str(i), f"t{i}", entities=[Entity("ab"[i % 2], "t", 0, 1)]) for i in range(count)]
    settings = SplitSettings({"train": size, "test": "rest"})
    if size > count:
        with pytest.raises(Refusal, match="ask for fewer"):
            assign(samples, settings)
    else:
        got = Counter(assign(samples, settings).values())
        assert (got["train"], got["test"]) == (size, count - size)


def test_an_added_text_moves_few_others() -> None:
    settings = SplitSettings({"train": 0.8, "test": "rest"}, stratified=False)
    before, after = assign(corpus(400), settings), assign(corpus(401), settings)
    assert sum(after[mark] != name for mark, name in before.items()) <= 2


def test_another_seed_is_another_cut() -> None:
    sizes: dict[str, int | float | str] = {"train": 200, "test": "rest"}
    assert assign(corpus(400), SplitSettings(sizes, 1)) != assign(corpus(400), SplitSettings(sizes, 2))


def test_without_a_rest_what_is_beyond_is_left_out(tmp_path: Path) -> None:
    files = cut(tmp_path, corpus(100), SplitSettings({"train": 10, "dev": 5}))
    assert [len(part) for part in files.values()] == [10, 5]


def test_impossible_sizes_are_refused() -> None:
    bad: list[dict[str, int | float | str]] = [
        {},
        {"train": -1},
        {"train": 1.5},
        {"train": "most"},
        {"train": "rest", "test": "rest"},
        {"../up": 5},
    ]
    for sizes in bad:
        with pytest.raises(SettingsFault):
            SplitSettings(sizes)
