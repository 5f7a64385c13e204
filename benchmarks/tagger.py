"""The tagger beside spaCy: quality, training time, speed and size on one core, same splits, same wall time.

    python benchmarks/tagger.py [snips|stockmark|cluener ...] [--seeds 3] [--peer-seeds 1] [--data FOLDER]

Sets are read by their cards from FOLDER. Choices are made on dev (SNIPS) or on 10 % of train by id hash.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from pointline.corpora import cards
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.models.extractor import load
from pointline.models.tagger.tokens import tokenize
from pointline.sample import Sample
from pointline.score import score
from pointline.score.scoring import Settings as ScoreSettings
from pointline.settings import load as load_settings
from pointline.train.split import split_dev
from pointline.train.tagger import fit
from pointline.train.tagger.settings import TaggerTraining

CARDS = {"snips": "snips_slotgated", "stockmark": "stockmark_ner_wikipedia_ja", "cluener": "cluener_zh"}
STOCKMARK_TEST = 1000
SPEED_ROUNDS = 5


class Split(NamedTuple):
    """A data set's three parts; `dev` is 10 % of train by id hash where the set has none."""

    train: list[Sample]
    dev: list[Sample]
    test: list[Sample]


class Measured(NamedTuple):
    """What one model reached on one seed."""

    whole: dict[str, float]
    unseen: dict[str, float]
    texts_per_second: float
    megabytes: float
    cpu_minutes: float
    seconds: float


def main() -> None:
    """Train and measure every set and seed; one JSON line a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=["snips"], choices=[[], *CARDS], metavar="SET")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("POINTLINE_SHARED", "../shared/data")))
    parser.add_argument("--peer-seeds", type=int, help="seeds of spaCy; by default as many as ours, 0 leaves it out")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a training setting")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in arguments.sets or ["snips"]:
        split = read(name, arguments.data)
        ours, theirs = [], []
        for seed in range(arguments.seeds):
            settings = load_settings(TaggerTraining, words=[f"seed={seed}", *arguments.set])
            ours.append(run_tagger(split, settings))
            if seed < (arguments.seeds if arguments.peer_seeds is None else arguments.peer_seeds):
                theirs.append(run_peer(split, seed, ours[-1].seconds))
        for row in rows(name, ours, theirs):
            print(json.dumps(row), flush=True)


def read(name: str, folder: Path) -> Split:
    """Convert a set by its card and split it."""
    card = cards.load(CARDS[name])
    samples = list(convert([folder / card.name], Request(card=card), Report()))
    if name == "stockmark":
        rest, test = samples[:-STOCKMARK_TEST], samples[-STOCKMARK_TEST:]
        return Split(*split_dev(rest), test)
    parts = {part: [s for s in samples if s.split == part] for part in ("train", "dev", "test")}
    if not parts["dev"]:
        return Split(*split_dev(parts["train"]), parts["test"])
    return Split(parts["train"], parts["dev"], parts["test"])


def run_tagger(split: Split, settings: TaggerTraining) -> Measured:
    """Train, save, load and measure the tagger."""
    with tempfile.TemporaryDirectory() as folder:
        started, cpu = time.perf_counter(), time.process_time()
        fit(split.train, split.dev, settings, folder)
        seconds, minutes = time.perf_counter() - started, (time.process_time() - cpu) / 60
        model = load(folder)
        megabytes = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
    return measured(split, model.extract, (megabytes, minutes, seconds))


def run_peer(split: Split, seed: int, seconds: float) -> Measured:
    """Train spaCy for as long and measure it."""
    from spacy_peer import Peer

    peer = Peer(cut, seed)
    started, cpu = time.perf_counter(), time.process_time()
    peer.fit(split.train, split.dev, seconds, lambda gold, made: mean(figures(gold, made).values()))
    taken = time.perf_counter() - started, (time.process_time() - cpu) / 60
    return measured(split, peer.extract, (peer.size() / 1e6, taken[1], taken[0]))


def cut(sample: Sample) -> list[tuple[int, int]]:
    """The tokens that the peer is given: words between blanks, and the tagger's own in Japanese and Chinese."""
    if sample.lang in ("ja", "zh"):
        return [(token.start, token.end) for token in tokenize(sample.text, sample.lang)]
    found, place = [], 0
    for word in sample.text.split(" "):
        if word:
            found.append((place, place + len(word)))
        place += len(word) + 1
    return found


def measured(
    split: Split, extract: Callable[[Sequence[Sample]], Iterable[Sample]], cost: tuple[float, float, float]
) -> Measured:
    """Quality on the whole test part and on its rows whose text is not in train; speed in CPU time, best of five."""
    bare = [Sample(sample.id, sample.text, sample.lang) for sample in split.test]
    answers = list(extract(bare))
    taken = []
    for _ in range(SPEED_ROUNDS):
        started = time.process_time()
        list(extract(bare))
        taken.append(time.process_time() - started)
    seen = {sample.text for sample in split.train}
    new = [i for i, sample in enumerate(split.test) if sample.text not in seen]
    unseen = figures([split.test[i] for i in new], [answers[i] for i in new])
    megabytes, minutes, seconds = cost
    return Measured(figures(split.test, answers), unseen, len(bare) / min(taken), megabytes, minutes, seconds)


def figures(gold: Sequence[Sample], answers: Sequence[Sample]) -> dict[str, float]:
    """TL, WL and ALL by the `mre` protocol, per cent, the levels that gold has."""
    found = score(gold, answers, settings=ScoreSettings(resamples=0))
    return {level: found[level].value for level in ("TL", "WL", "ALL") if level in found}


def rows(name: str, ours: Sequence[Measured], theirs: Sequence[Measured]) -> Iterable[dict[str, object]]:
    """One JSON row a figure: mean over the seeds, range, the peer's mean and the ratio."""
    reads: list[tuple[str, str, Callable[[Measured], float]]] = []
    for part, what in (("whole", ""), ("unseen", " (text not in train)")):
        for level in ours[0].whole:
            reads.append((f"{level}{what}", "%", lambda m, part=part, level=level: getattr(m, part)[level]))  # type: ignore[misc]
    reads += [
        ("texts a second, one core, batch 64", "1/s", lambda m: m.texts_per_second),
        ("model size", "MB", lambda m: m.megabytes),
        ("training", "CPU min", lambda m: m.cpu_minutes),
        ("training, wall", "s", lambda m: m.seconds),
    ]
    for what, unit, get in reads:
        values = [get(one) for one in ours]
        row: dict[str, object] = {"name": f"tagger/{name}", "what": what, "value": round(mean(values), 2), "unit": unit}
        if theirs:
            peer = mean(map(get, theirs))
            row |= {
                "peer": round(peer, 2),
                "peer_rounds": len(theirs),
                "ratio": round(mean(values) / peer, 3) if peer else None,
            }
        yield row | {"rounds": len(values), "range": [round(min(values), 2), round(max(values), 2)]}


def mean(values: Iterable[float]) -> float:
    """The arithmetic mean."""
    held = list(values)
    return sum(held) / len(held)


if __name__ == "__main__":
    main()
