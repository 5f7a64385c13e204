"""Real sets: what test batches say, joined, is what was annotated; hard mode asks for every positive label."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from real_sets import SETS

from pointline.instruct.batches import Batching
from pointline.instruct.evidence import gather
from pointline.instruct.hard_negatives import Sources, mine
from pointline.instruct.joining import Joining
from pointline.instruct.labels import Task, keys_in, labels_of
from pointline.instruct.pairs import Instructions
from pointline.sample import Sample
from pointline.schema import Schema


def content(sample: Sample, task: Task) -> Counter[Any]:
    if task == "ner":
        return Counter((e.type, e.text) for e in sample.entities or ())
    if task == "re":
        return Counter((r.type, r.head.text, r.tail.text) for r in sample.relations or ())
    return Counter(
        (e.type, e.trigger and e.trigger.text, tuple(sorted((a.role, a.text) for a in e.arguments)))
        for e in sample.events or ()
    )


@pytest.mark.parametrize(
    ("name", "task"), [("stockmark", "ner"), ("snips", "ner"), ("cluener", "ner"), ("fewfc", "ee"), ("conll04", "re")]
)
def test_gold_comes_back_through_the_batches_of_real_sets(shared_data: Path, name: str, task: Task) -> None:
    samples = list(itertools.islice(SETS[name](shared_data), 400))
    schema = Schema.of(samples)
    labels = labels_of(schema, task)
    found = mine(labels, Sources(gather(samples, labels, task)))
    test, train = Batching(split_num=3, mode="test"), Batching(split_num=3)
    asked, join = Instructions(schema, task, batching=test), Joining(schema, task, test)
    hard = Instructions(schema, task, batching=train, negatives=found)
    for sample in samples:
        said = join(sample.id, sample.text, [pair.completion for pair in asked.pairs(sample)])
        assert content(said, task) == content(sample, task), sample.id
        trained = Joining(schema, task)(sample.id, sample.text, [pair.completion for pair in hard.pairs(sample)])
        assert set(keys_in(sample, task)) == set(keys_in(trained, task))
