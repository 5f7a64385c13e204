"""A simulation of a translating model behind an OpenAI-compatible server: gold parallel data with planted faults.

It stands in for a paid service in tests and benchmarks, and proves nothing about any real model. It knows the pairs of
xSID (English with Japanese or Chinese, spans aligned), finds the text in the prompt, and answers in the form that the
prompt asks for, damaged at the rates of the command line. Faults are drawn from the seed and the request: the same
request has the same answer. Faults of the wire (429, 500, no answer) are another draw whenever it comes again.

    python benchmarks/translator.py --data data/xsid_0.7 --to zh --log asked.jsonl --seed 1 --entities 0.15

prints its port. A line of the log is one request: its form, the pair, what was planted, and what is true of the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import socket
import time
from collections import Counter
from typing import Any, TextIO

import uvicorn
from simulation import faults, parallel
from simulation.answering import Reply, Translator
from simulation.gold import Gold
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class Server:
    """Answers chat requests and writes down each of them."""

    def __init__(self, translator: Translator, log: TextIO, told: argparse.Namespace) -> None:
        self.translator, self.log, self.told = translator, log, told
        self.seen: Counter[str] = Counter()

    def application(self) -> Starlette:
        """The routes."""
        return Starlette(routes=[Route("/v1/chat/completions", self.chat, methods=["POST"])])

    async def chat(self, request: Request) -> Response:
        """One request: perhaps a fault of the wire, else an answer."""
        arrived = time.time()
        if self.told.key and request.headers.get("authorization") != f"Bearer {self.told.key}":
            return JSONResponse({"error": {"message": "Incorrect API key provided"}}, 401)
        body = json.loads(await request.body())
        key = json.dumps(body, sort_keys=True, ensure_ascii=False)
        self.seen[key] += 1
        times = self.seen[key]
        draw = faults.Draw(self.translator.rates, "wire", times, hashlib.sha256(key.encode()).hexdigest())
        wire = draw.of_wire()
        if wire is not None:
            self._note(key, times, arrived, wire.kind, None)
            if wire.kind == "hang":
                await asyncio.sleep(self.told.hang_seconds)
            status = {"429": 429, "500": 500}.get(wire.kind, 504)
            return JSONResponse({"error": {"message": "simulated"}}, status, {"Retry-After": "0.05"})
        await asyncio.sleep(self.told.latency)
        prompt = str(body["messages"][-1]["content"])
        reply = self.translator.answer(prompt, key)
        self._note(key, times, arrived, "200", reply)
        return JSONResponse(completion(prompt, reply))

    def _note(self, key: str, times: int, arrived: float, status: str, reply: Reply | None) -> None:
        row: dict[str, Any] = {
            "request": hashlib.sha256(key.encode()).hexdigest()[:16],
            "times": times,
            "status": status,
        }
        row |= {"arrived": round(arrived, 4), "left": round(time.time(), 4)}
        if reply is not None:
            planted = [{"kind": f.kind, "entity": f.entity, "other": f.other} for f in reply.planted]
            row |= {"form": reply.form, "pair": reply.pair, "ways": reply.ways, "planted": planted}
            row |= {"text": reply.text, "spans": reply.spans}
        self.log.write(json.dumps(row, ensure_ascii=False) + "\n")


def completion(prompt: str, reply: Reply) -> dict[str, Any]:
    """The body of an ordinary chat answer, tokens counted roughly."""
    choice = {"index": 0, "message": {"role": "assistant", "content": reply.said}, "finish_reason": reply.finish}
    asked, said = tokens(prompt), tokens(reply.said)
    usage = {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}
    return {
        "id": "",
        "object": "chat.completion",
        "created": 1,
        "model": "simulated",
        "choices": [choice],
        "usage": usage,
    }


def tokens(text: str) -> int:
    """A quarter for an ASCII character, one for any other."""
    return sum(4 - 3 * char.isascii() for char in text) // 4 + 1


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="the folder of xSID 0.7")
    parser.add_argument("--to", choices=["ja", "zh"], default="zh", help="the language beside English")
    parser.add_argument("--log", help="a file for a line of JSON a request")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds until an answer")
    parser.add_argument("--hang-seconds", type=float, default=600.0, help="seconds that a hanging request lasts")
    parser.add_argument("--key", help="refuse requests without this key")
    faults.options(parser)
    return parser


def main() -> None:
    """Serve until killed; the first line printed is the port."""
    told = options().parse_args()
    found = parallel.load(told.data, told.to)
    listener = socket.create_server(("127.0.0.1", told.port))
    print(listener.getsockname()[1], flush=True)
    with open(told.log or "/dev/null", "a", buffering=1, encoding="utf-8") as log:
        server = Server(Translator(Gold(found.pairs), faults.chosen(told)), log, told)
        config = uvicorn.Config(server.application(), log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
