"""Which item comes next, and which fit a filter; who holds what, so that two people do not do the same work."""

from __future__ import annotations

from typing import Any

import msgspec

from pointline.review.item import Status
from pointline.review.people import Person
from pointline.review.records import to_sample
from pointline.review.store import COMMON, Store

HELD_SECONDS = 900.0
"""How long an item that somebody opened and left is kept from others."""
SHOWN = 120
"""Characters of a text in a list."""


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is looked for; empty fields do not matter."""

    text: str = ""
    reason: str = ""
    repair: str = ""
    label: str = ""
    type: str = ""
    lang: str = ""
    status: str = ""
    reviewer: str = ""
    origin: str = ""

    @property
    def empty(self) -> bool:
        """Whether everything fits."""
        return self == Filter()


class Row(msgspec.Struct, frozen=True):
    """A found item."""

    pos: int
    id: str
    status: Status
    text: str


class Seeking:
    """Looks items up in a store, for one person at a time."""

    def __init__(self, store: Store) -> None:
        self._store, self._db, self._ledger = store, store.db, store.ledger

    def next(self, person: Person, after: int = 0) -> int | None:
        """The next item to work on after rank `after`, from the start again at the end; None where all is done.

        With overlap it is taken for the person; without, it is kept from others for a while.
        """
        with self._ledger.writing() as db:
            for low in dict.fromkeys((after, 0)):
                pos = self._own(person, low)
                if pos is not None:
                    return pos
            if self._store.overlap > 1 and person.role == "reviewer":
                row = db.execute(
                    "SELECT pos FROM items WHERE assigned < ? AND NOT EXISTS "
                    "(SELECT 1 FROM lines WHERE item = pos AND line = ?) ORDER BY rank LIMIT 1",
                    (self._store.overlap, person.name),
                ).fetchone()
                if row is not None:
                    self._assign(person, row["pos"])
                    return int(row["pos"])
        return None

    def claim(self, person: Person, pos: int) -> None:
        """Give a blind reviewer the item that they went to on their own, if it still lacks people."""
        if self._store.overlap == 1 or person.role != "reviewer":
            return
        with self._ledger.writing() as db:
            row = db.execute("SELECT assigned FROM items WHERE pos = ?", (pos,)).fetchone()
            there = db.execute("SELECT 1 FROM lines WHERE item = ? AND line = ?", (pos, person.name)).fetchone()
            if row is not None and row["assigned"] < self._store.overlap and there is None:
                self._assign(person, pos)

    def _assign(self, person: Person, pos: int) -> None:
        self._db.execute("UPDATE items SET assigned = assigned + 1 WHERE pos = ?", (pos,))
        self._db.execute(
            "INSERT INTO lines (item, line, rank) SELECT pos, ?, rank FROM items WHERE pos = ?", (person.name, pos)
        )
        self._ledger.note(self._db, person.name, "assigned", pos)

    def _own(self, person: Person, low: int) -> int | None:
        """The next open item of a person after rank `low`, held for them."""
        shared, judge = self._store.overlap == 1, person.role == "adjudicator"
        line = COMMON if shared or judge else person.name
        status = "open" if shared or not judge else "disputed"
        now = self._ledger.now()
        row = self._db.execute(
            "SELECT item FROM lines WHERE line = ? AND status = ? AND rank > ? "
            "AND (holder IS NULL OR holder = ? OR held < ?) ORDER BY rank LIMIT 1",
            (line, status, low, person.name, now - HELD_SECONDS),
        ).fetchone()
        if row is None:
            return None
        values = (person.name, now, row["item"], line)
        self._db.execute("UPDATE lines SET holder = ?, held = ? WHERE item = ? AND line = ?", values)
        return int(row["item"])

    def step(self, person: Person, wanted: Filter, rank: int, back: bool = False) -> int | None:
        """The next fitting item after (or before) a rank, whatever its status; None at the end."""
        joined, where, values = self._where(person, wanted)
        order, sign = ("DESC", "<") if back else ("ASC", ">")
        row = self._db.execute(
            f"SELECT i.pos FROM {joined} WHERE {where} AND i.rank {sign} ? ORDER BY i.rank {order} LIMIT 1",
            (*values, rank),
        ).fetchone()
        return None if row is None else int(row["pos"])

    def find(self, person: Person, wanted: Filter, offset: int = 0, limit: int = 50) -> tuple[int, list[Row]]:
        """How many items fit, and some of them in the order of the queue."""
        joined, where, values = self._where(person, wanted)
        of = self._db.execute(f"SELECT count(*) FROM {joined} WHERE {where}", values).fetchone()[0]
        rows = self._db.execute(
            f"SELECT i.pos, i.id, l.status, coalesce(v.sample, i.draft) AS sample FROM {joined} "
            f"LEFT JOIN versions v ON v.n = l.head WHERE {where} ORDER BY i.rank LIMIT ? OFFSET ?",
            (*values, limit, offset),
        ).fetchall()
        texts = [" ".join(to_sample(row["sample"]).text[:SHOWN].split()) for row in rows]
        return of, [Row(row["pos"], row["id"], row["status"], text) for row, text in zip(rows, texts, strict=True)]

    def jump(self, person: Person, told: str) -> int | None:
        """The position of an item that is told by its number or its id."""
        if told.isdecimal() and len(told) < 10:
            row = self._db.execute("SELECT pos FROM items WHERE pos = ?", (int(told),)).fetchone()
        else:
            row = self._db.execute("SELECT pos FROM items WHERE id = ?", (told,)).fetchone()
        return None if row is None else int(row["pos"])

    def choices(self) -> dict[str, list[tuple[str, int]]]:
        """What may be filtered by, with the number of items of each."""
        found: dict[str, list[tuple[str, int]]] = {}
        query = "SELECT kind, value, count(*) AS n FROM facets GROUP BY kind, value ORDER BY kind, n DESC, value"
        for row in self._db.execute(query):
            found.setdefault(row["kind"], []).append((row["value"], row["n"]))
        rows = self._db.execute("SELECT origin, count(*) AS n FROM items GROUP BY origin ORDER BY origin").fetchall()
        found["origin"] = [(row["origin"], row["n"]) for row in rows]
        return found

    def _where(self, person: Person, wanted: Filter) -> tuple[str, str, list[Any]]:
        """Blind reviewers find what they work on; others everything."""
        blind = self._store.overlap > 1 and person.role == "reviewer"
        parts, values = ["l.line = ?"], [person.name if blind else COMMON]
        for kind in ("reason", "repair", "label", "type", "lang"):
            if value := getattr(wanted, kind):
                parts.append("EXISTS (SELECT 1 FROM facets f WHERE f.kind = ? AND f.value = ? AND f.item = i.pos)")
                values += [kind, value]
        if wanted.text:
            parts.append("instr(i.sought, ?) > 0")
            values.append(wanted.text.casefold())
        if wanted.status:
            parts.append("l.status = ?")
            values.append(wanted.status)
        if wanted.origin:
            parts.append("i.origin = ?")
            values.append(wanted.origin)
        if wanted.reviewer:
            parts.append("EXISTS (SELECT 1 FROM decisions d WHERE d.item = i.pos AND d.author = ?)")
            values.append(wanted.reviewer)
        return "items i JOIN lines l ON l.item = i.pos", " AND ".join(parts), values
