"""Scoring: from file against decoding alone, spans in memory against seqeval and nervaluate, the paired bootstrap.

Rounds are interleaved: every round runs all sides once. Prints JSON lines with medians and ranges, in CPU seconds
of one process (a loaded machine stretches the clock, not these), but for the memory lines.
Needs seqeval and nervaluate for their lines; without them these are left out and said so.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from pointline import jsonl
from pointline.sample import Entity, Sample
from pointline.score import Settings, compare, score, span_f1

TYPES = [f"slot_{i}" for i in range(39)]
LABELS = [f"intent_{i}" for i in range(7)]
Sides = dict[str, Callable[[], Any]]


def main() -> None:
    """Run every part and print its lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=1_000_000, help="records of the memory check; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        gold, answers, shuffled = (Path(folder, name) for name in ("gold.jsonl", "answers.jsonl", "shuffled.jsonl"))
        jsonl.write(gold, made(given.records))
        jsonl.write(answers, (noisy(sample) for sample in made(given.records)))
        lines = answers.read_bytes().splitlines(keepends=True)
        random.Random(1).shuffle(lines)
        shuffled.write_bytes(b"".join(lines))
        from_file((gold, answers, shuffled), given.records, given.rounds)
        memory((gold, answers), given.records, given.large)
    in_memory(20_000, given.rounds)
    bootstrap(10_000, given.rounds)


def from_file(paths: tuple[Path, Path, Path], records: int, rounds: int) -> None:
    """Seconds to score two files, beside decoding their lines and doing nothing else."""
    gold, answers, shuffled = paths
    limit = "decode both files, nothing else"
    sides: Sides = {
        limit: lambda: decode_only((gold, answers)),
        "score from file": lambda: score(gold, answers),
        "score from file, answers shuffled": lambda: score(gold, shuffled),
        "score from file, no intervals": lambda: score(gold, answers, settings=Settings(resamples=0)),
    }
    taken = interleaved(sides, rounds)
    for what in sides:
        line(what, taken[what], limit=taken[limit], records=records)


def decode_only(paths: tuple[Path, ...]) -> None:
    decode = msgspec.json.Decoder(Sample).decode
    for path in paths:
        with open(path, "rb") as file:
            for raw in file:
                decode(raw)


