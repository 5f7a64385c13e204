"""The work on items: versions that only grow, decisions, notes; who may write where, and what becomes of blind work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec

from pointline.errors import Refusal
from pointline.review.item import DECIDED, Item, Repair, Status, Verdict, View, content, with_content
from pointline.review.ledger import Ledger
from pointline.review.merging import Conflict, merge
from pointline.review.people import Person
from pointline.review.viewing import blind_of, history_of, notes_of
from pointline.sample import Sample, faults, span_key

T = TypeVar("T")

COMMON = ""
"""The line of work that ends in an item's result."""
AGREED = "(agreed)"
"""Who decides where blind reviewers came to the same."""
LONGEST_PAUSE = 3600.0
"""Seconds; whoever took longer for one item was not at work on it all the time."""

encode = msgspec.json.Encoder().encode
to_sample = msgspec.json.Decoder(Sample).decode


class Saved(msgspec.Struct, frozen=True):
    """What became of an edit: the newest version and its sample; `conflicts` where it was kept aside instead."""

    version: int
    sample: Sample
    conflicts: list[Conflict] = []
    merged: bool = False


class Stale(Refusal):
    """A decision about a version that is not the newest: look at the newest first."""


class Store:
    """Items and the work on them, in a review file."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.db = ledger, ledger.db
        self.overlap = ledger.settings.overlap

    def add(self, items: Iterable[Item]) -> int:
        """Add items in order, ranked by suspicion; those whose id is there already are left as they are."""
        with self.ledger.writing() as db:
            pos = db.execute("SELECT coalesce(max(pos), 0) FROM items").fetchone()[0]
            before = pos
            held = {row["id"] for row in db.execute("SELECT id FROM items")}
            for item in items:
                if item.id in held:
                    continue
                held.add(item.id)
                pos += 1
                self._insert(db, pos, item)
            ranked = db.execute(
                "SELECT pos FROM items WHERE pos > ? ORDER BY suspicion DESC, pos", (before,)
            ).fetchall()
            places = [(before + rank, row["pos"]) for rank, row in enumerate(ranked, 1)]
            db.executemany("UPDATE items SET rank = ? WHERE pos = ?", places)
            status = "waiting" if self.overlap > 1 else "open"
            rows = [(place, rank, status) for rank, place in places]
            db.executemany("INSERT INTO lines (item, line, rank, status) VALUES (?, '', ?, ?)", rows)
            if pos > before:
                self.ledger.note(db, "", "added", None, f"{pos - before} items")
        return int(pos - before)

    def _insert(self, db: sqlite3.Connection, pos: int, item: Item) -> None:
        sought = "\n".join(sample.text for sample in (item.draft, item.source) if sample is not None)
        values = (
            pos, item.id, -pos, item.draft.lang, item.origin, None if item.source is None else encode(item.source),
            encode(item.draft), encode(item.reasons), encode(item.repairs), item.suspicion, sought.casefold(),
        )  # fmt: skip
        db.execute(
            "INSERT INTO items (pos, id, rank, lang, origin, source, draft, reasons, repairs, suspicion, sought) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        rows = [("reason", reason.partition(":")[0]) for reason in item.reasons]
        rows += [("repair", repair.what) for repair in item.repairs]
        rows += [("lang", item.draft.lang)] if item.draft.lang else []
        self._facets(db, pos, [*rows, *_names(item.draft)])

    def _facets(self, db: sqlite3.Connection, pos: int, rows: Iterable[tuple[str, str]]) -> None:
        db.executemany("INSERT OR IGNORE INTO facets VALUES (?, ?, ?)", [(kind, value, pos) for kind, value in rows])

    def line_of(self, person: Person, pos: int) -> tuple[str, bool]:
        """The line that a person works on, and whether they may write there."""
        if self.overlap == 1:
            return COMMON, True
        if self.db.execute("SELECT 1 FROM lines WHERE item = ? AND line = ?", (pos, person.name)).fetchone():
            return person.name, True
        common = self.db.execute("SELECT status FROM lines WHERE item = ? AND line = ''", (pos,)).fetchone()
        if person.role == "adjudicator":
            return COMMON, common["status"] != "waiting"
        return person.name, False

    def view(self, person: Person, pos: int) -> View:
        """All that a person may see of the item at `pos`; raises Refusal where there is none."""
        item = self._item(pos)
        line, writable = self.line_of(person, pos)
        state = self._line(pos, line)
        draft = to_sample(item["draft"])
        head = self._version(state["head"]) if state is not None else None
        blind = blind_of(self.db, pos, draft) if line == COMMON and self.overlap > 1 else []
        return View(
            pos=pos, rank=item["rank"], id=item["id"], line=line, draft=draft, sample=head or draft,
            source=None if item["source"] is None else to_sample(item["source"]),
            version=state["head"] if state is not None else 0,
            status=state["status"] if state is not None else "open",
            reason=state["reason"] if state is not None else "",
            reasons=msgspec.json.decode(item["reasons"], type=tuple[str, ...]),
            repairs=msgspec.json.decode(item["repairs"], type=tuple[Repair, ...]),
            origin=item["origin"], notes=notes_of(self.db, pos, line),
            history=history_of(self.db, pos, line), blind=blind, writable=writable,
        )  # fmt: skip

    def save(self, person: Person, pos: int, base: int, made: Sample) -> Saved:
        """Add what a person made of version `base`; with what others did meanwhile where that does not touch.

        Where it does, the person's version is kept aside and the answer holds the conflicts. Raises Refusal where
        the person may not write, the version is unknown or the sample is faulty.
        """
        with self.ledger.writing() as db:
            line = self._writable(person, pos)
            draft = to_sample(self._item(pos)["draft"])
            mine = with_content(draft, made)
            if mine.entities:
                mine.entities.sort(key=span_key)
            for field, what in faults(mine):
                raise Refusal(f"{field}: {what}")
            state = self._line(pos, line)
            head = self._version(state["head"]) or draft
            kind, result = "edit", mine
            if base != state["head"]:
                from_ = self._of(pos, line, base) if base else draft
                joined = merge(from_, head, mine)
                if joined.conflicts:
                    aside = self._append(db, pos, line, person.name, ("aside", base, mine))
                    self.ledger.note(db, person.name, "conflict", pos, f"version {aside} kept aside")
                    return Saved(state["head"], joined.sample, joined.conflicts)
                kind, result = "merged", joined.sample
            if content(result) == content(head):
                return Saved(state["head"], head)
            n = self._append(db, pos, line, person.name, (kind, state["head"], result))
            db.execute(
                "UPDATE lines SET head = ?, changed = ? WHERE item = ? AND line = ?",
                (n, content(result) != content(draft), pos, line),
            )
            if line == COMMON:
                self._sought(db, pos, result)
            self.ledger.note(db, person.name, kind, pos, f"version {n}")
        return Saved(n, result, merged=kind == "merged")

    def decide(
        self, person: Person, pos: int, version: int, verdict: Verdict, reason: str = "", seconds: float | None = None
    ) -> Status:
        """Set an item's status; accepted or fixed is told by whether anything was changed.

        Raises Stale where `version` is not the newest, Refusal where the person may not decide.
        """
        with self.ledger.writing() as db:
            line = self._writable(person, pos)
            state = self._line(pos, line)
            if version != state["head"]:
                raise Stale("somebody has changed this item meanwhile; look at it again")
            if verdict == "reject" and not reason.strip():
                raise Refusal("a rejection needs a reason")
            seconds = None if seconds is None else min(max(seconds, 0.0), LONGEST_PAUSE)
            status = _status(verdict, bool(state["changed"]))
            self._decided(db, pos, line, person.name, (status, reason.strip(), seconds))
            if line != COMMON:
                self._settle(db, pos)
        return status

    def add_note(self, person: Person, pos: int, text: str) -> None:
        """Add a remark; blind reviewers do not see each other's."""
        line, _ = self.line_of(person, pos)
        with self.ledger.writing() as db:
            self._item(pos)
            values = (pos, line, person.name, self.ledger.now(), text)
            db.execute("INSERT INTO notes (item, line, author, time, text) VALUES (?, ?, ?, ?, ?)", values)
            self.ledger.note(db, person.name, "note", pos)

    def bring(self, pos: int, author: str, made: Sample | None, decided: tuple[Status, str] | None) -> None:
        """Take a result that was made elsewhere: a version and a decision on the common line."""
        with self.ledger.writing() as db:
            draft = to_sample(self._item(pos)["draft"])
            state = self._line(pos, COMMON)
            if made is not None:
                mine = with_content(draft, made)
                if content(mine) != content(self._version(state["head"]) or draft):
                    n = self._append(db, pos, COMMON, author, ("import", state["head"], mine))
                    changed = content(mine) != content(draft)
                    db.execute("UPDATE lines SET head = ?, changed = ? WHERE item = ? AND line = ''", (n, changed, pos))
                    self._sought(db, pos, mine)
            if decided is not None and decided != (state["status"], state["reason"]):
                self._decided(db, pos, COMMON, author, (*decided, None))

    def result(self, pos: int) -> Sample:
        """The newest common version of an item."""
        item, state = self._item(pos), self._line(pos, COMMON)
        return self._version(state["head"]) or to_sample(item["draft"])

    def positions(self) -> Iterator[tuple[int, str]]:
        """Every item's position and id."""
        for row in self.db.execute("SELECT pos, id FROM items ORDER BY pos").fetchall():
            yield row["pos"], row["id"]

    def _settle(self, db: sqlite3.Connection, pos: int) -> None:
        """Where all blind reviewers have decided: agreed, or for an adjudicator; else it waits."""
        rows = db.execute("SELECT * FROM lines WHERE item = ? AND line != '' ORDER BY line", (pos,)).fetchall()
        common = self._line(pos, COMMON)
        if len(rows) < self.overlap or any(row["status"] == "open" for row in rows):
            db.execute("UPDATE lines SET status = 'waiting' WHERE item = ? AND line = '' AND author IS NULL", (pos,))
            return
        if common["author"] not in (None, AGREED):
            return
        draft = to_sample(self._item(pos)["draft"])
        made = [self._version(row["head"]) or draft for row in rows]
        same = all(content(one) == content(made[0]) for one in made) and len({row["status"] for row in rows}) == 1
        if not same or rows[0]["status"] not in DECIDED:
            self._decided(db, pos, COMMON, "", ("disputed", "", None))
            db.execute("UPDATE lines SET author = NULL WHERE item = ? AND line = ''", (pos,))
            return
        if rows[0]["changed"]:
            n = self._append(db, pos, COMMON, AGREED, ("agreed", common["head"], made[0]))
            db.execute("UPDATE lines SET head = ?, changed = 1 WHERE item = ? AND line = ''", (n, pos))
            self._sought(db, pos, made[0])
        self._decided(db, pos, COMMON, AGREED, (rows[0]["status"], rows[0]["reason"], None))

    def _decided(
        self, db: sqlite3.Connection, pos: int, line: str, author: str, said: tuple[Status, str, float | None]
    ) -> None:
        status, reason, seconds = said
        now, head = self.ledger.now(), self._line(pos, line)["head"]
        db.execute(
            "UPDATE lines SET status = ?, reason = ?, author = ?, time = ?, holder = NULL WHERE item = ? AND line = ?",
            (status, reason, author, now, pos, line),
        )
        db.execute(
            "INSERT INTO decisions (item, line, version, author, time, status, reason, seconds) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (pos, line, head, author, now, status, reason, seconds),
        )
        self.ledger.note(db, author, status, pos, reason)

    def _append(self, db: sqlite3.Connection, pos: int, line: str, author: str, made: tuple[str, int, Sample]) -> int:
        kind, base, sample = made
        done = db.execute(
            "INSERT INTO versions (item, line, base, author, time, kind, sample) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (pos, line, base, author, self.ledger.now(), kind, encode(sample)),
        )
        assert done.lastrowid is not None
        return done.lastrowid

    def _sought(self, db: sqlite3.Connection, pos: int, sample: Sample) -> None:
        """Let the filters find the newest version."""
        db.execute("DELETE FROM facets WHERE item = ? AND kind IN ('label', 'type')", (pos,))
        self._facets(db, pos, _names(sample))
        source = self._item(pos)["source"]
        texts = [sample.text, *([] if source is None else [to_sample(source).text])]
        db.execute("UPDATE items SET sought = ? WHERE pos = ?", ("\n".join(texts).casefold(), pos))

    def _writable(self, person: Person, pos: int) -> str:
        self._item(pos)
        line, writable = self.line_of(person, pos)
        if not writable:
            raise Refusal("this item is with others; take the next one")
        return line

    def _item(self, pos: int) -> sqlite3.Row:
        row = self.db.execute("SELECT * FROM items WHERE pos = ?", (pos,)).fetchone()
        if row is None:
            raise Refusal(f"there is no item {pos}")
        return row  # type: ignore[no-any-return]

    def _line(self, pos: int, line: str) -> Any:
        return self.db.execute("SELECT * FROM lines WHERE item = ? AND line = ?", (pos, line)).fetchone()

    def _version(self, n: int) -> Sample | None:
        row = self.db.execute("SELECT sample FROM versions WHERE n = ?", (n,)).fetchone() if n else None
        return None if row is None else to_sample(row["sample"])

    def _of(self, pos: int, line: str, n: int) -> Sample:
        row = self.db.execute(
            "SELECT sample FROM versions WHERE n = ? AND item = ? AND line = ?", (n, pos, line)
        ).fetchone()
        if row is None:
            raise Refusal(f"there is no version {n} of this item")
        return to_sample(row["sample"])


def _names(sample: Sample) -> Iterator[tuple[str, str]]:
    """Labels and types of a sample, as filters know them."""
    for label in sample.labels or ():
        yield "label", label
    for level in (sample.entities, sample.relations, sample.events):
        pieces: Sequence[Any] = level or ()
        for piece in pieces:
            yield "type", piece.type


def _status(verdict: Verdict, changed: bool) -> Status:
    if verdict in ("accept", "fix"):
        return "fixed" if changed else "accepted"
    said: dict[str, Status] = {"reject": "rejected", "skip": "skipped", "flag": "flagged", "reopen": "open"}
    return said[verdict]
