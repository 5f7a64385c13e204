"""What can go wrong with a request, class by class, and which class a response belongs to."""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec


class Kind(NamedTuple):
    """What a class of faults means for the row and for the run."""

    again: bool = False
    stops: str = ""
    charged: bool = False
    of_row: bool = False


KINDS = {
    "auth": Kind(stops="always"),
    "quota": Kind(stops="always"),
    "forbidden": Kind(stops="first"),
    "missing": Kind(stops="first"),
    "redirect": Kind(stops="first"),
    "rate": Kind(again=True),
    "overloaded": Kind(again=True),
    "timeout": Kind(again=True, charged=True),
    "unreachable": Kind(again=True),
    "server": Kind(again=True),
    "html": Kind(again=True),
    "garbage": Kind(again=True, charged=True),
    "bad_answer": Kind(again=True, charged=True),
    "cut": Kind(again=True, charged=True),
    "oversized": Kind(charged=True),
    "bad_request": Kind(),
    "too_long": Kind(of_row=True),
    "refused": Kind(of_row=True),
    "unsendable": Kind(of_row=True),
    "absent": Kind(of_row=True),
}
"""Every class. `again`: the row is asked again. `stops`: it ends the run, `first` only as long as there was no answer.
`charged`: the request may have been charged. `of_row`: the row is at fault, not the server. `absent`: a replay holds no
answer to it."""

LATER = ("rate", "overloaded")
"""Kinds that say: the same request, later; they cut concurrency and do not count as tries."""

STATUS = {401: "auth", 402: "quota", 403: "forbidden", 404: "missing", 405: "missing", 408: "timeout", 409: "server"}
STATUS |= {413: "too_long", 425: "server", 429: "rate", 503: "overloaded", 529: "overloaded"}
LONG = re.compile(
    r"context.?(length|window|size)|maximum context|max_model_len|(prompt|input).{0,20} too long|too many tok", re.I
)
QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing|credit balance|payment", re.I)
FILTER = re.compile(r"content.?(filter|policy|management)|responsible.?ai|safety system|moderation", re.I)


class Failed(Exception):
    """One request brought no answer: the kind, one line of detail, seconds until the server wants to be asked again."""

    def __init__(self, kind: str, detail: str = "", after: float | None = None) -> None:
        self.kind, self.detail, self.after = kind, _line(detail), after
        super().__init__(f"{kind}: {self.detail}")


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Failed:
    """The fault behind a response that is no answer.

    >>> classify(429, {"Retry-After": "7"}, b"").after
    7.0
    >>> classify(400, {}, b'{"error": {"message": "maximum context length is 4096 tokens"}}').kind
    'too_long'
    """
    said, code = _message(body)
    everything = f"{code} {said}"
    kind = STATUS.get(status, "redirect" if 300 <= status < 400 else "server" if status >= 500 else "bad_request")
    if kind == "rate" and QUOTA.search(everything):
        kind = "quota"
    elif kind in ("bad_request", "forbidden") and FILTER.search(everything):
        kind = "refused"
    elif kind == "bad_request" and LONG.search(everything):
        kind = "too_long"
    if kind == "redirect":
        said = f"it points to {headers.get('Location', 'nowhere')!r}"
    return Failed(kind, f"HTTP {status}" + (f": {said}" if said else ""), retry_after(headers))


def in_answer(error: Any) -> Failed:
    """The fault that a response with status 200 confesses in its `error` field."""
    said, code = _message(msgspec.json.encode({"error": error}))
    number = int(code) if code.isdigit() else 0
    failed = classify(number if number >= 400 else 500, {}, msgspec.json.encode({"error": error}))
    return Failed(failed.kind, said or "the answer is an error")


def is_html(content_type: str, body: bytes) -> bool:
    """Whether this is a page for people: a proxy's, or the wrong address."""
    return "html" in content_type or body[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds the server wants us to wait (`Retry-After` in seconds or as a date, `retry-after-ms`), else None.

    >>> retry_after({"Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"})
    30.0
    """
    exact = _seconds(headers.get("retry-after-ms"))
    if exact is not None:
        return exact / 1000
    told = headers.get("Retry-After")
    if told is None:
        return None
    seconds = _seconds(told)
    if seconds is not None:
        return seconds
    then, server_now = _moment(told), _moment(headers.get("Date", ""))
    if then is None:
        return None
    return max(0.0, then - (server_now or now or time.time()))


def _seconds(told: str | None) -> float | None:
    try:
        seconds = float(told or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _moment(told: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(told).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _message(body: bytes) -> tuple[str, str]:
    """The message and code of an error body, whichever of the usual shapes it has."""
    if is_html("", body):
        title = re.search(rb"<title>(.*?)</title>", body, re.I | re.S)
        return f"an HTML page {title[1].decode('utf-8', 'replace')!r}" if title else "an HTML page", ""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body[:300].decode("utf-8", "replace"), ""
    error = said.get("error", said) if isinstance(said, dict) else said
    if not isinstance(error, dict):
        return str(error), ""
    message = error.get("message") or error.get("detail") or ""
    return str(message), f"{error.get('code') or error.get('type') or ''}"


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
