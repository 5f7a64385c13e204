"""What a person can do, as the server offers it: every request's person, rights and answer, in one thread."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec

from pointline.review.item import Verdict, View
from pointline.review.people import People, Person
from pointline.review.seeking import Filter, Row, Seeking
from pointline.review.store import COMMON, Saved, Store
from pointline.sample import Sample
from pointline.web.faults import Fault

T = TypeVar("T")
LOCAL = "(this machine)"
"""The session of whoever comes over loopback while no links are asked for."""


class Edit(msgspec.Struct, forbid_unknown_fields=True):
    """What a person made of version `base`."""

    base: int
    sample: Sample


class Said(msgspec.Struct, forbid_unknown_fields=True):
    """A decision; `seconds` of work on the item."""

    version: int
    verdict: Verdict
    reason: str = ""
    seconds: float | None = None


class Remark(msgspec.Struct, forbid_unknown_fields=True):
    """A note."""

    text: str


class Found(msgspec.Struct):
    """What a filter finds."""

    count: int
    rows: list[Row]


class Desk:
    """The store behind the server; SQLite is worked by one thread, so that no request waits in the server's loop."""

    def __init__(self, store: Store, local: Person | None) -> None:
        self.store, self.people, self.seeking = store, People(store.ledger), Seeking(store)
        self._local = local
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="review")

    async def run(self, work: Callable[..., T], *values: Any) -> T:
        """Do a piece of work in the store's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *values)

    def close(self) -> None:
        """End the thread, when what it does is done."""
        self._thread.shutdown()

    @property
    def cookie(self) -> str:
        """The session cookie's name; cookies of one host do not know ports, so each review has its own."""
        return f"pointline_review_{self.store.ledger.about('name')}"

    def person(self, cookie: str | None) -> tuple[Person, str]:
        """Who it is, and the session; raises Fault 401."""
        if self._local is not None:
            return self._local, LOCAL
        found = self.people.who(cookie or "")
        if found is None:
            raise Fault(401, "open the link that you were given; if it no longer works, ask for a new one")
        return found, cookie or ""

    def checked(self, cookie: str | None, token: str) -> Person:
        """Who it is, for a request that changes something; raises Fault: 401, 403 where a page of another sent it."""
        person, session = self.person(cookie)
        if not hmac.compare_digest(token.encode(), self.people.token(session).encode()):
            raise Fault(403, "the page is of another session; load it again")
        return person

    def view(self, person: Person, pos: int) -> View:
        """One item."""
        return self.store.view(person, pos)

    def next(self, person: Person, after: int) -> View | None:
        """The next item of the queue."""
        pos = self.seeking.next(person, after)
        return None if pos is None else self.store.view(person, pos)

    def step(self, person: Person, wanted: Filter, rank: int, back: bool) -> View | None:
        """The next or last item that fits a filter."""
        pos = self.seeking.step(person, wanted, rank, back)
        return None if pos is None else self.store.view(person, pos)

    def find(self, person: Person, wanted: Filter, offset: int) -> Found:
        """Items that fit a filter."""
        return Found(*self.seeking.find(person, wanted, offset))

    def jump(self, person: Person, told: str) -> View:
        """The item that is told by number or id; raises Fault 404."""
        pos = self.seeking.jump(person, told)
        if pos is None:
            raise Fault(404, f"there is no item {told!r}")
        self.seeking.claim(person, pos)
        return self.store.view(person, pos)

    def save(self, person: Person, pos: int, edit: Edit) -> Saved:
        """Keep an edit."""
        return self.store.save(person, pos, edit.base, edit.sample)

    def decide(self, person: Person, pos: int, said: Said) -> View:
        """Keep a decision; the item as it is then."""
        self.store.decide(person, pos, said.version, said.verdict, said.reason, said.seconds)
        return self.store.view(person, pos)

    def remark(self, person: Person, pos: int, remark: Remark) -> View:
        """Keep a note."""
        if not remark.text.strip():
            raise Fault(422, "the note is empty", "text")
        self.store.add_note(person, pos, remark.text.strip())
        return self.store.view(person, pos)

    def progress(self, person: Person) -> dict[str, int]:
        """Items by status, as the person meets them."""
        blind = self.store.overlap > 1 and person.role == "reviewer"
        rows = self.store.db.execute(
            "SELECT status, count(*) AS n FROM lines WHERE line = ? GROUP BY status",
            (person.name if blind else COMMON,),
        )
        return {row["status"]: row["n"] for row in rows}
