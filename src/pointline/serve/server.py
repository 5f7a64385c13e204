"""A model put on the network: the address is taken, the model opened, requests answered until told to stop."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

import msgspec
import uvicorn

from pointline.errors import Refusal, SettingsFault
from pointline.models.extractor import load, read_card
from pointline.serve.app import application
from pointline.serve.connections import connection_class
from pointline.serve.guard import Access, Guard, is_loopback
from pointline.serve.settings import ServeSettings


class Address(msgspec.Struct, frozen=True):
    """Where a server listens, and the token that it asks for."""

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None


def serve(
    folder: str | Path,
    address: Address = Address(),  # noqa: B008
    settings: ServeSettings = ServeSettings(),  # noqa: B008
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the model in `folder` until SIGTERM or SIGINT, which let running requests finish; then SystemExit(0).

    The address is taken first: clients that come while the model is opened wait. `ready` is told the URL.
    Raises ModelFault, Refusal (the address cannot be had, no token where one is needed), SettingsFault.
    """
    token = _token(address.token)
    read_card(Path(folder))
    listener, hosts = _listen(address, token)
    with listener:
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        model = load(folder)
        name = Path(folder).resolve().name
        app = application(model, name, Access(token, hosts), settings)
        if ready is not None:
            ready(_url(listener, address.host))
        uvicorn.Server(configured(app, settings)).run([listener])


def configured(app: Guard, settings: ServeSettings) -> uvicorn.Config:
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


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """While the server runs it has handlers of its own, which let requests finish and then come here."""
    raise SystemExit(0)


def _token(told: str | None) -> str | None:
    if not told:
        return None
    if not told.isascii() or not told.isprintable() or " " in told:
        raise SettingsFault("the token must be printable ASCII without spaces: it travels in a header")
    return told


def _listen(address: Address, token: str | None) -> tuple[socket.socket, frozenset[str] | None]:
    """A socket that listens, and the names that clients may call it by (None: any)."""
    host, port = address.host.strip("[]"), address.port
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise Refusal(f"--host {host}: there is no such address; 127.0.0.1 is this machine alone") from None
    loopback = is_loopback(str(place[0]) for *_, place in found)
    if not loopback and token is None:
        raise Refusal(f"--host {host} can be reached from other machines: give a --token that clients must show")
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


def _url(listener: socket.socket, host: str) -> str:
    shown = host.strip("[]") or "0.0.0.0"
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{listener.getsockname()[1]}"
