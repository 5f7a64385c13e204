"""The sizes that the IEPile paper prints (Tables 9-11) come out of the raw public files, to the digit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pointline import jsonl
from pointline.clean.corpus import clean
from pointline.clean.rules import CleanSettings
from pointline.sample import Sample

SIZES = {
    "phee": {"train": (2898, 2897), "dev": (961, 960), "test": (968, 968)},
    "nyt_casrel": {"dev": (5000, 4975), "test": (5000, 4985)},
    "msra_ner_zh": {"test": (3442, 3437)},
    "semeval2010_task8": {"test": (2717, 2714)},
    "scierc": {"train": (1366, 1366), "dev": (187, 187), "test": (397, 397)},
}


@pytest.mark.parametrize("name", SIZES)
def test_published_sizes(corpus: Callable[[str], list[Sample]], tmp_path: Path, name: str) -> None:
    samples = corpus(name)
    if name == "scierc":  # the paper counts sentences with a relation
        samples = [sample for sample in samples if sample.relations]
    splits = {split: tmp_path / f"{split}.jsonl" for split in SIZES[name]}
    for split, path in splits.items():
        jsonl.write(path, (sample for sample in samples if sample.split == split))
    report = clean(splits, tmp_path / "out", CleanSettings(rules="iepile-published", near="off", audit_limit=0))
    assert {file.split: (file.read, file.kept) for file in report.files} == SIZES[name]
