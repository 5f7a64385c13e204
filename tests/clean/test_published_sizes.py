"""The sizes that the IEPile paper prints (Tables 9-11) come out of the raw public files, to the digit."""

from __future__ import annotations

from pathlib import Path

import pytest
import raw_files as raw

from pointline import jsonl
from pointline.clean.corpus import clean
from pointline.clean.rules import CleanSettings

PHEE = {split: f"phee/json/{split}.json" for split in ("train", "dev", "test")}
NYT = {split: f"nyt_casrel/{split}_triples.json" for split in ("dev", "test")}
MSRA = {"test": "msra_ner_zh/bio/msra_test_bio.txt"}
SEMEVAL = {"test": "semeval2010_task8/SemEval2010_task8_testing_keys/TEST_FILE_FULL.TXT"}
SCIERC = {split: f"scierc/{split}.json" for split in ("train", "dev", "test")}


@pytest.mark.parametrize(
    ("reader", "files", "read", "kept"),
    [
        (raw.phee, PHEE, [2898, 961, 968], [2897, 960, 968]),
        (raw.nyt, NYT, [5000, 5000], [4975, 4985]),
        (raw.msra, MSRA, [3442], [3437]),
        (raw.semeval, SEMEVAL, [2717], [2714]),
        (raw.scierc, SCIERC, [1366, 187, 397], [1366, 187, 397]),
    ],
)
def test_published_sizes(
    shared_data: Path, tmp_path: Path, reader: raw.Reader, files: dict[str, str], read: list[int], kept: list[int]
) -> None:
    splits = {split: tmp_path / f"{split}.jsonl" for split in files}
    for split, name in files.items():
        jsonl.write(splits[split], raw.samples(reader(shared_data / name), "raw", split))
    report = clean(splits, tmp_path / "out", CleanSettings(rules="iepile-published"))
    assert [entry.read for entry in report.files] == read
    assert [entry.kept for entry in report.files] == kept
