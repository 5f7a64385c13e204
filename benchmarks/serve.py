"""The server under load: 200 clients at once on the embedded model, beside the same model in this process.

    python benchmarks/serve.py [--seconds 20 | --minutes 5] [--clients 200] [--texts 1 8] [--model FOLDER]

Each client sends its next request when the last is answered, on one connection. Without --model a tagger is trained
on the project's own sentences. The model in this process reads the same texts, 64 at once, before and after the load.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from pointline.corpora.synthetic.generator import generate
from pointline.models.extractor import Extractor, load

STEPS = 100
WARM_UP = 3.0


class Request(NamedTuple):
    """A request as bytes, and what its answer must hold."""

    data: bytes
    expected: bytes


class Load(NamedTuple):
    """What the clients saw: seconds of each request, what went wrong; memory and CPU seconds of the server."""

    latencies: list[float]
    errors: list[str]
    seconds: float
    rss: list[float]
    cpu: list[float]


class Speed(NamedTuple):
    """Texts a second of wall time, and of CPU time."""

    wall: float
    cpu: float


def main() -> None:
    """Run every kind of load; one JSON line a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--minutes", type=float, help="instead of --seconds")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--texts", type=int, nargs="+", default=[1, 8], help="texts of one request")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a limit of the server")
    arguments = parser.parse_args()
    seconds = arguments.minutes * 60 if arguments.minutes else arguments.seconds
    texts = [sample.text for sample in generate()["test"]]
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.model or train(Path(scratch))
        model = load(folder)
        for size in arguments.texts:
            speeds = [in_process(model, texts)]
            with server(folder, arguments.set) as (url, pid):
                seen = asyncio.run(load_on(url, pid, requests(texts, size), arguments.clients, seconds))
            speeds.append(in_process(model, texts))
            for row in rows(seen, size, arguments.clients, speeds):
                print(json.dumps(row), flush=True)


def train(folder: Path) -> Path:
    """A tagger out of few steps: as fast as one out of many."""
    from pointline.train.tagger import fit
    from pointline.train.tagger.settings import TaggerTraining

    made = generate()
    settings = TaggerTraining(preset="words", epochs=STEPS, max_steps=STEPS, patience=STEPS)
    fit(iter(made["train"]), iter(made["dev"]), settings, folder / "model")
    return folder / "model"


def in_process(model: Extractor, texts: Sequence[str], seconds: float = 5.0) -> Speed:
    """How fast the model itself is."""
    list(model.extract(texts[:128]))
    started, cpu, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - started < seconds:
        done += sum(1 for _ in model.extract(iter(texts), batch_size=64))
    return Speed(done / (time.perf_counter() - started), done / (time.process_time() - cpu))


@contextlib.contextmanager
def server(folder: Path, limits: Sequence[str]) -> Iterator[tuple[str, int]]:
    """`pointline serve` on a free port; gives its URL and process id."""
    words = [sys.executable, "-m", "pointline", "serve", str(folder), "--port", "0", "--json"]
    words += [word for limit in limits for word in ("--set", limit)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = b""
        while not told.endswith(b"}\n"):
            line = process.stdout.readline()
            if not line:
                raise SystemExit("the server did not start")
            told += line
        try:
            yield json.loads(told)["url"], process.pid
        finally:
            process.terminate()
            if process.wait(timeout=60):
                raise SystemExit(f"the server ended with {process.returncode}")


def requests(texts: Sequence[str], size: int) -> list[Request]:
    """The texts in requests of `size`."""
    made = []
    for start in range(0, len(texts) - size + 1, size):
        part = list(texts[start : start + size])
        body = msgspec.json.encode({"text": part[0]} if size == 1 else {"texts": part})
        head = ("POST /extract HTTP/1.1", "Host: localhost", "Content-Type: application/json")
        lines = "\r\n".join((*head, f"Content-Length: {len(body)}", "", ""))
        made.append(Request(lines.encode() + body, msgspec.json.encode(part[-1])))
    return made


async def load_on(url: str, pid: int, made: Sequence[Request], clients: int, seconds: float) -> Load:
    """Keep `clients` busy; the first seconds, in which everything warms up, are not counted."""
    place = urlsplit(url)
    stream = itertools.cycle(made)
    seen = Load([], [], seconds, [], [])
    begin = time.perf_counter() + WARM_UP
    end = begin + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        while (started := time.perf_counter()) < end:
            request = next(stream)
            writer.write(request.data)
            problem = await answered(reader, request.expected)
            if started >= begin:
                seen.latencies.append(time.perf_counter() - started)
            if problem:
                seen.errors.append(problem)
        writer.close()

    async def watch() -> None:
        await asyncio.sleep(WARM_UP)
        while time.perf_counter() < end:
            seen.rss.append(resident(pid))
            seen.cpu.append(cpu_seconds(pid))
            await asyncio.sleep(1)

    found = await asyncio.gather(watch(), *(client() for _ in range(clients)), return_exceptions=True)
    seen.errors.extend(repr(error) for error in found if error is not None)
    return seen


async def answered(reader: asyncio.StreamReader, expected: bytes) -> str | None:
    """Read one answer; says what is wrong with it."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    if b" 200 " not in head[:14]:
        return f"{head[:32]!r} {body[:100]!r}"
    return None if expected in body else "an answer to another text"


def resident(pid: int) -> float:
    """Megabytes that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rows(seen: Load, size: int, clients: int, speeds: Sequence[Speed]) -> Iterator[dict[str, object]]:
    """Throughput beside the model in this process, latencies, errors, memory."""
    about = f"{clients} clients, {size} text{'' if size == 1 else 's'} a request, {seen.seconds:g} s"
    speed = len(seen.latencies) * size / seen.seconds
    per_cpu = speed * (len(seen.cpu) - 1) / (seen.cpu[-1] - seen.cpu[0])
    alone, alone_cpu = (sum(values) / len(values) for values in zip(*speeds, strict=True))
    order = sorted(seen.latencies)
    for error in sorted(set(seen.errors))[:5]:
        print(error, file=sys.stderr)
    figures: list[tuple[str, float, str, dict[str, object]]] = [
        ("texts a second", speed, "1/s", beside(speed, alone, [one.wall for one in speeds])),
        ("texts a CPU second", per_cpu, "1/s", beside(per_cpu, alone_cpu, [one.cpu for one in speeds])),
        ("p50", order[len(order) // 2] * 1000, "ms", {}),
        ("p95", order[len(order) * 95 // 100] * 1000, "ms", {}),
        ("errors", len(seen.errors), "", {"requests": len(order)}),
        ("memory at the start", seen.rss[0], "MB", {}),
        ("memory at the end", seen.rss[-1], "MB", {"range": [round(min(seen.rss), 1), round(max(seen.rss), 1)]}),
    ]
    for what, value, unit, more in figures:
        yield {"name": "serve", "what": f"{what}; {about}", "value": round(value, 1), "unit": unit, **more}


def beside(speed: float, alone: float, rounds: Sequence[float]) -> dict[str, object]:
    """The model in this process as the peer; its range over the rounds before and after."""
    spread = [round(min(rounds), 1), round(max(rounds), 1)]
    return {"peer": round(alone, 1), "peer_range": spread, "ratio": round(speed / alone, 3)}


if __name__ == "__main__":
    main()
