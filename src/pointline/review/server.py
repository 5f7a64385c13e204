"""The review page put on the network: the address taken, people's links made, requests answered until told to stop."""

from __future__ import annotations

import getpass
from collections.abc import Callable

import msgspec
import uvicorn

from pointline.errors import Refusal
from pointline.review.app import application
from pointline.review.desk import Desk
from pointline.review.limits import ReviewLimits
from pointline.review.people import People, Person, Role
from pointline.review.store import Store
from pointline.web.listening import configured, listen, stop_on_signals, url_of


class Door(msgspec.Struct, frozen=True):
    """Where the page is, and who gets a link; without links, whoever sits at this machine may review.

    url: the address that links begin with, where a proxy stands in front.
    """

    host: str = "127.0.0.1"
    port: int = 8010
    invited: tuple[tuple[str, Role], ...] = ()
    url: str | None = None


class Ready(msgspec.Struct, frozen=True):
    """What the page can be reached by."""

    url: str
    links: dict[str, str] = {}


def serve(
    store: Store,
    door: Door = Door(),  # noqa: B008
    ready: Callable[[Ready], None] | None = None,
    limits: ReviewLimits = ReviewLimits(),  # noqa: B008
) -> None:
    """Serve the page until SIGTERM or SIGINT; then SystemExit(0).

    Over loopback no links are needed while nobody was ever invited and there is no overlap. Raises Refusal where the
    address cannot be had, others could reach it without a link, or people could not be told apart.
    """
    people = People(store.ledger)
    linked = bool(door.invited) or store.db.execute("SELECT 1 FROM people WHERE NOT revoked").fetchone() is not None
    if store.overlap > 1 and not linked:
        raise Refusal(f"{store.overlap} people look at each item: tell them apart, with --invite NAME for each")
    listener, hosts = listen(door.host, door.port, None if linked else "invite people with --invite NAME")
    with listener:
        stop_on_signals()
        url = (door.url or url_of(listener, door.host)).rstrip("/")
        links = {name: f"{url}/join/{people.invite(name, role)}" for name, role in door.invited}
        desk = Desk(store, None if linked else Person(whoami(), "adjudicator"))
        if ready is not None:
            ready(Ready(url, links))
        app = application(desk, hosts if door.url is None else None, limits)
        uvicorn.Server(configured(app, limits)).run([listener])


def whoami() -> str:
    """The name of whoever sits at this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "reviewer"
