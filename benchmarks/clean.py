"""Exact cleaning of many short texts of mixed scripts, kept file written, beside duckdb and polars that only count.

    python benchmarks/clean.py [--texts 1000000] [--rounds 3] [--workers 1] [--duplicates 0.05]

Every contestant runs in a process of its own, in turn; CPU seconds are user + system, memory is the peak resident set.
duckdb and polars read the same file and count its distinct texts; "collapsed" has whitespace collapsed first, as the
default rules do. Their counts must be ours.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

CLEAN = """
import sys
from pointline.clean.corpus import clean
from pointline.clean.rules import CleanSettings
if __name__ == "__main__":
    report = clean({"train": sys.argv[1]}, sys.argv[2], CleanSettings(rules=sys.argv[3], workers=int(sys.argv[4])))
    file = report.files[0]
    print(file.read - file.dropped.get("duplicate", 0))
"""
DUCKDB = """
import sys, duckdb
key = {"raw": "text", "collapsed": r"trim(regexp_replace(text, '\\\\s+', ' ', 'g'))"}[sys.argv[2]]
rows = "read_json(?, format='newline_delimited', columns={text: 'VARCHAR'})"
print(duckdb.execute(f"SELECT count(DISTINCT {key}) FROM {rows}", [sys.argv[1]]).fetchone()[0])
"""
POLARS = """
import sys, polars
print(polars.scan_ndjson(sys.argv[1]).select(polars.col("text").hash().n_unique()).collect().item())
"""
LIMIT_RATIO = 2.0
ENGLISH = ("play jazz song by the band add it to my list", "find weather in tokyo tomorrow book table near station")
HAN = "東京京都大学研究会社音楽映画監督選手首相事件発表開催今日明日天気予約店駅新聞経済北上海公司中国銀行合作電影"
KANA = "のはがをにでともからまですした"


class Run(NamedTuple):
    """What one process took and printed."""

    cpu: float
    megabytes: float
    counted: int


def main() -> None:
    """Write the texts, run the rounds, print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--duplicates", type=float, default=0.05, help="share of texts that repeat an earlier one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "texts.jsonl")
        distinct = write(data, arguments.texts, arguments.duplicates)
        workers = str(arguments.workers)
        contestants = {
            "published": [CLEAN, str(data), f"{folder}/out-published", "iepile-published", workers],
            "default": [CLEAN, str(data), f"{folder}/out-default", "default", workers],
            "duckdb": [DUCKDB, str(data), "raw"],
            "duckdb collapsed": [DUCKDB, str(data), "collapsed"],
            "polars": [POLARS, str(data)],
        }
        runs: dict[str, list[Run]] = {name: [] for name in contestants}
        for _ in range(arguments.rounds):
            for name, words in contestants.items():
                runs[name].append(run(words, Path(folder)))
                shutil.rmtree(f"{folder}/out-{name}", ignore_errors=True)  # else the next run pays for freeing it
    counted = {run.counted for name, took in runs.items() for run in took if name != "default"}
    if counted != {distinct}:
        sys.exit(f"the contestants disagree: {counted} and {distinct} distinct texts")
    report(runs, arguments.texts)


def write(path: Path, count: int, duplicates: float) -> int:
    """Write samples, a third each in English, Japanese and Chinese, one label in 20 odd; returns the distinct texts."""
    draw = random.Random(0)
    pool: list[tuple[str, str]] = []
    distinct = 0
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            if pool and draw.random() < duplicates:
                lang, text = draw.choice(pool)
            else:
                lang, text = ("en", "ja", "zh")[number % 3], sentence(draw, number)
                distinct += 1
                pool.append((lang, text)) if len(pool) < 20_000 else pool.__setitem__(number % 20_000, (lang, text))
            label = ("music", "weather", "booking")[len(text) % 3] if draw.random() < 0.95 else "other"
            entity = {"type": "thing", "text": text[:2], "start": 0, "end": 2}
            sample = {"id": f"bench/train/{number:08d}", "text": text, "lang": lang, "labels": [label]}
            sample |= {"entities": [entity], "source": "bench", "split": "train"}
            file.write(json.dumps(sample, ensure_ascii=False, separators=(",", ":")) + "\n")
    return distinct


def sentence(draw: random.Random, number: int) -> str:
    """A text that no other number gives."""
    if number % 3 == 0:
        words = " ".join(ENGLISH).split()
        return " ".join([*draw.choices(words, k=draw.randint(4, 12)), f"no{number}"])
    kana = KANA if number % 3 == 1 else HAN
    return "".join(draw.choice(HAN) + draw.choice(kana) for _ in range(draw.randint(6, 20))) + f"{number}。"


def run(words: list[str], folder: Path) -> Run:
    """Run one script in a process of its own."""
    with (folder / "out").open("w+") as printed:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        script = folder / "run.py"
        script.write_text(words[0])
        process = subprocess.Popen([sys.executable, str(script), *words[1:]], stdout=printed, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"a contestant failed with {process.returncode}")
        printed.seek(0)
        return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, int(printed.read().split()[-1]))


def report(runs: dict[str, list[Run]], texts: int) -> None:
    """One JSON line for each contestant; ours beside each peer."""
    median = {name: statistics.median(run.cpu for run in took) for name, took in runs.items()}
    peers = {"published": ("duckdb", "polars"), "default": ("duckdb", "duckdb collapsed", "polars")}
    for name, took in runs.items():
        row = {
            "name": "clean",
            "what": f"{name}, {texts:,} texts",
            "value": round(median[name], 2),
            "unit": "cpu_s",
            "rss_mb": round(max(run.megabytes for run in took)),
            "rounds": len(took),
            "range": [round(min(run.cpu for run in took), 2), round(max(run.cpu for run in took), 2)],
        }
        for peer in peers.get(name, ()):
            limit = {"limit_ratio": LIMIT_RATIO} if peer.startswith("duckdb") else {}
            print(json.dumps(row | {"peer": peer, "ratio": round(median[name] / median[peer], 2)} | limit))
        if name not in peers:
            print(json.dumps(row))


if __name__ == "__main__":
    main()
