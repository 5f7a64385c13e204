"""Real gold, asked in test batches and joined again, scores 100 in the figures of its task, for all seven tasks."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from pointline.corpora import cards
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.instruct.batches import Batching
from pointline.instruct.joining import Joining
from pointline.instruct.labels import Task
from pointline.instruct.pairs import Instructions
from pointline.schema import Schema
from pointline.score import score

SETS: dict[Task, tuple[str, str, tuple[str, ...]]] = {
    "ner": ("crossner_ai", "crossner", ("WL", "NER")),
    "re": ("conll04_spert", "conll04_spert", ("RE", "SPO")),
    "spo": ("duie2_zh", "duie2_zh", ("WL", "RE", "SPO")),
    "kg": ("conll04_spert", "conll04_spert", ("RE", "SPO")),
    "ee": ("fewfc_base", "fewfc_zh", ("WL", "EE-trigger", "EE-argument")),
    "eet": ("fewfc_base", "fewfc_zh", ("EE-trigger",)),
    "eea": ("fewfc_base", "fewfc_zh", ("WL", "EE-trigger", "EE-argument")),
}


@pytest.mark.parametrize("task", SETS)
@pytest.mark.parametrize("split_num", [None, 2])
def test_gold_joined_scores_100(shared_data: Path, task: Task, split_num: int | None) -> None:
    card, folder, figures = SETS[task]
    samples = convert([shared_data / folder], Request(card=cards.load(card)), Report())
    gold = list(itertools.islice(samples, 600))
    schema, batching = Schema.of(gold), Batching(split_num=split_num, mode="test")
    build, join = Instructions(schema, task, batching=batching), Joining(schema, task, batching)
    answers = [join(s.id, s.text, [pair.completion for pair in build.pairs(s)]) for s in gold]
    found = score(gold, answers, "iepile")
    assert {name: found[name].f1 for name in figures} == dict.fromkeys(figures, 100.0)
    wrong = [found[name].n for name in figures]
    assert min(wrong) > 100
    answers[0], answers[1] = answers[1], answers[0]
    answers[0].id, answers[1].id = answers[1].id, answers[0].id
    assert score(gold, answers, "iepile")[figures[-1]].f1 < 100
