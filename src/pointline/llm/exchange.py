"""One request, one response over HTTP: every way this can fail becomes a Failed with its kind."""

from __future__ import annotations

import io
import os
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pointline.errors import MissingExtra
from pointline.llm.endpoint import Endpoint
from pointline.llm.faults import Failed, classify, is_html
from pointline.llm.reading import Pieces
from pointline.llm.settings import Settings

if TYPE_CHECKING:
    import aiohttp

LARGE = 1 << 20
"""Bytes of a request from which it is sent piece by piece."""


class Exchange:
    """An open HTTP session to one endpoint, used as `async with`; raises SettingsFault where the key is missing."""

    def __init__(self, endpoint: Endpoint, settings: Settings) -> None:
        try:
            import aiohttp
        except ImportError:
            raise MissingExtra("llm", "aiohttp") from None
        import yarl

        self._aiohttp = aiohttp
        self._settings = settings
        self._url = yarl.URL(endpoint.url)
        self._key = (endpoint.key() or "").encode()
        self._headers = {**endpoint.headers(), "Content-Type": "application/json", "User-Agent": "pointline"}
        self._proxy = _proxy(endpoint.url)
        self._limit = int(settings.max_answer_mb * 1e6)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Exchange:
        aiohttp, settings = self._aiohttp, self._settings
        whole = None if settings.stream else settings.timeout
        piece = settings.timeout if settings.stream else None
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=whole, sock_connect=settings.connect_timeout, sock_read=piece),
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, body: bytes) -> bytes:
        """Send a body, return the response's; raises Failed, whose detail never holds the key."""
        try:
            return self._without_key(await self._send(body))
        except Failed as failed:
            raise self._told(failed.kind, failed.detail, failed.after) from None
        except TimeoutError as error:  # connecting, waiting and reading alike
            connecting = isinstance(error, self._aiohttp.ConnectionTimeoutError)
            raise Failed("unreachable" if connecting else "timeout", "no answer in time") from None
        except self._aiohttp.ClientConnectorCertificateError as error:
            raise self._told("unreachable", f"its certificate is not accepted ({error.certificate_error})") from None
        except self._aiohttp.ClientConnectorError as error:
            number = error.os_error.errno or 0
            why = os.strerror(number) if number > 0 else error.os_error.strerror or type(error.os_error).__name__
            raise self._told("unreachable", f"no connection to {error.host}:{error.port} ({why})") from None
        except (self._aiohttp.ClientPayloadError, self._aiohttp.ServerDisconnectedError, ConnectionError) as error:
            raise self._told("cut", f"the connection ended early ({type(error).__name__})") from None
        except self._aiohttp.ClientResponseError as error:
            said = error.message.partition("\n")[0].rstrip(": ")
            raise self._told("garbage", f"what the server says is no HTTP ({said})") from None
        except (self._aiohttp.ClientError, OSError, ValueError) as error:
            raise self._told("garbage", f"no HTTP ({type(error).__name__}: {error})") from None

    async def _send(self, body: bytes) -> bytes:
        assert self._session is not None, "use the exchange with `async with`"
        if self._settings.stream:
            body = body[:-1] + b',"stream":true,"stream_options":{"include_usage":true}}'
        data: Any = body if len(body) < LARGE else io.BytesIO(body)
        async with self._session.post(self._url, data=data, allow_redirects=False, proxy=self._proxy) as response:
            kind = response.headers.get("Content-Type", "")
            if response.status != 200:
                raise classify(response.status, response.headers, await self._read(response))
            if self._settings.stream and "event-stream" in kind:
                return await self._read_stream(response)
            whole = await self._read(response)
            if is_html(kind, whole):
                raise Failed("html", "the server answers with an HTML page; is the address right (it ends in /v1)?")
            return whole

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        """The body, as long as it is not longer than allowed."""
        pieces, size = [], 0
        async for piece in response.content.iter_any():
            pieces.append(piece)
            size += len(piece)
            if size > self._limit:
                raise Failed("oversized", f"the response is longer than max_answer_mb={self._settings.max_answer_mb:g}")
        return b"".join(pieces)

    async def _read_stream(self, response: aiohttp.ClientResponse) -> bytes:
        """Server-sent events, line by line, put together."""
        pieces, rest, size = Pieces(), b"", 0
        try:
            async for block in response.content.iter_any():
                size += len(block)
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    pieces.line(line)
                if size > self._limit:
                    raise Failed("oversized", f"the stream is longer than {self._settings.max_answer_mb:g} MB")
        except self._aiohttp.ClientPayloadError:
            pass  # a cut behind the end mark loses nothing; `body` refuses one before it
        pieces.line(rest)
        return pieces.body()

    def _told(self, kind: str, detail: str, after: float | None = None) -> Failed:
        return Failed(kind, self._without_key(detail.encode("utf-8", "replace")).decode("utf-8", "replace"), after)

    def _without_key(self, told: bytes) -> bytes:
        """Some servers echo the key: it must reach no log, cache or error text."""
        return told.replace(self._key, b"***") if self._key and self._key in told else told


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for this address; looked up once, not for each request."""
    parts = urlsplit(url)
    if urllib.request.proxy_bypass(parts.netloc):
        return None
    return urllib.request.getproxies().get(parts.scheme)
