"""Pairing by id: any order, any source, and one clear line where ids do not match."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from pathlib import Path

import pytest

from pointline import jsonl
from pointline.errors import InputFault
from pointline.sample import Sample
from pointline.score import Settings, compare, score
from pointline.score.pairing import Pairing

QUICK = Settings(resamples=20)


def samples(ids: str) -> list[Sample]:
    return [Sample(id, f"text {id}", labels=[id]) for id in ids]


def file(folder: Path, name: str, ids: str) -> Path:
    jsonl.write(folder / name, samples(ids))
    return folder / name


def pairs(gold: Path | list[Sample], answers: Path | list[Sample], partial: bool = False) -> list[tuple[str, str]]:
    return [(g.id, a.id) for g, a in Pairing(gold, [answers], partial=partial)]


@pytest.mark.parametrize("order", ["abcdef", "fedcba", "abcfed", "bacdef", "abdecf"])
def test_any_order_any_source(tmp_path: Path, order: str) -> None:
    gold, answers = file(tmp_path, "gold.jsonl", "abcdef"), file(tmp_path, "answers.jsonl", order)
    packed = file(tmp_path, "answers.jsonl.gz", order)
    for given in (answers, packed, samples(order)):
        assert pairs(gold, given) == [(id, id) for id in "abcdef"]
        assert pairs(samples("abcdef"), given) == [(id, id) for id in "abcdef"]


def test_shuffled_files_score_the_same(tmp_path: Path) -> None:
    gold = [Sample(str(i), f"t{i}", labels=[str(i % 3)]) for i in range(3000)]
    made = [Sample(s.id, s.text, labels=[str(i % 7 % 3)]) for i, s in enumerate(gold)]
    jsonl.write(tmp_path / "g", gold)
    jsonl.write(tmp_path / "a", made)
    jsonl.write(tmp_path / "b", random.Random(1).sample(made, len(made)))
    ordered, shuffled = score(tmp_path / "g", tmp_path / "a"), score(tmp_path / "g", tmp_path / "b")
    assert ordered.figures == shuffled.figures == score(gold, made).figures
    assert score(gold, made).signature == ordered.signature != shuffled.signature


@pytest.mark.parametrize(
    ("gold", "answers", "message"),
    [
        ("abc", "ac", r"gold.jsonl:2: id: 'b' has no answer in .*answers.jsonl \(1 of 3 have none\)"),
        ("ac", "abc", r"answers.jsonl:2: id: 'b' is not in .*gold.jsonl \(1 such answers\)"),
        ("ab", "abc", r"answers.jsonl:3: id: 'c' is not in"),
        ("abb", "abb", r"gold.jsonl:3: id: 'b' already stands in record 2"),
        ("abc", "acbc", r"answers.jsonl:4: id: 'c' already stands in record 2"),
        ("abc", "abcb", r"answers.jsonl:4: id: 'b' already stands in record 2"),
        ("abc", "xyz", r"answers.jsonl:1: id: none of its ids is in .*gold.jsonl \(first: 'x'\)"),
    ],
)
def test_ids_that_do_not_match(tmp_path: Path, gold: str, answers: str, message: str) -> None:
    paths = file(tmp_path, "gold.jsonl", gold), file(tmp_path, "answers.jsonl", answers)
    with pytest.raises(InputFault, match=message):
        pairs(*paths)
    with pytest.raises(InputFault, match=message.replace(".jsonl", "")):
        pairs(samples(gold), samples(answers))


def test_partial_overlap_is_counted(tmp_path: Path) -> None:
    gold, answers = file(tmp_path, "gold.jsonl", "abcd"), file(tmp_path, "answers.jsonl", "xdb")
    got = score(gold, answers, allow_missing=True, settings=QUICK)
    assert (got.n, got.missing, got.extra) == (4, 2, 1)
    assert got["TL"].recall == 50
    with pytest.raises(InputFault, match="none of its ids"):
        score(gold, file(tmp_path, "other.jsonl", "xyz"), allow_missing=True)


def test_an_empty_gold_file(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_bytes(b"\n")
    with pytest.raises(InputFault, match=r"gold\.jsonl: holds no samples"):
        score(tmp_path / "gold.jsonl", file(tmp_path, "a.jsonl", "ab"))


def test_raw_output_instead_of_predictions(tmp_path: Path) -> None:
    (tmp_path / "raw.jsonl").write_text('{"id": "a", "raw": "x/NER/"}\n')
    with pytest.raises(InputFault, match=r"raw.jsonl:1: is raw model output, no prediction; run `pointline decode`"):
        score(samples("a"), tmp_path / "raw.jsonl")


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = file(tmp_path, "answers.jsonl", "ab")
    path.write_bytes(path.read_bytes() + b'{"id": "c", "text": 3}\n')
    with pytest.raises(InputFault, match=r"answers.jsonl:3: text: Expected `str`"):
        score(samples("abc"), path)


def test_a_bom_and_windows_line_ends(tmp_path: Path) -> None:
    path = file(tmp_path, "answers.jsonl", "dcba")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b"\r\n")
    assert pairs(samples("abcd"), path) == [(id, id) for id in "abcd"]


def test_data_hash_is_the_files_own(tmp_path: Path) -> None:
    import hashlib

    gold, answers = file(tmp_path, "gold.jsonl", "abc"), file(tmp_path, "answers.jsonl.gz", "cab")
    said = score(gold, answers, settings=QUICK).signature
    assert f"gold:{hashlib.sha256(gold.read_bytes()).hexdigest()[:12]}" in said
    assert f"answers:{hashlib.sha256(gzip.decompress(answers.read_bytes())).hexdigest()[:12]}" in said


def test_a_pipe_is_read(tmp_path: Path) -> None:
    gold = file(tmp_path, "gold.jsonl", "abc")
    code = "import sys; from pointline.score import score; print(score(sys.argv[1], '-')['TL'].f1)"
    told = subprocess.run(
        [sys.executable, "-c", code, str(gold)], input=gold.read_bytes(), capture_output=True, check=True
    )
    assert told.stdout.strip() == b"100.0"


def test_comparison_names_the_file_at_fault(tmp_path: Path) -> None:
    gold, a = file(tmp_path, "gold.jsonl", "abc"), file(tmp_path, "a.jsonl", "cab")
    with pytest.raises(InputFault, match=r"'c' has no answer in .*b.jsonl"):
        compare(gold, (a, file(tmp_path, "b.jsonl", "ab")))
    assert compare(gold, (a, gold))["TL"].delta == 0
