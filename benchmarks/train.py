"""How fast a small decoder trains on a CPU: batches as they come, grouped by length, and packed; real tokens a second.

Real tokens are those of prompts and completions; padding is not counted. Default data: the project's own synthetic
samples, joined to texts of very different lengths; `--samples FILE` measures a file of one's own. Every arm runs in
every round, in turn; rates are by CPU second, so that a busy machine changes little. The peer is `random`.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pointline import jsonl
from pointline.corpora.synthetic.generator import generate
from pointline.sample import Entity, Sample
from pointline.train.generator.arguments import quiet
from pointline.train.generator.data import GeneratorData, gather
from pointline.train.generator.fitting import GeneratorFit
from pointline.train.generator.record import new_record
from pointline.train.generator.settings import Batching, GeneratorTraining, chosen
from pointline.train.generator.trainer import Device
from pointline.train.record import Progress

ARMS: tuple[Batching, ...] = ("random", "grouped", "packed")


class Measured(NamedTuple):
    """One run: real tokens a CPU second, the share of places that hold padding, tokens of one step."""

    rate: float
    waste: float
    step: float


def samples(count: int) -> Iterator[Sample]:
    """Synthetic samples of one language and both levels, one to eight joined to a text."""
    draw = random.Random(0)
    parts = [s for split in generate(languages=("en",), per_task=400).values() for s in split if s.entities is not None]
    for number in range(count):
        text, entities = "", []
        chosen_parts = draw.choices(parts, k=min(8, 1 + int(draw.expovariate(0.9))))
        for part in chosen_parts:
            text += " " if text else ""
            entities += [
                Entity(e.type, e.text, e.start + len(text), e.end + len(text))
                for e in part.entities or ()
                if e.start is not None and e.end is not None
            ]
            text += part.text
        yield Sample(f"joined/{number}", text, "en", chosen_parts[0].labels, entities)


def run(data: GeneratorData, batching: Batching, steps: int, settings: GeneratorTraining) -> Measured:
    """Train so many steps; the first is warm-up."""
    values = {"batching": batching, "max_steps": steps}
    filled = chosen(GeneratorTraining(**{**{n: getattr(settings, n) for n in settings.__struct_fields__}, **values}))
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder, quiet(1):
        record = new_record(data, filled, "", "float32", 1)
        training = GeneratorFit(data, record, Path(folder), Device(0, 1))
        sizes = [example.size for example in training.examples]

        def tick(progress: Progress) -> None:
            times.append(time.process_time())

        training.run(False, tick)
    batches = training.plan.epoch(sizes, 0)[1:steps]
    tokens = sum(sizes[i] for rows in batches for row in rows for i in row)
    widths = ((len(rows), max(sum(sizes[i] for i in row) for row in rows)) for rows in batches if rows)
    places = sum(rows * width for rows, width in widths)
    return Measured(tokens / (times[-1] - times[0]), 1 - tokens / places, tokens / len(batches))


def main() -> None:
    """Print one JSON line an arm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", help="a file of samples; by default synthetic ones")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--width", type=int, default=256)
    told = parser.parse_args()
    held = list(jsonl.read(told.samples)) if told.samples else list(samples(1500))
    settings = GeneratorTraining(
        model="new:causal",
        epochs=1,
        batch=told.batch,
        width=told.width,
        heads=told.width // 32,
        substitution=0.0,
        dev_samples=0,
        dropout=0.0,
    )
    data = gather(held, held[:2], settings)._replace(dev_pairs=[], dev=[])
    runs: dict[Batching, list[Measured]] = {arm: [] for arm in ARMS}
    for _ in range(told.rounds):
        for arm in ARMS:
            runs[arm].append(run(data, arm, told.steps, settings))
    peer = statistics.median(one.rate for one in runs["random"])
    for arm in ARMS:
        rates = [one.rate for one in runs[arm]]
        row = {
            "name": f"train/{arm}",
            "what": "real tokens a CPU second",
            "value": round(statistics.median(rates), 1),
            "unit": "1/s",
            "peer": round(peer, 1),
            "ratio": round(statistics.median(rates) / peer, 3),
            "rounds": len(rates),
            "range": [round(min(rates), 1), round(max(rates), 1)],
        }
        print(json.dumps(row))
        waste = {"name": f"train/{arm}", "what": "padding", "value": round(100 * runs[arm][0].waste, 2), "unit": "%"}
        print(json.dumps(waste | {"tokens_a_step": round(runs[arm][0].step)}), flush=True)


if __name__ == "__main__":
    main()
