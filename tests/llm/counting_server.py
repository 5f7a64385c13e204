"""A server in its own process: after a while it answers, and writes down every question and every answer with its time.

Run as `python counting_server.py LOG DELAY`; it prints its port. A line of LOG is `TIME asked|answered|left PROMPT`.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path

from aiohttp import web


async def main(log: Path, delay: float) -> None:
    with log.open("a", buffering=1, encoding="utf-8") as written:

        def note(what: str, prompt: str) -> None:
            written.write(f"{time.time():.6f} {what} {prompt}\n")

        async def answer(request: web.Request) -> web.StreamResponse:
            prompt = (await request.json())["messages"][-1]["content"]
            note("asked", prompt)
            await asyncio.sleep(delay * (0.5 + random.random()))
            body = {"choices": [{"message": {"content": prompt.upper()}, "finish_reason": "stop"}]}
            response = web.json_response(body)
            try:
                await response.prepare(request)
                await response.write_eof()
                note("answered", prompt)
            except OSError:
                note("left", prompt)
            return response

        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        print(runner.addresses[0][1], flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
