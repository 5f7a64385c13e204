"""Who may review: people with a role, a signed link each, a session, a token against forged requests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import sqlite3
from typing import Literal, TypeAlias, get_args

import msgspec

from pointline.errors import SettingsFault
from pointline.review.ledger import Ledger
from pointline.review.records import Records
from pointline.review.settling import settle

Role: TypeAlias = Literal["reviewer", "adjudicator"]


class Person(msgspec.Struct, frozen=True):
    """One person; an adjudicator decides where reviewers differ, and sees figures of all."""

    name: str
    role: Role = "reviewer"


class People:
    """The people of a review file. A link holds until its person is revoked or invited again."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._key = bytes.fromhex(ledger.about("secret"))

    def invite(self, name: str, role: Role = "reviewer") -> str:
        """The word of a person's link; it ends every earlier link of the same name. Raises SettingsFault."""
        if role not in get_args(Role):
            raise SettingsFault(f"{role!r} is no role; known: {', '.join(get_args(Role))}")
        if not name.strip() or not name.isprintable() or len(name) > 60 or name.startswith("("):
            raise SettingsFault(f"{name!r} is no name for a person; give 1 to 60 printable characters")
        nonce = secrets.token_hex(8)
        with self._ledger.writing() as db:
            db.execute(
                "INSERT INTO people VALUES (?, ?, ?, 0) "
                "ON CONFLICT (name) DO UPDATE SET role = ?2, nonce = ?3, revoked = 0",
                (name, role, nonce),
            )
            self._ledger.note(db, "", "invited", None, f"{name} ({role})")
        return self._signed("link", name, nonce)

    def revoke(self, name: str) -> None:
        """End a person's link and sessions, and give back what the person holds; raises SettingsFault."""
        with self._ledger.writing() as db:
            done = db.execute("UPDATE people SET revoked = 1 WHERE name = ?", (name,)).rowcount
            if not done:
                raise SettingsFault(f"nobody here is called {name!r}")
            db.execute("UPDATE lines SET holder = NULL WHERE holder = ?", (name,))
            idle = "line = ? AND head = 0 AND status = 'open'"
            db.execute(
                f"UPDATE items SET assigned = assigned - 1 WHERE pos IN (SELECT item FROM lines WHERE {idle})", (name,)
            )
            db.execute(f"DELETE FROM lines WHERE {idle}", (name,))
            self._left(db, name)
            self._ledger.note(db, "", "revoked", None, name)

    def _left(self, db: sqlite3.Connection, name: str) -> None:
        """What somebody began and left open goes to the adjudicator with the others' work."""
        records, overlap = Records(self._ledger), self._ledger.settings.overlap
        rows = db.execute("SELECT item FROM lines WHERE line = ? AND status = 'open'", (name,)).fetchall()
        for row in rows:
            records.decide(row["item"], name, "", ("skipped", "revoked", None))
            settle(records, row["item"], overlap)

    def session(self, link: str) -> str | None:
        """A session for who shows a link; None where it is not ours or holds no longer."""
        found = self._read("link", link)
        return None if found is None else self._signed("session", *found)

    def who(self, session: str) -> Person | None:
        """The person of a session; None where it holds no longer."""
        found = self._read("session", session)
        if found is None:
            return None
        row = self._ledger.db.execute("SELECT role FROM people WHERE name = ?", found[:1]).fetchone()
        return Person(found[0], row["role"])

    def token(self, session: str) -> str:
        """What a page of this session must send along with every change (against requests forged by other pages)."""
        return hmac.new(self._key, b"csrf\0" + session.encode(), hashlib.sha256).hexdigest()

    def _signed(self, kind: str, name: str, nonce: str) -> str:
        said = base64.urlsafe_b64encode(f"{name}\0{nonce}".encode()).decode().rstrip("=")
        return f"{said}.{self._signature(kind, said)}"

    def _signature(self, kind: str, said: str) -> str:
        return hmac.new(self._key, f"{kind}\0{said}".encode(), hashlib.sha256).hexdigest()

    def _read(self, kind: str, word: str) -> tuple[str, str] | None:
        said, _, signature = word.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(kind, said).encode()):
            return None
        name, _, nonce = base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)).decode().partition("\0")
        row = self._ledger.db.execute("SELECT nonce, revoked FROM people WHERE name = ?", (name,)).fetchone()
        return (name, nonce) if row is not None and row["nonce"] == nonce and not row["revoked"] else None
