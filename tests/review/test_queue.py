"""The queue on real data: one annotation in ten of SNIPS corrupted, four in five of the first hundred are wrong."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from real_sets import snips

from pointline.review.planting import plant
from pointline.review.suspicion import Suspicion, suspicions
from pointline.sample import Sample, faults


def planted(data: Path, count: int) -> tuple[list[Sample], set[str]]:
    return plant(random.Random(3).sample(list(snips(data)), count), 0.1, seed=2)


def precision(samples: list[Sample], found: list[Suspicion], wrong: set[str], n: int) -> float:
    order = sorted(range(len(samples)), key=lambda place: (-found[place].score, place))
    return sum(samples[place].id in wrong for place in order[:n]) / n


def test_planted_errors_are_one_in_ten_and_well_formed(shared_data: Path) -> None:
    made, wrong = planted(shared_data, 2000)
    assert len(wrong) == 200
    assert not [fault for sample in made for fault in faults(sample)]
    assert planted(shared_data, 2000)[1] == wrong


def test_the_file_alone(shared_data: Path) -> None:
    made, wrong = planted(shared_data, 4000)
    assert precision(made, suspicions(made), wrong, 100) >= 0.8


@pytest.mark.slow
def test_with_answers_out_of_fold(shared_data: Path) -> None:
    pytest.importorskip("torch")
    from pointline.review.folds import out_of_fold
    from pointline.train.tagger.settings import TaggerTraining

    made, wrong = planted(shared_data, 4000)
    found = suspicions(made, out_of_fold(made, 2, TaggerTraining(epochs=6)))
    assert precision(made, found, wrong, 100) >= 0.8
    assert precision(made, found, wrong, 400) > precision(made, suspicions(made), wrong, 400)
