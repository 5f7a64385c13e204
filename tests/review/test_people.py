"""Links, sessions, roles: what holds, what does not, and what ends."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from review_samples import draft, new_store

from pointline.errors import SettingsFault
from pointline.review.people import People, Person
from pointline.review.seeking import Seeking


def test_a_link_opens_a_session_until_it_is_revoked(tmp_path: Path) -> None:
    people = People(new_store(tmp_path).ledger)
    session = people.session(people.invite("Ada 田中", "adjudicator"))
    assert session is not None
    assert people.who(session) == Person("Ada 田中", "adjudicator")
    people.revoke("Ada 田中")
    assert people.who(session) is None
    with pytest.raises(SettingsFault, match="nobody"):
        people.revoke("nobody")


def test_a_new_link_ends_the_old_one(tmp_path: Path) -> None:
    people = People(new_store(tmp_path).ledger)
    old = people.invite("ada")
    new = people.invite("ada")
    assert people.session(old) is None
    assert people.session(new) is not None


@pytest.mark.parametrize("word", ["", ".", "a.b", "é.ü", "x" * 500])
def test_forged_words_open_nothing(tmp_path: Path, word: str) -> None:
    people = People(new_store(tmp_path).ledger)
    assert people.session(word) is None
    assert people.who(word) is None


def test_a_link_is_no_session_and_a_changed_one_is_nothing(tmp_path: Path) -> None:
    people = People(new_store(tmp_path).ledger)
    link = people.invite("ada")
    assert people.who(link) is None
    assert people.session(link[:-1] + ("0" if link[-1] != "0" else "1")) is None


def test_a_revoked_person_gives_back_what_was_not_begun(tmp_path: Path) -> None:
    store = new_store(tmp_path, 1, overlap=2)
    people, seeking = People(store.ledger), Seeking(store)
    people.invite("ada")
    assert seeking.next(Person("ada")) == 1
    assert seeking.next(Person("bo")) == 1
    assert seeking.next(Person("cy")) is None
    people.revoke("ada")
    assert seeking.next(Person("cy")) == 1


def test_what_a_revoked_person_had_begun_goes_to_the_adjudicator(tmp_path: Path) -> None:
    store = new_store(tmp_path, 1, overlap=2)
    people, seeking = People(store.ledger), Seeking(store)
    people.invite("ada")
    for name in ("ada", "bo"):
        seeking.next(Person(name))
    store.save(Person("ada"), 1, 0, msgspec.structs.replace(draft(), labels=["travel"]))
    store.decide(Person("bo"), 1, 0, "accept")
    people.revoke("ada")
    seen = store.view(Person("cleo", "adjudicator"), 1)
    assert seen.status == "disputed"
    assert [one.sample.labels for one in seen.blind] == [["travel"], ["music"]]


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 61, "(agreed)"])
def test_names_that_are_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsFault, match="name"):
        People(new_store(tmp_path).ledger).invite(name)
