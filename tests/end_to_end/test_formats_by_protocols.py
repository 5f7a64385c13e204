"""Gold written and read back in every format scores 100 under every protocol that applies, on real sets."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import msgspec
import pytest
from real_sets import SETS

from pointline.formats import FORMATS, Ask, CannotHold, codec
from pointline.formats.answers import join
from pointline.sample import Sample
from pointline.schema import Schema
from pointline.score import Settings, score_all

PLACED = {"offset", "partial", "gliner", "seqeval"}
"""They compare offsets, and strings carry none: spans are found again from left to right (measured elsewhere)."""

ORDERED = {"iepile": {"slg"}}
"""String equality needs the order of all spans, and JSON grouped by type does not hold the order across types."""


def untriggered(sample: Sample) -> Sample:
    for event in sample.events or ():
        event.trigger = None
    return sample


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("format", FORMATS)
def test_gold_through_a_format_scores_100(shared_data: Path, name: str, format: str) -> None:
    samples = list(islice(SETS[name](shared_data), 600))
    if format != "iepile":
        samples = [untriggered(sample) for sample in samples]
    bound = codec(format, Ask(Schema.of(samples)))
    gold: list[Sample] = []
    answers: list[Sample] = []
    refused = 0
    for sample in samples:
        try:
            pairs = bound.encode(sample)
        except CannotHold:
            refused += 1
            continue
        gold.append(sample)
        answers.append(join([bound.decode(pair.completion, sample.text, sample.id) for pair in pairs]))
    if not gold:
        pytest.skip(f"{format} holds no sample of {name}: each is refused with a reason")
    if format == "iepile":
        gold = [msgspec.structs.replace(sample, labels=None) for sample in gold]
    board = score_all(gold, answers, settings=Settings(resamples=0))
    assert "mre" in board
    for protocol, score in board.scores.items():
        if protocol not in PLACED | ORDERED.get(format, set()):
            found = {key: figure.value for key, figure in score.figures.items()}
            assert found == dict.fromkeys(found, 100.0), (protocol, refused)
