"""Algorithm 1: what a text's instructions ask for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.errors import SettingsFault
from pointline.instruct.batches import Batcher, Batching, sequential
from pointline.instruct.draws import Draws


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(1, 40))
    label = st.integers(0, count - 1)
    return {
        "count": count,
        "neighbours": [draw(st.lists(label, max_size=6, unique=True)) for _ in range(count)],
        "positives": tuple(sorted(draw(st.sets(label, max_size=5)))),
        "split_num": draw(st.sampled_from([1, 2, 3, 4, 5, 6, 7, 10])),
        "id": draw(st.text(max_size=10)),
        "seed": draw(st.integers(0, 3)),
    }


def batcher(question: dict[str, Any], **settings: Any) -> Batcher:
    told = Batching(split_num=question["split_num"], seed=question["seed"], **settings)
    return Batcher(question["count"], question["neighbours"], "re", told)


@given(questions())
def test_algorithm_1_to_the_letter(question: dict[str, Any]) -> None:
    batches = batcher(question)(question["id"], question["positives"])
    asked = [label for batch in batches for label in batch]
    positives = set(question["positives"])
    hard = {n for p in positives for n in question["neighbours"][p]} - positives
    rest = set(range(question["count"])) - positives - hard
    assert len(asked) == len(set(asked))
    assert positives | hard <= set(asked)
    assert len(set(asked) & rest) == min(question["split_num"], len(rest))


@given(questions(), st.sampled_from(["train", "test"]))
def test_every_batch_keeps_the_size_law(question: dict[str, Any], mode: str) -> None:
    size = question["split_num"]
    batches = batcher(question, mode=mode)(question["id"], question["positives"])
    total = sum(map(len, batches))
    assert all(size / 2 <= len(batch) <= 3 * size / 2 for batch in batches) or (len(batches) == 1 and total < size / 2)
    assert all(len(batch) == size for batch in batches[:-1])


@given(questions())
def test_test_mode_asks_for_everything_and_the_same_of_every_text(question: dict[str, Any]) -> None:
    ask = batcher(question, mode="test")
    batches = ask(question["id"], question["positives"])
    assert [label for batch in batches for label in batch] == list(range(question["count"]))
    assert ask("another text", ()) == batches


@given(questions())
def test_no_splitting(question: dict[str, Any]) -> None:
    question["split_num"] = -1
    (train,) = batcher(question)(question["id"], question["positives"])
    (test,) = batcher(question, mode="test")(question["id"], question["positives"])
    assert sorted(train) == list(test) == list(range(question["count"]))


@given(questions(), st.sampled_from([0.0, 0.5, 1.0, 2.5]))
def test_the_ratio_of_pure_negatives(question: dict[str, Any], ratio: float) -> None:
    positives = question["positives"]
    whole = batcher(question)(question["id"], positives)
    thinned = batcher(question, negatives=ratio)(question["id"], positives)
    with_positives = [batch for batch in whole if not set(positives).isdisjoint(batch)]
    assert [batch for batch in thinned if not set(positives).isdisjoint(batch)] == with_positives
    assert len(thinned) - len(with_positives) <= -(-ratio * max(1, len(with_positives)) // 1)
    assert [batch for batch in whole if batch in thinned] == thinned


def test_the_ratio_holds_over_many_texts() -> None:
    ask = Batcher(40, (), "re", Batching(split_num=2, negatives=0.25))
    counts = Counter(bool(batch) for i in range(2000) for batch in ask(f"t{i}", ()))
    assert 400 < counts[True] < 600


def test_without_positives_split_num_labels_are_drawn_evenly() -> None:
    ask = Batcher(20, (), "ner", Batching())
    batches = [ask(f"text {i}", ()) for i in range(4000)]
    assert {len(found) for found in batches} == {1}
    assert {len(found[0]) for found in batches} == {6}
    times = Counter(label for found in batches for label in found[0])
    assert all(abs(times[label] - 1200) < 150 for label in range(20))
    first = Counter(found[0][0] for found in batches)
    assert all(abs(first[label] - 200) < 70 for label in range(20))


@pytest.mark.parametrize(
    ("labels", "positives"), [(4, ()), (6, (2,)), (17, (1, 5)), (60, (0, 9, 30)), (200, tuple(range(70)))]
)
def test_choices_and_orders_are_even(labels: int, positives: tuple[int, ...]) -> None:
    size, texts = 4, 6000
    ask = Batcher(labels, (), "re", Batching(split_num=size))
    drawn = [ask.drawn(f"text {i}", positives)[0] for i in range(texts)]
    total, rest = len(drawn[0]), labels - len(positives)
    assert {len(found) for found in drawn} == {min(labels, len(positives) + size)}
    times = Counter(label for found in drawn for label in found)
    for label in range(labels):
        wanted = texts if label in positives else texts * min(size, rest) / rest
        assert abs(times[label] - wanted) < 6 * wanted**0.5 + 1
    places = Counter((found.index(label), label) for found in drawn for label in positives[:2] or found[:0])
    assert all(abs(count - texts / total) < 7 * (texts / total) ** 0.5 for count in places.values())
    assert len({frozenset(found) for found in drawn}) > 1 or rest <= size


def test_split_num_follows_the_task() -> None:
    assert (Batching().size("ner"), Batching().size("ee"), Batching(split_num=3).size("ner")) == (6, 4, 3)


@pytest.mark.parametrize("wrong", [{"split_num": 0}, {"split_num": -2}, {"negatives": -0.1}])
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsFault, match=next(iter(wrong))):
        Batching(**wrong)


@pytest.mark.parametrize(
    ("labels", "size", "sizes"), [(0, 4, []), (1, 4, [1]), (5, 4, [5]), (6, 4, [4, 2]), (7, 5, [7])]
)
def test_last_batches(labels: int, size: int, sizes: list[int]) -> None:
    assert [len(batch) for batch in sequential(range(labels), size)] == sizes


@given(st.integers(0, 9), st.text(max_size=8), st.integers(0, 60))
def test_draws_belong_to_seed_purpose_and_key(seed: int, key: str, count: int) -> None:
    words = Draws(seed, "a")(key, count)
    assert len(words) >= count
    assert words == Draws(seed, "a")(key, count)
    assert words != Draws(seed, "b")(key, count)
    assert words != Draws(seed + 1, "a")(key, count)
    assert words != Draws(seed, "a")(key + "x", count)
    items = tuple(range(count))
    assert sorted(Draws(seed).order(key, items)) == list(items)
    assert set(Draws(seed).draw(key, items, (-1, -2, -3), 2)) - set(items) <= {-1, -2, -3}
    assert len(Draws(seed).draw(key, items, (-1, -2, -3), 2)) == count + 2


def test_the_same_draws_on_every_machine_and_hash_seed() -> None:
    code = (
        "from pointline.instruct.batches import *;"
        "print(Batcher(9, ((3,),) * 9, 'ner', Batching(split_num=3))('é', (1, 2)))"
    )
    said = set()
    for seed in ("0", "1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        said.add(
            subprocess.run([sys.executable, "-c", code], check=True, env=env, capture_output=True, text=True).stdout
        )
    assert said == {"[(3, 2, 4), (7, 1, 6)]\n"}
