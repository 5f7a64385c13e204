"""Relations and events of the tagger: strict figures by offsets on CoNLL04 and FewFC, training time, size.

    python benchmarks/links.py [conll04 fewfc] [--seeds 1] [--data FOLDER] [--set KEY=VALUE]

Sets are read by their cards from FOLDER; where a set has no dev part, 10 % of train by id hash is it.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path

from pointline.corpora import cards
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.models.extractor import load
from pointline.sample import Sample
from pointline.settings import load as load_settings
from pointline.train.split import split_dev
from pointline.train.tagger import fit
from pointline.train.tagger.settings import TaggerTraining

SETS = {"conll04": ("conll04_spert", "conll04_spert"), "fewfc": ("fewfc_base", "fewfc_zh")}


def main() -> None:
    """Train on each set with each seed; one JSON line a figure, mean and range over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=list(SETS), metavar="SET")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("POINTLINE_SHARED", "../shared/data")))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a training setting")
    arguments = parser.parse_args()
    for name in arguments.sets:
        train, dev, test = read(name, arguments.data)
        rounds = []
        for seed in range(arguments.seeds):
            settings = load_settings(TaggerTraining, words=[f"seed={seed}", *arguments.set])
            rounds.append(measured(train, dev, test, settings))
        for what, unit in rounds[0]:
            values = [figures[what, unit] for figures in rounds]
            row = {"name": f"links/{name}", "what": what, "value": round(sum(values) / len(values), 2), "unit": unit}
            print(json.dumps(row | {"rounds": len(values), "range": [min(values), max(values)]}), flush=True)


def read(name: str, folder: Path) -> tuple[list[Sample], list[Sample], list[Sample]]:
    """Convert a set by its card and split it."""
    card, where = SETS[name]
    samples = list(convert([folder / where], Request(card=cards.load(card)), Report()))
    train, dev, test = ([s for s in samples if s.split == part] for part in ("train", "dev", "test"))
    return (train, dev, test) if dev else (*split_dev(train), test)


def measured(
    train: list[Sample], dev: list[Sample], test: list[Sample], settings: TaggerTraining
) -> dict[tuple[str, str], float]:
    """Train, load and compare; every figure with its unit."""
    with tempfile.TemporaryDirectory() as folder:
        cpu = time.process_time()
        fit(train, dev, settings, folder)
        minutes = (time.process_time() - cpu) / 60
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
        answers = load(folder).extract(test)
    real, said = items(test), items(answers)
    found = {(what, "%"): round(f1(real[what], said[what]), 2) for what in real if real[what]}
    return found | {("training", "CPU min"): round(minutes, 2), ("model size", "MB"): round(size, 2)}


def items(samples: Sequence[Sample]) -> dict[str, set[Hashable]]:
    """What strict figures compare, by offsets: a relation is its type with both typed ends."""
    spans = (
        ("entities", lambda s: ((e.type, e.start, e.end) for e in s.entities or ())),
        (
            "relations",
            lambda s: (
                (r.type, r.head.type, r.head.start, r.head.end, r.tail.type, r.tail.start, r.tail.end)
                for r in s.relations or ()
            ),
        ),
        ("triggers", lambda s: ((e.type, e.trigger.start, e.trigger.end) for e in s.events or () if e.trigger)),
        (
            "arguments",
            lambda s: ((e.type, a.role, a.start, a.end) for e in s.events or () for a in e.arguments),
        ),
    )
    return {what: {(s.id, *item) for s in samples for item in read(s)} for what, read in spans}


def f1(real: Iterable[Hashable], said: Iterable[Hashable]) -> float:
    """Micro F1 in per cent."""
    real, said = set(real), set(said)
    return 200 * len(real & said) / max(1, len(real) + len(said))


if __name__ == "__main__":
    main()
