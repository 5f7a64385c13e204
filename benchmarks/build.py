"""How fast instructions are built: records and rows a second, peak memory, and the limit of the same bytes.

The limit decodes the same input, encodes the same finished rows and writes the same bytes, and does nothing between.
NER: CrossNER's science records (17 types); EE: FewFC's. Each arm runs in a process of its own, arms in turn; rates are
by CPU second (a core of one's own), `seconds` is what the clock said. `--data` or POINTLINE_SHARED names the sets.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from pointline import jsonl
from pointline.instruct.batches import Batching
from pointline.instruct.corpus import Corpus, build_corpus, build_mixture
from pointline.instruct.hard_negatives import HardNegatives, Mining, mine
from pointline.instruct.labels import Task, labels_of
from pointline.instruct.pairs import Building, Instructions
from pointline.sample import Argument, Entity, Event, Ids, Sample, Span
from pointline.schema import Schema
from pointline.shards import Sharding


def crossner(data: Path) -> Iterator[Sample]:
    ids = Ids("crossner-science", "train")
    for file in sorted((data / "crossner" / "science").glob("*.txt")):
        for block in file.read_text(encoding="utf-8").split("\n\n"):
            rows = [line.split("\t") for line in block.split("\n") if "\t" in line]
            if rows:
                yield columns(rows, ids, "crossner-science")


def columns(rows: list[list[str]], ids: Ids, source: str) -> Sample:
    """One sentence of words with BIO tags."""
    text, entities = "", []
    for word, tag in rows:
        text += " " if text else ""
        start, kind = len(text), tag[2:]
        text += word
        if tag.startswith("B-"):
            entities.append(Entity(kind, word, start, len(text)))
        elif tag.startswith("I-") and entities:
            last = entities[-1]
            last.end, last.text = len(text), text[last.start :]
    return Sample(ids(text), text, "en", entities=entities, source=source, split="train")


def fewfc(data: Path) -> Iterator[Sample]:
    ids = Ids("fewfc", "train")
    for line in (data / "fewfc_zh/rearranged/train_base.json").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        events = []
        for said in row["events"]:
            spans = {m["role"]: m for m in said["mentions"]}
            trigger = Span(spans["trigger"]["word"], *spans["trigger"]["span"]) if "trigger" in spans else None
            arguments = [Argument(m["role"], m["word"], *m["span"]) for m in said["mentions"] if m["role"] != "trigger"]
            events.append(Event(said["type"], trigger, arguments))
        yield Sample(ids(row["content"]), row["content"], "zh", events=events, source="fewfc", split="train")


def prepare(folder: Path, task: Task, data: Path, records: int) -> dict[str, Any]:
    """Write `records` samples (the real ones over and over, each with its own id), their schema and dictionary."""
    real = list(crossner(data) if task == "ner" else fewfc(data))
    schema = Schema.of(real)
    path = folder / f"{task}-{records}.jsonl"

    def repeated() -> Iterator[Sample]:
        for i in range(records):
            sample = real[i % len(real)]
            yield msgspec.structs.replace(sample, id=f"{sample.id}-{i // len(real)}")

    jsonl.write(path, repeated())
    found = mine(labels_of(schema, task), settings=Mining())
    return {"task": task, "path": str(path), "schema": msgspec.json.encode(schema), "found": msgspec.json.encode(found)}


def build(job: dict[str, Any]) -> dict[str, float]:
    """The arm measured: read, build, write."""
    schema = msgspec.json.decode(job["schema"], type=Schema)
    found = msgspec.json.decode(job["found"], type=HardNegatives)
    make = Instructions(schema, job["task"], negatives=found, batching=Batching())
    decode = msgspec.json.Decoder(Sample).decode
    with open(job["path"], "rb") as source, open(job["path"] + ".out", "wb") as target:
        rows: list[str] = []
        for line in source:
            rows += make.lines(decode(line))
            if len(rows) > 500:
                target.write(("\n".join(rows) + "\n").encode())
                rows.clear()
        target.write(("\n".join(rows) + "\n").encode() if rows else b"")
    return {"samples": make.tally.samples, "rows": make.tally.instructions}


class Asked(msgspec.Struct):
    instruction: str
    schema: Any
    input: str


class Row(msgspec.Struct):
    task: str
    source: str
    instruction: str
    output: str


def limit(job: dict[str, Any]) -> dict[str, float]:
    """Decode the input, encode the finished rows (the strings inside and the rows around them), write them."""
    decode, encode = msgspec.json.Decoder(Sample).decode, msgspec.json.Encoder().encode
    samples = rows = 0
    inner_spent = 0.0
    with open(job["path"], "rb") as source:
        start = time.process_time()
        for line in source:
            decode(line)
            samples += 1
        spent = time.process_time() - start
    finished = msgspec.json.Decoder(Row)
    with open(job["path"] + ".out", "rb") as made, open(job["path"] + ".limit", "wb") as target:
        while lines := made.readlines(1 << 22):
            ready = [finished.decode(line) for line in lines]
            inner = [(msgspec.json.decode(r.instruction, type=Asked), msgspec.json.decode(r.output)) for r in ready]
            rows += len(ready)
            start = time.process_time()
            for asked, said in inner:
                encode(asked), encode(said)
            middle = time.process_time()
            target.write(b"\n".join([encode(row) for row in ready]) + b"\n")
            spent += time.process_time() - start
            inner_spent += middle - start
    return {"samples": samples, "rows": rows, "cpu": spent, "cpu_rows": spent - inner_spent}


def whole(job: dict[str, Any]) -> dict[str, float]:
    """Both sets as one mixture, rows shuffled over all shards, as `build-corpus` does it."""
    asked: dict[str, list[Corpus]] = {}
    for one in job["jobs"]:
        schema = msgspec.json.decode(one["schema"], type=Schema)
        found = msgspec.json.decode(one["found"], type=HardNegatives)
        kept = Building(keep_id=True)
        asked[one["path"]] = [Corpus(f"bench {one['task']}", schema, one["task"], found, building=kept)]
    folder = Path(job["jobs"][0]["path"] + ".whole")
    sharding = Sharding(shards=64, workers=job["workers"], order=job["order"])
    records = build_mixture(asked, folder, sharding)
    size = sum(path.stat().st_size for path in folder.glob("rows-*"))
    shutil.rmtree(folder)
    rows = sum(record.instructions for record in records)
    return {"samples": sum(sum(r.instances.values()) for r in records), "rows": rows, "bytes": size}


def corpus(job: dict[str, Any]) -> dict[str, float]:
    """The whole way: cut, build, write, hash, manifest, in `workers` processes."""
    schema = msgspec.json.decode(job["schema"], type=Schema)
    found = msgspec.json.decode(job["found"], type=HardNegatives)
    asked = Corpus("bench", schema, job["task"], found)
    folder = Path(job["path"] + f".{job['workers']}")
    record = build_corpus([job["path"]], folder, asked, Sharding(shards=8, workers=job["workers"]))
    shutil.rmtree(folder)
    return {"samples": sum(record.instances.values()), "rows": record.instructions}


ARMS = {"build": build, "limit": limit, "corpus": corpus, "whole": whole}


def measured(arm: str, job: dict[str, Any]) -> dict[str, float]:
    """Run one arm in a fresh process; adds seconds, CPU seconds and peak memory (of the largest process)."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(timed, arm, job).result()


