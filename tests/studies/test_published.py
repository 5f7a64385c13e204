"""A published table of differences, looked at again."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointline.errors import InputFault
from pointline.studies.mre.published import read_published

HEAD = "language,dataset,target_level,setting,f1\n"


def test_counts_and_noise(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEAD + "en,A,TL,without,50\nen,A,TL,with,60\nen,A,WL,without,50\nen,A,WL,with,49.5\n")
    found = read_published(path, (100, 1000))
    assert (found.positive, found.datasets, found.both_positive, found.one_positive) == (1, 1, 0, 1)
    assert found.mean == {"TL": 10.0, "WL": -0.5}
    assert [each.noise for each in found.deltas] == [{100: True, 1000: False}, {100: True, 1000: True}]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("language,f1\n", r"t.csv:1: has no column 'dataset'"),
        (HEAD + "en,A,TL,with,x\n", r"t.csv:2: f1: 'x' is no figure"),
        (HEAD + "en,A,TL,with,5\n", "needs a line `without`"),
    ],
)
def test_a_table_at_fault_is_one_line(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(InputFault, match=match):
        read_published(path)


def test_the_published_ablation(shared_data: Path) -> None:
    tables = shared_data.parent / "papers" / "tables"
    if not (tables / "mmm_ablation.csv").exists():
        pytest.skip("the papers' tables are not here")
    found = read_published(tables / "mmm_ablation.csv", results=tables / "mmm_results.csv")
    assert (found.positive, len(found.deltas)) == (32, 42)
    assert (found.datasets, found.both_positive, found.one_positive) == (21, 12, 20)
    assert [sum(each.noise[n] for each in found.deltas) for n in (1000, 3000)] == [41, 32]
    assert [line.split(":")[0] for line in found.suspicious] == ["zh SCPOS", "zh SCPOS", "ja SCPOS", "ja SCPOS"]
