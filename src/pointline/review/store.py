"""The work on items: versions that only grow, decisions, notes; who may write where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from pointline.errors import Refusal
from pointline.review.adding import add
from pointline.review.item import Item, Repair, Status, Verdict, View, content, with_content
from pointline.review.ledger import Ledger
from pointline.review.merging import Conflict, merge
from pointline.review.people import Person
from pointline.review.records import Records, to_sample
from pointline.review.settling import settle
from pointline.review.viewing import blind_of, history_of, notes_of
from pointline.sample import Sample, faults, span_key

COMMON = ""
"""The line of work that ends in an item's result."""
LONGEST_PAUSE = 3600.0
"""Seconds; whoever took longer for one item was not at work on it all the time."""


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
        self._rows = Records(ledger)
        self.overlap = ledger.settings.overlap

    def add(self, items: Iterable[Item]) -> int:
        """Add items in order, ranked by suspicion; those whose id is there already are left as they are."""
        return add(self._rows, items, self.overlap)

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
        item = self._rows.item(pos)
        line, writable = self.line_of(person, pos)
        state = self._rows.line(pos, line)
        draft = to_sample(item["draft"])
        head = self._rows.version(state["head"]) if state is not None else None
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
            draft = self._rows.draft(pos)
            mine = with_content(draft, made)
            if mine.entities:
                mine.entities.sort(key=span_key)
            for field, what in faults(mine):
                raise Refusal(f"{field}: {what}")
            state = self._rows.line(pos, line)
            head = self._rows.version(state["head"]) or draft
            kind, result = "edit", mine
            if base != state["head"]:
                from_ = self._rows.version_of(pos, line, base) if base else draft
                joined = merge(from_, head, mine)
                if joined.conflicts:
                    aside = self._rows.append(pos, line, person.name, ("aside", base, mine))
                    self.ledger.note(db, person.name, "conflict", pos, f"version {aside} kept aside")
                    return Saved(state["head"], joined.sample, joined.conflicts)
                kind, result = "merged", joined.sample
            if content(result) == content(head):
                return Saved(state["head"], head)
            n = self._rows.advance(pos, line, person.name, (kind, state["head"], result))
            self.ledger.note(db, person.name, kind, pos, f"version {n}")
        return Saved(n, result, merged=kind == "merged")

    def decide(
        self, person: Person, pos: int, version: int, verdict: Verdict, reason: str = "", seconds: float | None = None
    ) -> Status:
        """Set an item's status; accepted or fixed is told by whether anything was changed.

        Raises Stale where `version` is not the newest, Refusal where the person may not decide.
        """
        with self.ledger.writing():
            line = self._writable(person, pos)
            state = self._rows.line(pos, line)
            if version != state["head"]:
                raise Stale("somebody has changed this item meanwhile; look at it again")
            if verdict == "reject" and not reason.strip():
                raise Refusal("a rejection needs a reason")
            seconds = None if seconds is None else min(max(seconds, 0.0), LONGEST_PAUSE)
            status = _status(verdict, bool(state["changed"]))
            self._rows.decide(pos, line, person.name, (status, reason.strip(), seconds))
            if line != COMMON:
                settle(self._rows, pos, self.overlap)
        return status

    def add_note(self, person: Person, pos: int, text: str) -> None:
        """Add a remark; blind reviewers do not see each other's."""
        line, _ = self.line_of(person, pos)
        with self.ledger.writing() as db:
            self._rows.item(pos)
            values = (pos, line, person.name, self.ledger.now(), text)
            db.execute("INSERT INTO notes (item, line, author, time, text) VALUES (?, ?, ?, ?, ?)", values)
            self.ledger.note(db, person.name, "note", pos)

    def bring(self, pos: int, author: str, made: Sample | None, decided: tuple[Status, str] | None) -> None:
        """Take a result that was made elsewhere: a version and a decision on the common line."""
        with self.ledger.writing():
            draft, state = self._rows.draft(pos), self._rows.line(pos, COMMON)
            if made is not None:
                mine = with_content(draft, made)
                if content(mine) != content(self._rows.version(state["head"]) or draft):
                    self._rows.advance(pos, COMMON, author, ("import", state["head"], mine))
            if decided is not None and decided != (state["status"], state["reason"]):
                self._rows.decide(pos, COMMON, author, (*decided, None))

    def result(self, pos: int) -> Sample:
        """The newest common version of an item."""
        return self._rows.version(self._rows.line(pos, COMMON)["head"]) or self._rows.draft(pos)

    def positions(self) -> Iterator[tuple[int, str]]:
        """Every item's position and id."""
        for row in self.db.execute("SELECT pos, id FROM items ORDER BY pos").fetchall():
            yield row["pos"], row["id"]

    def _writable(self, person: Person, pos: int) -> str:
        self._rows.item(pos)
        line, writable = self.line_of(person, pos)
        if not writable:
            raise Refusal("this item is with others; take the next one")
        return line


def _status(verdict: Verdict, changed: bool) -> Status:
    if verdict in ("accept", "fix"):
        return "fixed" if changed else "accepted"
    said: dict[str, Status] = {"reject": "rejected", "skip": "skipped", "flag": "flagged", "reopen": "open"}
    return said[verdict]