def timed(arm: str, job: dict[str, Any]) -> dict[str, float]:
    clock, cpu = time.perf_counter(), time.process_time()
    found = ARMS[arm](job)
    taken = {"seconds": time.perf_counter() - clock, "cpu": time.process_time() - cpu}
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken["cpu"] += spent.ru_utime + spent.ru_stime
    return {**taken, **found, "rss_mb": max(peak(), workers) / 1024}


def peak() -> int:
    """The largest memory of this process in kB: its own, while getrusage begins with its parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        if found:
            return int(found[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def report(what: str, values: list[float], unit: str, **more: Any) -> None:
    row = {"name": "build", "what": what, "value": round(statistics.median(values), 2), "unit": unit}
    spread = [round(min(values), 2), round(max(values), 2)]
    print(json.dumps({**row, **more, "rounds": len(values), "range": spread}), flush=True)


def compare(folder: Path, task: Task, data: Path, records: int, rounds: int) -> None:
    """Build against the limit, in turn; memory at a fifth of the records and at all of them."""
    job, small = (prepare(folder, task, data, n) for n in (records, records // 5))
    built, limits = [], []
    for _ in range(rounds):
        built.append(measured("build", job))
        limits.append(measured("limit", job))
    few = measured("build", small)
    rss = round(max(one["rss_mb"] for one in built), 1)
    ratio = statistics.median(b["cpu"] / at["cpu"] for b, at in zip(built, limits, strict=True))
    bare = statistics.median(b["cpu"] / at["cpu_rows"] for b, at in zip(built, limits, strict=True))
    more = {"limit_ratio": round(ratio, 2), "rss_mb": rss, "records": records}
    report(f"{task} records", [one["samples"] / one["cpu"] for one in built], "records/cpu s", **more)
    report(f"{task} instructions", [one["rows"] / one["cpu"] for one in built], "rows/cpu s")
    report(f"{task} limit", [one["samples"] / one["cpu"] for one in limits], "records/cpu s")
    report(f"{task} over limit, rows alone", [bare], "times")
    report(f"{task} memory, {records // 5} records", [few["rss_mb"]], "MB")
    both = {workers: [measured("corpus", {**job, "workers": workers}) for _ in range(rounds)] for workers in (1, 2)}
    for workers, runs in both.items():
        speed = [one["samples"] / one["seconds"] for one in runs]
        report(f"{task} corpus, {workers} workers", speed, "records/s", rss_mb=round(max(r["rss_mb"] for r in runs), 1))
    gain = [a["seconds"] / b["seconds"] for a, b in zip(both[1], both[2], strict=True)]
    report(f"{task} two workers over one", gain, "times")


def full(folder: Path, data: Path) -> None:
    """The large runs, once: memory from 10,000 to a million records; a corpus of IEPile's size on two workers."""
    for records in (10_000, 1_000_000):
        job = prepare(folder, "ner", data, records)
        done = measured("build", job)
        more = {"rss_mb": round(done["rss_mb"], 1), "records": records, "seconds": round(done["seconds"], 1)}
        report(f"ner, {records} records in one process", [done["samples"] / done["cpu"]], "records/cpu s", **more)
        for path in folder.iterdir():
            path.unlink()
    jobs = [prepare(folder, "ner", data, 420_000), prepare(folder, "ee", data, 890_000)]
    for order in ("input", "shuffled"):
        done = measured("whole", {"jobs": jobs, "workers": 2, "order": order})
        more = {"rss_mb": round(done["rss_mb"], 1), "cpu_s": round(done["cpu"], 1), "instructions": int(done["rows"])}
        more["gigabytes"] = round(done["bytes"] / 1e9, 2)
        report(f"IEPile's size, 2 workers, {order}", [done["seconds"]], "s", **more)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("POINTLINE_SHARED", "../shared/data")))
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tasks", nargs="+", default=["ner", "ee"], choices=["ner", "ee"])
    parser.add_argument("--full", action="store_true", help="the large runs instead: minutes, 8 GB of disk")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if told.full:
            full(Path(folder), told.data)
            return
        for task in told.tasks:
            compare(Path(folder), task, told.data, told.records, told.rounds)


if __name__ == "__main__":
    main()
