"""The queue's order: one annotation in ten of SNIPS corrupted, how many of the first 100 samples are wrong ones.

    python benchmarks/suspicion.py [--samples 4000] [--folds 2] [--epochs 6] [--seeds 1] [--data FOLDER]

Every sample is judged by a tagger that was trained on the others, errors and all. `--samples 0` takes all of train
and dev. Beside it: the file alone without a model, and the order of the file (which finds the share that is planted).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from pointline.corpora import cards
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.review.folds import out_of_fold
from pointline.review.planting import plant
from pointline.review.suspicion import Suspicion, suspicions
from pointline.sample import Sample
from pointline.train.tagger.settings import TaggerTraining

FIRST = (100, 400, 1000)


def main() -> None:
    """Plant, predict, rank; one JSON line a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=4000)
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("POINTLINE_SHARED", "../shared/data")))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    card = cards.load("snips_slotgated")
    held = convert([arguments.data / card.name], Request(card=card), Report())
    samples = [sample for sample in held if sample.split != "test"]
    if arguments.samples:
        samples = random.Random(0).sample(samples, arguments.samples)
    for seed in range(arguments.seeds):
        began = time.process_time()
        made, wrong = plant(samples, 0.1, seed)
        answers = out_of_fold(made, arguments.folds, TaggerTraining(seed=seed, epochs=arguments.epochs))
        seconds = time.process_time() - began
        told = f"{len(made)} samples, {arguments.folds} folds, {arguments.epochs} epochs, seed {seed}"
        for by, found in (("model and file", suspicions(made, answers)), ("file alone", suspicions(made))):
            for n in FIRST:
                line(f"precision@{n}, {by}; {told}", precision(made, found, wrong, n), round(len(wrong) / len(made), 3))
        print(
            json.dumps({"name": "suspicion", "what": f"CPU; {told}", "value": round(seconds, 1), "unit": "s"}),
            flush=True,
        )


def precision(samples: Sequence[Sample], found: Sequence[Suspicion], wrong: set[str], n: int) -> float:
    """The share of wrong ones among the n most suspicious."""
    order = sorted(range(len(samples)), key=lambda place: (-found[place].score, place))
    return sum(samples[place].id in wrong for place in order[:n]) / n


def line(what: str, value: float, chance: float) -> None:
    """Print one figure beside that of the file's own order."""
    print(json.dumps({"name": "suspicion", "what": what, "value": value, "unit": "", "peer": chance}), flush=True)


if __name__ == "__main__":
    main()
