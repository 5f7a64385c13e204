"""Real servers on loopback: each answers as a test tells it to, and counts what it was asked."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from aiohttp import web

from pointline.llm import Endpoint, Request

Behaviour = Callable[[web.Request, str], Awaitable[web.StreamResponse]]


def completion(text: str, usage: dict[str, int] | None = None, **fields: Any) -> dict[str, Any]:
    """The body of an ordinary chat answer."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    body = {"id": "", "object": "chat.completion", "choices": [choice], **fields}
    return body if usage is None else body | {"usage": usage}


def prompt_of(body: dict[str, Any]) -> str:
    """The last message or the prompt of a request."""
    return str(body["messages"][-1]["content"] if "messages" in body else body["prompt"])


async def echo(request: web.Request, prompt: str) -> web.StreamResponse:
    """Say the prompt back, in capitals."""
    return web.json_response(completion(prompt.upper(), {"prompt_tokens": 10, "completion_tokens": 5}))


class Server:
    """One server in a thread. `asked` counts requests by prompt; `bodies` and `headers` keep them."""

    def __init__(self, behave: Behaviour = echo) -> None:
        self.behave = behave
        self.asked: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.now = self.most = 0
        self.loop = asyncio.new_event_loop()
        self.port = 0
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._up.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def endpoint(self, **options: Any) -> Endpoint:
        return Endpoint(self.url, "small", **options)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._serve())
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self.loop.close()

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        app = web.Application(client_max_size=1 << 30)
        app.router.add_post("/v1/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        self._up.set()
        await self._over.wait()
        await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        prompt = prompt_of(body)
        self.asked[prompt] += 1
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await self.behave(request, prompt)
        finally:
            self.now -= 1


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start servers, close them all at the end."""
    running: list[Server] = []

    def start(behave: Behaviour = echo) -> Server:
        running.append(Server(behave))
        return running[-1]

    yield start
    for server in running:
        server.close()


def rows(count: int, start: int = 0) -> list[Request]:
    """Requests row-0, row-1, ... that ask `say 0`, `say 1`, ..."""
    return [Request(f"row-{i}", f"say {i}") for i in range(start, start + count)]
