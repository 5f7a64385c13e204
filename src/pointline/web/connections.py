"""One client's connection: uvicorn's, with limits on how many there are and how slowly a request may begin."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from pointline.web.faults import Fault, busy
from pointline.web.limits import Limits

_Protocol: Any = AutoHTTPProtocol
PHRASES = {400: "Bad Request", 408: "Request Timeout", 503: "Service Unavailable"}


def connection_class(settings: Limits) -> type[asyncio.Protocol]:
    """The class of connections that keep to `settings`, for uvicorn's `http`."""

    class Connection(_Protocol):  # type: ignore[misc]
        """Looks at itself every `head_seconds`, and is cut off where nothing has moved that the client should move."""

        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            if len(self.connections) > settings.max_connections:
                self._refuse(busy("the server is busy: too many connections; try again"))
            self._timer = self.loop.call_later(settings.head_seconds, self._look, self._state())

        def connection_lost(self, exc: Exception | None) -> None:
            if self._timer is not None:
                self._timer.cancel()
            super().connection_lost(exc)

        def send_400_response(self, msg: str) -> None:
            self._refuse(Fault(400, "this is no HTTP request that the server understands"))

        def _look(self, before: tuple[Any, ...]) -> None:
            now = self._state()
            between, cycle, closing, unread = now
            if now == before and (between or closing):
                if closing or unread:
                    self.transport.abort()
                elif cycle is None:
                    self._refuse(Fault(408, f"no whole request came within {settings.head_seconds:g} seconds"))
                else:
                    self.transport.close()
            self._timer = self.loop.call_later(settings.head_seconds, self._look, now)

        def _state(self) -> tuple[bool, Any, bool, int]:
            """Whether no request is being answered, the last one, whether it closes, bytes that wait for the reader."""
            between = self.cycle is None or self.cycle.response_complete
            return between, self.cycle, self.transport.is_closing(), self.transport.get_write_buffer_size()

        def _refuse(self, fault: Fault) -> None:
            body = fault.body()
            fields = {**fault.headers, "Content-Type": "application/json", "Content-Length": len(body)}
            head = [f"HTTP/1.1 {fault.status} {PHRASES[fault.status]}", "Connection: close"]
            head += [f"{name}: {value}" for name, value in fields.items()]
            self.transport.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
            self.transport.close()

    return Connection
