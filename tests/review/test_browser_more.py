"""The rarer ways on the page: adjudication, spans without a place, events, filters, keys that are off or doubled."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from review_live import ME, in_thread, until, wait_for
from review_samples import TEXT, draft, items, new_store

from pointline.review.item import Item
from pointline.review.ledger import Ledger
from pointline.review.people import People, Person
from pointline.review.seeking import Seeking
from pointline.review.store import Store
from pointline.sample import Entity

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

Open = Callable[..., Any]


def with_names(store: Store, **names: Any) -> Store:
    store.ledger.db.execute("INSERT INTO about VALUES ('schema', ?)", [json.dumps(names)])
    return store


def test_an_adjudicator_takes_one_result(tmp_path: Path, opened: Open) -> None:
    store = new_store(tmp_path, 2, overlap=2)
    ada, bo, seeking = Person("ada"), Person("bo"), Seeking(store)
    for person, label in ((ada, "travel"), (bo, "sport")):
        seeking.next(person)
        made = msgspec.structs.replace(draft(), labels=[label])
        store.decide(person, 1, store.save(person, 1, 0, made).version, "fix")
    link = People(store.ledger).invite("cleo", "adjudicator")
    with in_thread(store, None) as server:
        page = opened(f"{server.url}/join/{link}")
        assert page.locator("#blind article").count() == 2
        assert page.locator("#status").inner_text() == "disputed"
        assert page.locator("#blind .label.odd").all_inner_texts() == ["travel", "sport"]
        assert page.locator("#blind mark.odd").count() == 0
        page.keyboard.press("Alt+2")
        wait_for(lambda: store.view(ME, 1).sample.labels == ["sport"])
        page.keyboard.press("Alt+1")
        wait_for(lambda: store.view(ME, 1).sample.labels == ["travel"])
        page.keyboard.press("Enter")
        wait_for(lambda: store.view(ME, 1).status == "fixed")
        until(page, "document.getElementById('said').textContent.startsWith('Nothing is left')")


def test_a_span_without_a_place_is_put_into_the_text(tmp_path: Path, opened: Open) -> None:
    lost = msgspec.structs.replace(draft(), entities=[Entity("thing", "the loot")])
    store = Store(Ledger(tmp_path / "r.sqlite"))
    store.add([Item(lost)])
    with in_thread(store) as server:
        page = opened(server.url)
        assert page.locator("#entities .lost").inner_text() == "not in the text"
        page.locator("#entities .row").click()
        page.evaluate("document.activeElement.blur()")
        page.evaluate(
            """([from, to]) => { const node = document.getElementById("target-text").firstChild;
            document.getSelection().setBaseAndExtent(node, from, node, to); }""",
            [TEXT.index("lute"), TEXT.index("lute") + 4],
        )
        page.keyboard.press("z")
        at = TEXT.index("lute")
        wait_for(lambda: store.view(ME, 1).sample.entities == [Entity("thing", "lute", at, at + 4)])


def test_events_and_their_arguments(tmp_path: Path, opened: Open) -> None:
    events = [{"type": "Play", "roles": ["who", "where"]}]
    store = with_names(new_store(tmp_path, 1), entities=["person", "place"], events=events)
    with in_thread(store) as server:
        page = opened(server.url)
        press = page.keyboard.press
        press("v")
        press("Enter")
        press("j")
        press("b")
        page.keyboard.type("who")
        press("Enter")

        def held() -> list[tuple[str, list[tuple[str, str]]]]:
            found = store.view(ME, 1).sample.events or ()
            return [(one.type, [(a.role, a.text) for a in one.arguments]) for one in found]

        wait_for(lambda: held() == [("Play", [("who", "Halima Quill")])])
        page.locator("#events ul .cross").click()
        wait_for(lambda: held() == [("Play", [])])


def test_next_goes_through_what_the_filter_finds(tmp_path: Path, opened: Open) -> None:
    store = Store(Ledger(tmp_path / "r.sqlite"))
    rows = items(6)
    for n in (1, 4):
        rows[n].reasons = ("numbers_differ",)
    store.add(rows)
    with in_thread(store) as server:
        page = opened(server.url)
        page.keyboard.press("/")
        page.locator("#filter select[name=reason]").select_option("numbers_differ")
        until(page, "document.querySelectorAll('#found a').length === 2")
        page.evaluate("document.activeElement.blur()")
        for name in ("s/2", "s/5"):
            page.keyboard.press("n")
            until(page, f"document.getElementById('item-id').textContent === '{name}'")
        page.keyboard.press("a")
        until(page, "document.getElementById('said').textContent.startsWith('Nothing is left')")
        assert store.view(ME, 5).status == "accepted"
        page.reload()
        until(page, "document.getElementById('item-id').textContent === 's/5'")


def test_a_key_pressed_twice_decides_once(tmp_path: Path, opened: Open) -> None:
    store = new_store(tmp_path, 5)
    with in_thread(store) as server:
        page = opened(server.url)
        page.evaluate("""() => { for (let n = 0; n < 3; n += 1) document.dispatchEvent(
          new KeyboardEvent("keydown", { key: "a", bubbles: true })); }""")
        until(page, "document.getElementById('item-id').textContent === 's/2'")
        assert store.db.execute("SELECT count(*) FROM decisions").fetchone()[0] == 1


def test_single_keys_can_be_turned_off(tmp_path: Path, opened: Open) -> None:
    store = new_store(tmp_path, 2)
    with in_thread(store) as server:
        page = opened(server.url)
        page.keyboard.press("?")
        page.locator("dialog input[type=checkbox]").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("s")
        page.keyboard.press("?")
        assert page.locator("dialog").count() == 1
        assert store.view(ME, 1).status == "open"
