"""The LLM client beside the openai package: CPU a request, and how much of concurrency/latency is reached.

A local server answers every request after 50 ms. Each measurement is a process of its own, in turn with the others;
CPU time is that of the client's process, of all its threads, with every answer committed to a fresh cache.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LATENCY = 0.05
AIM_CPU = 0.2
AIM_SHARE = 0.7
PROMPT = "Which entities stand in this text? " * 8
ANSWER = {
    "id": "",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": ":genre;jazz" * 20}}],
    "usage": {"prompt_tokens": 70, "completion_tokens": 60, "total_tokens": 130},
}


class Slow(asyncio.Protocol):
    """As little of an HTTP server as answers well-formed requests, so that it does not take the client's CPU."""

    body = json.dumps(ANSWER).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self.transport, self.data = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer a whole request after the latency."""
        self.data += data
        head, mark, body = self.data.partition(b"\r\n\r\n")
        if mark and len(body) >= int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]):
            self.data = b""
            asyncio.get_running_loop().call_later(LATENCY, self.transport.write, self.head + self.body)  # type: ignore


async def serve() -> None:
    """Serve until killed; the first line printed is the port."""
    server = await asyncio.get_running_loop().create_server(Slow, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def by_openai(url: str, count: int, concurrency: int) -> None:
    """The peer: the openai package, no retries, nothing stored."""
    import openai

    rows = iter(range(count))
    async with openai.AsyncOpenAI(base_url=url, api_key="k", max_retries=0) as client:

        async def work() -> None:
            for i in rows:
                said = await client.chat.completions.create(
                    model="m", messages=[{"role": "user", "content": f"{i} {PROMPT}"}], temperature=0
                )
                assert said.choices[0].message.content

        await asyncio.gather(*(work() for _ in range(concurrency)))


def by_pointline(url: str, count: int, concurrency: int) -> None:
    """Ours, as a plain loop over `ask`, with a fresh cache on the disk."""
    from pointline.llm import Client, Endpoint, Request, Sampling, Settings

    settings = Settings(concurrency=concurrency, max_concurrency=concurrency)
    with tempfile.TemporaryDirectory() as folder:
        client = Client(Endpoint(url, "m"), Path(folder, "answers.db"), settings, Sampling(temperature=0))
        asked = client.ask(Request(str(i), f"{i} {PROMPT}") for i in range(count))
        assert sum(bool(answer.text) for answer in asked) == count


def child(who: str, url: str, count: int, concurrency: int) -> None:
    """One measurement: a small run to load everything, then the run that counts."""

    def run(rows: int) -> None:
        if who == "openai":
            asyncio.run(by_openai(url, rows, concurrency))
        else:
            by_pointline(url, rows, concurrency)

    run(concurrency)
    wall, cpu = time.perf_counter(), time.process_time()
    run(count)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([1000 * cpu / count, count / wall / (concurrency / LATENCY), rss]))


def row(what: str, unit: str, values: list[float], **more: object) -> dict[str, object]:
    """One JSON line: the median and the range."""
    spread = [round(min(values), 3), round(max(values), 3)]
    value = round(statistics.median(values), 3)
    return {
        "name": "client",
        "what": what,
        "value": value,
        "unit": unit,
        **more,
        "rounds": len(values),
        "range": spread,
    }


def compare(url: str, concurrency: int, count: int, rounds: int) -> None:
    """Measure both in turn and print what was seen."""
    names = ["pointline"] + ["openai"] * (importlib.util.find_spec("openai") is not None)
    seen: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            words = [sys.executable, __file__, "--child", name, url, str(count), str(concurrency)]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            seen[name].append(tuple(json.loads(done.stdout)))
    cpu = {name: [found[0] for found in seen[name]] for name in names}
    more: dict[str, object] = {"rss_mb": round(max(found[2] for found in seen["pointline"]))}
    if "openai" in cpu:
        peer = statistics.median(cpu["openai"])
        more |= {
            "peer": "openai",
            "ratio": round(statistics.median(cpu["pointline"]) / peer, 3),
            "limit_ratio": AIM_CPU,
        }
    print(json.dumps(row(f"cpu_per_request_{concurrency}", "ms", cpu["pointline"], **more)))
    if "openai" in cpu:
        print(json.dumps(row(f"cpu_per_request_{concurrency}_openai", "ms", cpu["openai"])))
    for name in names:
        share = [100 * found[1] for found in seen[name]]
        told = {} if name == "openai" else {"limit_ratio": AIM_SHARE, "ratio": round(statistics.median(share) / 100, 3)}
        what = f"share_of_concurrency_{concurrency}" + ("_openai" if name == "openai" else "")
        print(json.dumps(row(what, "%", share, **told)), flush=True)


def main() -> None:
    """Measure at several numbers of requests at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--at-once", type=int, nargs="*", default=[20, 64, 128])
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.child:
        child(told.child[0], told.child[1], int(told.child[2]), int(told.child[3]))
        return
    if told.serve:
        asyncio.run(serve())
        return
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        for concurrency in told.at_once:
            compare(url, concurrency, told.count, told.rounds)
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main()
