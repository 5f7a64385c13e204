"""What every request passes: who may come in, how long it may take, what headers go out, and that it is counted."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any, Protocol

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from pointline.web.faults import Fault, busy
from pointline.web.limits import Counting, Limits

log = logging.getLogger("pointline")

Message = MutableMapping[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]

HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
]


class Access(Protocol):
    """Who may come in."""

    def check(self, scope: Any) -> None:
        """Raise Fault for a request that may not; may leave in the scope's state who it is."""


class Guard:
    """The outermost application: lets in, limits time, adds headers, counts; no fault goes further up than here."""

    def __init__(self, app: App, access: Access, settings: Limits, metrics: Counting, routes: Collection[str]) -> None:
        self._app, self._access, self._settings, self._metrics = app, access, settings, metrics
        self._routes = frozenset(routes)
        self._cut = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle one request, or the lifespan."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            if self._cut:
                told = "%d requests were cut: they ran on for grace_seconds=%g after the server was told to stop"
                log.warning(told, self._cut, self._settings.grace_seconds)
            return
        scope["app"] = self  # starlette's routes then raise where a method is not theirs
        started, status = time.perf_counter(), 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        self._metrics.open += 1
        try:
            fault = await self._handled(scope, receive, sent)
            if fault is not None and not status:
                await fault.response()(scope, receive, sent)
        except Exception as error:
            log.error("a defect: a response failed (%s: %s)", type(error).__name__, " ".join(str(error).split()))
        finally:
            self._metrics.open -= 1
            route = scope["path"] if scope["path"] in self._routes else "other"
            self._metrics.answered(route, status or 499, time.perf_counter() - started)

    async def _handled(self, scope: Any, receive: Any, send: Any) -> Fault | None:
        """Run the application; gives the fault that it ended in. 499 in the counts: the client left first."""
        seconds = self._settings.deadline_seconds
        try:
            async with asyncio.timeout(seconds):
                self._access.check(scope)
                await self._app(scope, receive, send)
        except Fault as fault:
            return fault
        except HTTPException as wrong:
            return Fault(wrong.status_code, f"{scope['method']} does not go here", headers=wrong.headers)
        except TimeoutError:
            return busy(f"the request took longer than {seconds:g} seconds; send less at a time, or try again", 5)
        except asyncio.CancelledError:  # the server stops, and has waited
            self._cut += 1
            return busy("the server stops; try again", 5)
        except ClientDisconnect:
            return None
        except Exception as error:
            log.error("a defect: a request failed (%s: %s)", type(error).__name__, " ".join(str(error).split()))
            return Fault(500, "the server failed on this request; its log says more")
        return None


def check_host(headers: Headers, hosts: frozenset[str] | None) -> None:
    """Raise Fault 400 where the Host header names none of `hosts` (DNS rebinding); None: any may be named."""
    if hosts is not None and host_name(headers.get("host", "")) not in hosts:
        raise Fault(400, "the Host header does not name this server", "Host")


def host_name(header: str) -> str:
    """The name in a Host header, without the port.

    >>> host_name("LOCALHOST:8000"), host_name("[::1]:8000"), host_name("evil.example")
    ('localhost', '::1', 'evil.example')
    """
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].lower()
