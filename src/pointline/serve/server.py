"""A model put on the network: the address is taken, the model opened, requests answered until told to stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import uvicorn

from pointline.errors import SettingsFault
from pointline.models.extractor import load, read_card
from pointline.serve.access import TokenAccess
from pointline.serve.app import application
from pointline.serve.settings import ServeSettings
from pointline.web.listening import configured, listen, stop_on_signals, url_of


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
    listener, hosts = listen(address.host, address.port, None if token else "give a --token that clients must show")
    with listener:
        stop_on_signals()
        model = load(folder)
        name = Path(folder).resolve().name
        app = application(model, name, TokenAccess(token, hosts), settings)
        if ready is not None:
            ready(url_of(listener, address.host))
        uvicorn.Server(configured(app, settings)).run([listener])


def _token(told: str | None) -> str | None:
    if not told:
        return None
    if not told.isascii() or not told.isprintable() or " " in told:
        raise SettingsFault("the token must be printable ASCII without spaces: it travels in a header")
    return told
