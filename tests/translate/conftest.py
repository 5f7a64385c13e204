"""Translators behind real servers on loopback."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from cli.conftest import pointline
from llm.conftest import completion, serve
from translate.translator import Translator

__all__ = ["pointline", "serve"]


def behind(translator: Translator) -> Callable[[web.Request, str], Awaitable[web.StreamResponse]]:
    """A server's behaviour: what the translator says; the draw is of prompt and seed."""

    async def answer(request: web.Request, prompt: str) -> web.StreamResponse:
        body = await request.json()
        text = translator.says(prompt, f"{prompt} {body.get('seed')}")
        usage = {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(text) // 2}
        return web.json_response(completion(text, usage))

    return answer
