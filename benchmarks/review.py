"""The review page under load: 20 people at human pace on one server, and how fast 10,000 samples open.

    python benchmarks/review.py [--people 20] [--seconds 60] [--samples 10000] [--pace 4]

Each person opens the page by a link, and then over and over looks at an item for about --pace seconds, saves two
edits of it, decides and takes the next. Afterwards every edit that was acknowledged must stand in the file. The peer
of a latency is its limit.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pointline import jsonl
from pointline.corpora.synthetic.generator import generate
from pointline.sample import Sample

LIMITS = {"page": 300.0, "next": 100.0, "any": 150.0}


class Load(NamedTuple):
    """Milliseconds by kind of request, faults, and the edits that the server acknowledged: (id, label)."""

    times: dict[str, list[float]]
    faults: list[str]
    kept: list[tuple[str, str]]


def main() -> None:
    """Open, load, check; one JSON line a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--pace", type=float, default=4.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        data = write(Path(scratch) / "s.jsonl", arguments.samples)
        began = time.perf_counter()
        with server(data, arguments.people) as told:
            line("the file made and the server up", (time.perf_counter() - began) * 1000)
            load = asyncio.run(loaded(told, arguments.seconds, arguments.pace))
        lost = missing(data, load.kept)
    about = f"{arguments.people} people, {arguments.samples} samples, {arguments.seconds:g} s"
    for kind, times in load.times.items():
        order = sorted(times)
        for share in (50, 95, 99):
            more = {"limit": LIMITS.get(kind, LIMITS["any"])} if share == 95 else {}
            line(f"{kind}, p{share}; {about}", order[min(len(order) - 1, len(order) * share // 100)], **more)
    for fault in sorted(set(load.faults))[:5]:
        print(fault, file=sys.stderr)
    line(f"requests; {about}", sum(map(len, load.times.values())), unit="")
    line(f"faults; {about}", len(load.faults), unit="")
    line(f"edits lost of {len(load.kept)}; {about}", lost, unit="")


def write(path: Path, count: int) -> Path:
    """So many samples, repeated from the project's own sentences under ids of their own."""
    held = [s for s in generate(languages=("en", "ja"), per_task=400)["train"] if s.entities and s.labels]
    rows = [held[n % len(held)] for n in range(count)]
    jsonl.write(path, (Sample(f"r/{n}", r.text, r.lang, r.labels, r.entities) for n, r in enumerate(rows, 1)))
    return path


@contextlib.contextmanager
def server(data: Path, people: int) -> Iterator[dict[str, Any]]:
    """`pointline review` on a free port, with a link a person."""
    command = [sys.executable, "-m", "pointline", "review", str(data), "--port", "0", "--json"]
    command += [word for n in range(people) for word in ("--invite", f"person {n}")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = b""
        while not told.endswith(b"}\n") or told.count(b"{") != told.count(b"}"):
            read = process.stdout.readline()
            if not read:
                raise SystemExit("the server did not start")
            told += read
        try:
            yield json.loads(told)
        finally:
            process.terminate()
            if process.wait(timeout=60):
                raise SystemExit(f"the server ended with {process.returncode}")


async def loaded(told: dict[str, Any], seconds: float, pace: float) -> Load:
    """Everybody at work until the time is over."""
    load = Load({"page": [], "next": [], "save": [], "decide": []}, [], [])
    end = time.monotonic() + seconds
    links = list(told["links"].values())
    await asyncio.gather(*(asyncio.to_thread(work, link, end, pace, load, n) for n, link in enumerate(links)))
    return load


def work(link: str, end: float, pace: float, load: Load, seed: int) -> None:
    """One person: the page, then item after item."""
    rng = random.Random(seed)
    host, _, path = link.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(host, timeout=30)
    _, headers = ask(connection, "GET", f"/{path}", {})
    cookie = {"Cookie": headers["set-cookie"].partition(";")[0]}
    time.sleep(rng.random() * pace)
    began = time.perf_counter()
    page, _ = ask(connection, "GET", "/", cookie)
    load.times["page"].append((time.perf_counter() - began) * 1000)
    state = json.loads(page.partition(b'id="state">')[2].partition(b"</script>")[0])
    send = {**cookie, "X-Review-Token": state["token"], "Content-Type": "application/json"}
    view = state["view"]

    def timed(kind: str, method: str, where: str, body: Any = None) -> Any:
        started = time.perf_counter()
        made, _ = ask(connection, method, where, cookie if body is None else send, body)
        load.times[kind].append((time.perf_counter() - started) * 1000)
        return json.loads(made)

    try:
        while view is not None and time.monotonic() < end:
            version, item = view["version"], f"/api/items/{view['pos']}"
            for step in range(2):
                time.sleep(rng.uniform(0.2, 0.8) * pace)
                sample = {**view["sample"], "labels": [f"by {seed} {step}"]}
                version = timed("save", "POST", f"{item}/versions", {"base": version, "sample": sample})["version"]
            load.kept.append((view["id"], f"by {seed} 1"))
            timed("decide", "POST", f"{item}/decisions", {"version": version, "verdict": "fix", "seconds": pace})
            view = timed("next", "GET", f"/api/next?after={view['rank']}")["view"]
    except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
        load.faults.append(f"{type(error).__name__}: {error}")


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str], body: Any = None
) -> tuple[bytes, dict[str, str]]:
    """One request; raises ValueError for any answer that is not 200."""
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    reply = connection.getresponse()
    made = reply.read()
    if reply.status != 200:
        raise ValueError(f"{method} {path}: {reply.status} {made[:200]!r}")
    return made, {name.lower(): value for name, value in reply.getheaders()}


def missing(data: Path, kept: list[tuple[str, str]]) -> int:
    """How many acknowledged edits do not stand in the exported results."""
    out = data.with_name("out.jsonl")
    command = [sys.executable, "-m", "pointline", "review", "--db", f"{data}.review.sqlite", "--export", str(out)]
    subprocess.run(command, check=True, capture_output=True)
    found = {sample.id: sample.labels for sample in jsonl.read(out)}
    return sum(found[name] != [label] for name, label in kept)


def line(what: str, value: float, unit: str = "ms", **more: Any) -> None:
    """Print one figure."""
    print(json.dumps({"name": "review", "what": what, "value": round(value, 2), "unit": unit, **more}), flush=True)


if __name__ == "__main__":
    main()
