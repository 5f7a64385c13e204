"""A server's place on the network: the address is taken, uvicorn configured, the process told how to stop."""

from __future__ import annotations

import errno
import ipaddress
import os
import signal
import socket
from collections.abc import Iterable
from types import FrameType
from typing import NoReturn

import uvicorn

from pointline.errors import Refusal
from pointline.web.connections import connection_class
from pointline.web.guard import Guard
from pointline.web.limits import Limits


def configured(app: Guard, settings: Limits) -> uvicorn.Config:
    """How uvicorn runs the application: quietly, within the limits, believing no proxy."""
    return uvicorn.Config(
        app,
        http=connection_class(settings),
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=settings.grace_seconds,
    )


def stop_on_signals() -> None:
    """SIGTERM and SIGINT end the process with 0; a running server lets its requests finish first."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def listen(host: str, port: int, loopback_unless: str | None) -> tuple[socket.socket, frozenset[str] | None]:
    """A socket that listens, and the names that clients may call it by (None: any).

    Raises Refusal where the address cannot be had, or where other machines can reach it and `loopback_unless` says
    what must be done first.
    """
    host = host.strip("[]")
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise Refusal(f"--host {host}: there is no such address; 127.0.0.1 is this machine alone") from None
    loopback = is_loopback(str(place[0]) for *_, place in found)
    if not loopback and loopback_unless is not None:
        raise Refusal(f"--host {host} can be reached from other machines: {loopback_unless}")
    family, _, _, _, place = found[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise Refusal(f"port {port} of {host} is in use; choose another with --port (0: any free one)") from None
        raise Refusal(f"cannot listen on port {port} of {host} ({error.strerror}); choose another") from None
    return listener, frozenset({"localhost", "127.0.0.1", "::1", host.lower()}) if loopback else None


def url_of(listener: socket.socket, host: str) -> str:
    """The address as a person types it."""
    shown = host.strip("[]") or "0.0.0.0"
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{listener.getsockname()[1]}"


def is_loopback(addresses: Iterable[str]) -> bool:
    """Whether all of the addresses are of this machine alone."""
    return all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in addresses)
