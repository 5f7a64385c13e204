"""A request's body: read within limits of size and time, and made into a record."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TypeVar

import msgspec
from starlette.requests import Request

from pointline import jsonl
from pointline.errors import InputFault
from pointline.web.faults import Fault, busy
from pointline.web.limits import Counting, Limits

T = TypeVar("T")


@contextlib.asynccontextmanager
async def body_of(request: Request, settings: Limits, metrics: Counting) -> AsyncIterator[bytes]:
    """Read the whole body and count it as held for as long as the block runs.

    What goes beyond the limit is not kept. Raises Fault: 400, 408, 413, 415, 503.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Fault(415, "send the body as it is, without Content-Encoding")
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > settings.max_body:
        raise _too_large(settings)
    parts: list[bytes] = []
    try:
        async with asyncio.timeout(settings.body_seconds):
            await _read(request, parts, settings, metrics)
    except BaseException as error:
        metrics.held -= sum(map(len, parts))
        if isinstance(error, TimeoutError):
            raise Fault(408, f"the body did not come within {settings.body_seconds:g} seconds") from None
        raise
    body = b"".join(parts)
    parts.clear()
    try:
        yield body
    finally:
        metrics.held -= len(body)


async def _read(request: Request, parts: list[bytes], settings: Limits, metrics: Counting) -> None:
    """Collect the parts of a body; no more than the limit is kept."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > settings.max_body:
            raise _too_large(settings)
        if metrics.held + len(chunk) > settings.max_held:
            raise busy("the server is busy: it holds too many requests; try again")
        metrics.held += len(chunk)
        parts.append(chunk)


def kind_of(request: Request, *known: str) -> str:
    """The body's media type, one of `known`; raises Fault 415."""
    kind, _, options = request.headers.get("content-type", "").lower().partition(";")
    charset = options.replace(" ", "").partition("charset=")[2].strip('"')
    if kind.strip() not in known:
        raise Fault(415, f"send Content-Type: {' or '.join(known)}")
    if charset not in ("", "utf-8", "utf8"):
        raise Fault(415, "send UTF-8")
    return kind.strip()


def decode(decoder: msgspec.json.Decoder[T], body: bytes, line: int | None = None) -> T:
    """A record out of JSON; raises Fault: 400 where it is not JSON in UTF-8, 422 where a field is wrong."""
    where = "" if line is None else f"line {line}: "
    try:
        return jsonl.decode_line(decoder, body.removeprefix(jsonl.BOM), "request", line or 1)
    except InputFault as fault:
        wrong = isinstance(fault.__context__, msgspec.ValidationError)
        field = fault.field.replace("[...]", "[]") if fault.field else None
        what = fault.what if wrong else f"the body {fault.what}"
        raise Fault(422 if wrong else 400, where + what, field) from None


def _too_large(settings: Limits) -> Fault:
    return Fault(413, f"the body is larger than {settings.max_body:,} bytes; send less at a time")
