"""The server's application: its routes, and what they share."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from pointline.models.extractor import Extractor
from pointline.serve.access import TokenAccess
from pointline.serve.batching import Batcher
from pointline.serve.completions import Completions
from pointline.serve.extracting import JSON, Extracting
from pointline.serve.metrics import Metrics
from pointline.serve.page import held
from pointline.serve.settings import ServeSettings
from pointline.version import __version__
from pointline.web.faults import Fault
from pointline.web.guard import Guard

OPEN = frozenset({"/", "/page.js", "/page.css", "/health"})
"""What may be seen without the token: the page holds nothing of the model."""


def application(model: Extractor, name: str, access: TokenAccess, settings: ServeSettings) -> Guard:
    """Everything put together, for an ASGI server; `name` is what clients call the model."""
    metrics = Metrics()
    batcher = Batcher(model, settings, metrics)
    schema = model.known()
    extract = Extracting(batcher, settings, metrics)
    completions = Completions(name, schema, batcher, settings, metrics)
    page = held()
    health = {"status": "ok", "model": name, "fingerprint": model.fingerprint, "version": __version__}

    async def get_page(request: Request) -> Response:
        return page[request.url.path]

    async def get_schema(request: Request) -> Response:
        if schema is None:
            raise Fault(404, "the model names no schema; give one with each request")
        return Response(msgspec.json.encode(schema), media_type=JSON)

    async def get_health(request: Request) -> Response:
        return Response(msgspec.json.encode(health), media_type=JSON)

    async def get_metrics(request: Request) -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4")

    routes = [
        *(Route(path, get_page) for path in page),
        Route("/extract", extract.__call__, methods=["POST"]),
        Route("/schema", get_schema),
        Route("/health", get_health),
        Route("/metrics", get_metrics),
        Route("/v1/models", completions.models),
        Route("/v1/models/{name:path}", completions.model),
        Route("/v1/chat/completions", completions.chat, methods=["POST"]),
        Route("/v1/completions", completions.plain, methods=["POST"]),
    ]
    router = Router(routes, redirect_slashes=False, default=_nowhere(routes), lifespan=_running(batcher))
    access = msgspec.structs.replace(access, open_paths=OPEN)
    return Guard(router, access, settings, metrics, [route.path for route in routes])


def _running(batcher: Batcher) -> Any:
    @contextlib.asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        batcher.start()
        yield
        await batcher.stop()

    return lifespan


def _nowhere(routes: Sequence[Route]) -> Any:
    known = ", ".join(route.path for route in routes if not route.path.startswith("/page") and "{" not in route.path)

    async def nowhere(scope: Any, receive: Any, send: Any) -> None:
        raise Fault(404, f"there is nothing here; known: {known}")

    return nowhere
