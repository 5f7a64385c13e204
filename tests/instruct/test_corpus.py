"""Corpora of instructions: built shard by shard, mixed, counted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline import jsonl
from pointline.errors import PointlineError, SettingsFault
from pointline.instruct.batches import Batching
from pointline.instruct.corpus import Corpus, build_corpus
from pointline.instruct.hard_negatives import mine
from pointline.instruct.labels import labels_of
from pointline.instruct.mixture import Share, Taking, rates
from pointline.instruct.pairs import Building, Instructions
from pointline.instruct.record import InstructionRecord, card, whole
from pointline.sample import Entity, Sample
from pointline.schema import Schema
from pointline.shards import Sharding

NAMES = [f"{group} {kind}" for group in ("sea", "land", "air") for kind in ("animal", "vehicle", "place", "person")]
SCHEMA = Schema().entities(NAMES)
NEGATIVES = mine(labels_of(SCHEMA, "ner"))
SAMPLES = [
    Sample(
        f"s/train/{i}", f"{i} swims", "en", entities=[Entity(NAMES[i % 12], str(i), 0, len(str(i)))] if i % 3 else [],
        source="s", split="train" if i % 5 else "dev",
    )
    for i in range(300)
]  # fmt: skip
CORPUS = Corpus("sea", SCHEMA, "ner", NEGATIVES, Batching(seed=4), Building(keep_id=True))


def written(folder: Path) -> list[str]:
    return [line for path in sorted(folder.glob("rows-*")) for line in path.read_text(encoding="utf-8").splitlines()]


def test_shards_hold_what_instructions_say(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "s.jsonl", SAMPLES)
    record = build_corpus([tmp_path / "s.jsonl"], tmp_path / "out", CORPUS, Sharding(shards=7))
    make = Instructions(SCHEMA, "ner", negatives=NEGATIVES, batching=Batching(seed=4), building=Building(keep_id=True))
    assert written(tmp_path / "out") == list(make(SAMPLES))
    again = build_corpus([tmp_path / "s.jsonl"], tmp_path / "out", CORPUS, Sharding(shards=7, workers=2))
    assert record == again
    assert record.instances == {"dev": 60, "train": 240}
    assert record.instructions == len(written(tmp_path / "out")) == sum(record.split_distribution.values())
    assert record.split_num == 6
    assert all(3 <= size <= 9 for size in record.split_distribution)


def test_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "s.jsonl", SAMPLES[:50])
    code = (
        "import sys, msgspec; from pointline.instruct.corpus import Corpus, build_corpus;"
        "from pointline.shards import Sharding; corpus = msgspec.json.decode(sys.stdin.buffer.read(), type=Corpus);"
        "build_corpus([sys.argv[1]], sys.argv[2], corpus, Sharding(shards=2))"
    )
    said = []
    for seed in ("0", "5"):
        out = tmp_path / seed
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", code, str(tmp_path / "s.jsonl"), str(out)]
        subprocess.run(command, check=True, env=env, input=msgspec.json.encode(CORPUS))
        said.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "1"}', r"s\.jsonl:2: .*missing required field"),
        ("{", r"s\.jsonl:2: is not JSON"),
        (
            '{"id": "1", "text": "x", "entities": [{"type": "ghost", "text": "x"}]}',
            r"s\.jsonl:2: .*'ghost' is not in the schema",
        ),
    ],
)
def test_a_fault_names_file_and_line(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "s.jsonl").write_text(f'{{"id": "0", "text": "ok", "entities": []}}\n{line}\n')
    with pytest.raises(PointlineError, match=said):
        build_corpus([tmp_path / "s.jsonl"], tmp_path / "out", CORPUS, Sharding(shards=1))


def test_a_sample_taken_twice_is_asked_of_anew(tmp_path: Path) -> None:
    jsonl.write(tmp_path / "s.jsonl", SAMPLES)
    one = build_corpus([tmp_path / "s.jsonl"], tmp_path / "one", CORPUS, Sharding(shards=1))
    twice = msgspec.structs.replace(CORPUS, rate=2.0)
    two = build_corpus([tmp_path / "s.jsonl"], tmp_path / "two", twice, Sharding(shards=1))
    assert sum(two.instances.values()) == 2 * sum(one.instances.values())
    both = Counter(written(tmp_path / "two"))
    assert not Counter(written(tmp_path / "one")) - both
    assert len(both) > 1.5 * len(set(written(tmp_path / "one")))
    few = msgspec.structs.replace(CORPUS, rate=0.25)
    some = build_corpus([tmp_path / "s.jsonl"], tmp_path / "few", few, Sharding(shards=1))
    assert 50 < sum(some.instances.values()) < 100
    assert set(written(tmp_path / "few")) <= set(written(tmp_path / "one"))


@given(
    st.lists(st.tuples(st.integers(0, 1000), st.floats(0, 5), st.none() | st.integers(0, 500)), min_size=1, max_size=6),
    st.floats(0.5, 10),
    st.none() | st.integers(0, 5000),
)
def test_laws_of_the_mixture(corpora: list[Any], temperature: float, total: int | None) -> None:
    shares = [Share(str(i), n, weight, cap) for i, (n, weight, cap) in enumerate(corpora)]
    found = rates(shares, temperature, total)
    given_out = {s.name: found[s.name] * s.samples for s in shares}
    wanted = sum(s.samples for s in shares) if total is None else total
    assert list(found) == [share.name for share in shares]
    assert all(rate >= 0 for rate in found.values())
    assert all(s.cap is None or given_out[s.name] <= s.cap + 1e-6 for s in shares)
    assert sum(given_out.values()) <= wanted + 1e-6 * max(1, wanted)
    uncapped = [s for s in shares if s.weight and s.samples and s.cap is None]
    if uncapped:
        assert sum(given_out.values()) == pytest.approx(wanted)
        first = uncapped[0]
        for share in uncapped:
            expected = share.weight * share.samples ** (1 / temperature) * given_out[first.name]
            assert given_out[share.name] * first.weight * first.samples ** (1 / temperature) == pytest.approx(expected)


def test_temperature_evens_sizes_out() -> None:
    shares = [Share("large", 900), Share("small", 100)]
    assert rates(shares) == {"large": 1.0, "small": 1.0}
    assert rates(shares, temperature=2.0)["small"] == pytest.approx(2.5)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: rates([], 0.0),
        lambda: rates([Share("a", 1), Share("a", 1)]),
        lambda: Share("a", -1),
        lambda: Taking(-1.0),
    ],
)
def test_impossible_mixtures_are_refused(wrong: Any) -> None:
    with pytest.raises(SettingsFault):
        wrong()


def test_records_add_up() -> None:
    one = InstructionRecord("a", "ner", "News", ["x", "y"], {"train": 3}, 6, 4, {3: 1, 6: 3})
    two = InstructionRecord("b", "re", "News", ["y", "z"], {"dev": 1, "train": 1}, 4, 2, {4: 2})
    both = whole([one, two])
    assert both == InstructionRecord(
        "all", "", "News", ["x", "y", "z"], {"dev": 1, "train": 4}, 0, 6, {3: 1, 4: 2, 6: 3}
    )
    assert json.loads(json.dumps(one.paper_form()))["#Instance"] == {"train": 3}
    assert card([one, two], "Both").count("\n") == 7
