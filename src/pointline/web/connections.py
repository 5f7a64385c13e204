"""One client's connection: uvicorn's, with limits on how many there are and how slowly a request may begin."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from pointline.web.faults import Fault, busy
from pointline.web.limits import Limits

_Protocol: Any = AutoHTTPProtocol
PHRASES = {400: "Bad Request", 408: "Request Timeout", 503: "Service Unavailable"}
PHRASES |= {431: "Request Header Fields Too Large"}
HEAD_BYTES, HEAD_FIELDS = 65_536, 200
"""The most of a request's head, and of what stands behind its body."""
COUNTED = hasattr(_Protocol, "on_headers_complete")
"""httptools holds a head of any size; h11, in its place, has a limit of its own."""


def connection_class(settings: Limits) -> type[asyncio.Protocol]:
    """The class of connections that keep to `settings`, for uvicorn's `http`."""

    class Connection(_Protocol):  # type: ignore[misc]
        """Looks at itself every `head_seconds`, and is cut off where nothing has moved that the client should move."""

        _timer: asyncio.TimerHandle | None = None
        _held = _fields = 0
        _too_large = False

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            if len(self.connections) > settings.max_connections:
                self._refuse(busy("the server is busy: too many connections; try again"))
            self._timer = self.loop.call_later(settings.head_seconds, self._look, self._state())

        def connection_lost(self, exc: Exception | None) -> None:
            if self._timer is not None:
                self._timer.cancel()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            self._held += len(data)
            super().data_received(data)
            if COUNTED and self._held > HEAD_BYTES:
                self._too_large = True
                self.send_400_response("")

        def on_message_begin(self) -> None:
            self._fields = 0
            super().on_message_begin()

        def on_header(self, name: bytes, value: bytes) -> None:
            self._fields += 1
            self._too_large = self._fields > HEAD_FIELDS or len(name) + len(value) > HEAD_BYTES
            if self._too_large:
                raise ValueError  # ends the parser; what comes back from it is send_400_response
            super().on_header(name, value)

        def on_headers_complete(self) -> None:
            self._held = 0
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            self._held = 0
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._held = 0
            super().on_message_complete()

        def send_400_response(self, msg: str) -> None:
            if not self._too_large:
                self._refuse(Fault(400, "this is no HTTP request that the server understands"))
            elif self._state()[0]:
                most = f"at most {HEAD_FIELDS} headers and {HEAD_BYTES:,} bytes are allowed"
                self._refuse(Fault(431, f"the head of the request is too large; {most}"))
            else:
                self.transport.abort()

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
