"""Active learning: labels needed to reach a share of the full-data ALL on SNIPS, the queue against random order.

    python benchmarks/active.py [--seeds 3] [--start 250] [--grow 1.5] [--pool 13084] [--steps 400] [--share 0.95]

Each arm begins with the same random samples; a model of all that is labelled orders the rest; the next ones come from
the queue's head (`uncertain`) or by the seed (`random`). ALL is measured on test after every training. The figure is
the number of labelled texts, interpolated, at which ALL first reaches `share` of a model of the whole pool.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from rounds import line
from tagger import read

from pointline.annotate.doubts import Evidence
from pointline.annotate.weighing import Weighing, kinds, weigh
from pointline.models.extractor import Extractor, load
from pointline.sample import Sample
from pointline.score import score
from pointline.train.tagger import fit
from pointline.train.tagger.settings import TaggerTraining

ARMS = ("uncertain", "random")
Curve = list[tuple[int, float]]


def main() -> None:
    """Run every seed and arm; a JSON line a point, then the labels needed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--start", type=int, default=250, help="texts labelled at first")
    parser.add_argument("--grow", type=float, default=1.5, help="labelled texts of a round, times those before")
    parser.add_argument("--pool", type=int, default=13084, help="training texts in all")
    parser.add_argument("--steps", type=int, default=400, help="training steps of every model")
    parser.add_argument("--share", type=float, default=0.95, help="of the full-data ALL")
    parser.add_argument("--cpu", type=float, default=120, help="CPU minutes after which no round is begun")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("POINTLINE_SHARED", "../shared/data")))
    told = parser.parse_args()
    torch.set_num_threads(1)
    split = read("snips", told.data)
    needed: dict[str, list[float]] = {arm: [] for arm in ARMS}
    for seed in range(told.seeds):
        pool = random.Random(f"{seed}/pool").sample(split.train, min(told.pool, len(split.train)))
        goal = told.share * measured(trained(pool, seed, told.steps), split.test)
        for arm in ARMS:
            points = curve(pool, split.test, (arm, seed), told, goal)
            for texts, value in points:
                row = {"name": "active", "what": "ALL", "arm": arm, "seed": seed, "texts": texts}
                print(json.dumps({**row, "value": round(value, 2), "unit": "%"}), flush=True)
            reached = crossing(points, goal)
            if reached is not None:
                needed[arm].append(reached)
    for arm, found in needed.items():
        if found:
            line("active", f"labels_needed_{arm}", found, "texts", share=told.share)


def curve(
    pool: Sequence[Sample], test: Sequence[Sample], which: tuple[str, int], told: argparse.Namespace, goal: float
) -> Curve:
    """ALL by the number of labelled texts, until the goal is reached or the CPU is spent."""
    arm, seed = which
    labelled, rest = list(pool[: told.start]), list(pool[told.start :])
    points: Curve = []
    while True:
        model = trained(labelled, seed, told.steps)
        points.append((len(labelled), measured(model, test)))
        if points[-1][1] >= goal or not rest or time.process_time() > told.cpu * 60:
            return points
        if arm == "uncertain":
            rest = ordered(model, rest)
        size = max(1, round(len(labelled) * (told.grow - 1)))
        labelled += rest[:size]
        rest = rest[size:]


def ordered(model: Extractor, rest: list[Sample]) -> list[Sample]:
    """The least sure first, as `annotate label` has them."""
    bare = [Sample(sample.id, sample.text, sample.lang) for sample in rest]
    answers = list(model.predict(bare))
    evidence = Evidence()
    for answer in answers:
        evidence.add((answer.labels or [""])[0], kinds(answer))
    pairs = zip(answers, bare, strict=True)
    chances = [weigh(answer, draft, evidence, Weighing()).chance for answer, draft in pairs]
    return [rest[i] for i in sorted(range(len(rest)), key=lambda i: (chances[i], rest[i].id))]


def trained(samples: Sequence[Sample], seed: int, steps: int) -> Extractor:
    """A tagger of so many steps, however few the samples are."""
    epochs = max(1, steps * 64 // max(1, len(samples)))
    with tempfile.TemporaryDirectory() as folder:
        chosen = TaggerTraining(seed=seed, preset="words", max_steps=steps, epochs=epochs + 1, patience=1000)
        fit(samples, None, chosen, folder)
        return load(folder)


def measured(model: Extractor, test: Sequence[Sample]) -> float:
    """ALL on test, in per cent."""
    return score(test, model.predict(test)).figures["ALL"].value


def crossing(points: Curve, goal: float) -> float | None:
    """Where the curve first reaches the goal, a straight line between two points; None where it does not."""
    before: tuple[int, float] | None = None
    for texts, value in points:
        if value >= goal:
            if before is None or value == before[1]:
                return float(texts)
            return before[0] + (goal - before[1]) / (value - before[1]) * (texts - before[0])
        before = (texts, value)
    return None


if __name__ == "__main__":
    main()