def memory(paths: tuple[Path, Path], records: int, large: int) -> None:
    """Peak memory of a process that scores the files, and files many times as long."""
    for count in (records, large) if large else (records,):
        grown = [enlarge(path, count // records) for path in paths]
        code = (
            "import sys; from pathlib import Path; from pointline.score import score; score(sys.argv[1], sys.argv[2]);"
            # Not getrusage: that begins with the memory of the process that started this one.
            "status = Path('/proc/self/status').read_text(); print(status.split('VmHWM:')[1].split()[0])"
        )
        start = time.perf_counter()
        told = subprocess.run([sys.executable, "-c", code, *map(str, grown)], check=True, capture_output=True)
        row = {"name": "score", "what": f"score {count:,} records from file, one process", "unit": "s", "rounds": 1}
        value = round(time.perf_counter() - start, 2)
        print(json.dumps({**row, "value": value, "rss_mb": round(int(told.stdout) / 1024, 1)}), flush=True)


def enlarge(path: Path, times: int) -> Path:
    """The file repeated under other ids."""
    if times < 2:
        return path
    block, grown = path.read_bytes(), path.with_suffix(".large")
    with open(grown, "wb") as file:
        for i in range(times):
            file.write(block.replace(b'{"id":"', b'{"id":"%d-' % i))
    return grown


def in_memory(records: int, rounds: int) -> None:
    """The same F1 out of what each tool holds in memory: tags for seqeval, spans for us."""
    gold = list(made(records))
    answers = [noisy(sample) for sample in gold]
    spans = [[[(e.type, e.start, e.end) for e in s.entities or ()] for s in side] for side in (gold, answers)]
    quick = Settings(resamples=0)
    sides: Sides = {
        "span_f1 of spans in memory": lambda: span_f1(*spans).f1,
        "score of samples in memory, seqeval": lambda: score(gold, answers, "seqeval", settings=quick)["WL"].f1,
    }
    if importlib.util.find_spec("seqeval"):
        from seqeval.metrics import f1_score

        tagged = [[tags(sample) for sample in side] for side in (gold, answers)]
        compared({"seqeval": lambda: 100 * f1_score(*tagged), **sides}, rounds, records)
    else:
        print("seqeval is not installed: its line is left out", file=sys.stderr)
    if importlib.util.find_spec("nervaluate"):
        part = [side[:2000] for side in (gold, answers)]
        sides = {
            "nervaluate": lambda: nervaluate_f1(part),
            "score of samples in memory, partial": lambda: score(*part, "partial", settings=quick)["strict"].f1,
        }
        compared(sides, rounds, len(part[0]))
    else:
        print("nervaluate is not installed: its line is left out", file=sys.stderr)


def compared(sides: Sides, rounds: int, records: int) -> None:
    """One line a side; the first is the peer, and all must find the same F1."""
    values = {what: run() for what, run in sides.items()}
    if max(values.values()) - min(values.values()) > 1e-9:
        raise SystemExit(f"the F1 differ: {values}")
    taken = interleaved(sides, rounds)
    peer = next(iter(sides))
    for what in sides:
        line(what, taken[what], peer=(peer, taken[peer]), records=records, f1=round(values[what], 4))


def nervaluate_f1(sides: list[list[Sample]]) -> float:
    from nervaluate import Evaluator

    rows = [
        [[{"label": e.type, "start": e.start, "end": (e.end or 1) - 1} for e in s.entities or ()] for s in side]
        for side in sides
    ]
    return 100 * Evaluator(*rows, tags=TYPES, loader="dict").evaluate()["overall"]["strict"].f1


def bootstrap(records: int, rounds: int) -> None:
    """The paired bootstrap of 1,000 resamples over 10,000 samples, counts given, and the whole comparison."""
    from pointline.score.resample import bootstrap_sums
    from pointline.score.tally import Rows

    gold = list(made(records))
    a, b = [noisy(sample) for sample in gold], [noisy(sample, "b") for sample in gold]
    unique, times = joint_rows(gold, a, b, Rows())
    sides: Sides = {
        "paired bootstrap, 1,000 resamples": lambda: bootstrap_sums(unique, times, 1000, 0),
        "compare: pair, count, bootstrap and swap": lambda: compare(gold, (a, b)),
    }
    taken = interleaved(sides, rounds)
    for what in sides:
        line(what, taken[what], records=records, unique_rows=len(unique))


def joint_rows(gold: list[Sample], a: list[Sample], b: list[Sample], rows: Any) -> Any:
    import numpy as np

    from pointline.score.protocols import mre

    first, second = mre(Settings()), mre(Settings())
    rows.add([(None, None)] * len(gold), zip(first(gold, a), second(gold, b), strict=True))
    return rows.arrays(lambda p: np.hstack([first.table([x for x, _ in p]), second.table([y for _, y in p])]))


def interleaved(sides: Sides, rounds: int) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {what: [] for what in sides}
    for _ in range(rounds):
        for what, run in sides.items():
            start = time.process_time()
            run()
            taken[what].append(time.process_time() - start)
    return taken


def line(what: str, taken: list[float], *, limit: list[float] | None = None, peer: Any = None, **more: Any) -> None:
    value = statistics.median(taken)
    row = {"name": "score", "what": what, "value": round(value, 4), "unit": "CPU s"}
    if peer:
        row |= {"peer": peer[0], "ratio": round(statistics.median(peer[1]) / value, 2)}
    if limit:
        row["limit_ratio"] = round(value / statistics.median(limit), 2)
    row |= {"rounds": len(taken), "range": [round(min(taken), 4), round(max(taken), 4)], **more}
    print(json.dumps(row), flush=True)


def made(records: int) -> Iterator[Sample]:
    """Invented utterances: about 9 words, 2.6 spans and one label each."""
    rng = random.Random(7)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 9))) for _ in range(5000)]
    for i in range(records):
        chosen = rng.choices(words, k=rng.randint(5, 13))
        text, entities, at = " ".join(chosen), [], 0
        starts = [0]
        for word in chosen[:-1]:
            starts.append(starts[-1] + len(word) + 1)
        while at < len(chosen):
            if rng.random() < 0.37:
                last = min(at + rng.choice((0, 0, 1, 2)), len(chosen) - 1)
                start, end = starts[at], starts[last] + len(chosen[last])
                entities.append(Entity(rng.choice(TYPES), text[start:end], start, end))
                at = last
            at += 1
        yield Sample(f"bench/test/{i:012x}", text, "en", [rng.choice(LABELS)], entities, source="bench", split="test")


def noisy(sample: Sample, seed: str = "a") -> Sample:
    """An answer with scores: one in ten spans missed or of another type, one in twenty labels wrong."""
    rng = random.Random(f"{seed}/{sample.id}")
    entities = [
        Entity(rng.choice(TYPES) if rng.random() < 0.05 else e.type, e.text, e.start, e.end, score=0.98)
        for e in sample.entities or ()
        if rng.random() > 0.05
    ]
    labels = [rng.choice(LABELS)] if rng.random() < 0.05 else sample.labels
    return Sample(
        sample.id, sample.text, "en", labels, entities, source="bench", split="test", label_scores={"intent": 0.97}
    )


def tags(sample: Sample) -> list[str]:
    """BIO tags of a sample's words."""
    out, at, inside = [], 0, None
    starts = {e.start: e for e in sample.entities or ()}
    for word in sample.text.split(" "):
        inside = starts.get(at) or (inside if inside and at < (inside.end or 0) else None)
        out.append("O" if inside is None else f"{'B' if at == inside.start else 'I'}-{inside.type}")
        at += len(word) + 1
    return out


if __name__ == "__main__":
    main()
