"""The review page as people use it, in a real browser: keyboard, mouse, input methods, two people, a killed server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from review_live import ME, in_thread, process, until, wait_for, write_samples
from review_samples import TEXT, draft, entities, new_store

from pointline.review.ledger import Ledger
from pointline.review.people import People, Person
from pointline.review.store import Store
from pointline.sample import Entity, Sample

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

Open = Callable[..., Any]


def test_with_the_keyboard_alone(tmp_path: Path, opened: Open) -> None:
    """Every act of a reviewer without a mouse: look, retype, move, delete, add, label, undo, reject, note, go back."""
    store = new_store(tmp_path, 4)
    store.ledger.db.execute(
        "INSERT INTO about VALUES ('schema', ?)",
        ['{"labels": ["music", "travel"], "entities": ["person", "place", "thing"], "relations": ["plays"]}'],
    )
    with in_thread(store) as server:
        page = opened(server.url)
        press = page.keyboard.press
        press("j")
        press("3")
        wait_for(lambda: ("thing", "Halima Quill", 0) in entities(store))
        press("Control+z")
        wait_for(lambda: ("person", "Halima Quill", 0) in entities(store))
        press("j")
        press("Alt+ArrowLeft")
        wait_for(lambda: entities(store)[0][1] == "Halima Quil")
        press("u")
        press("y")
        press("u")
        wait_for(lambda: entities(store)[0][1] == "Halima Quill")
        press("Escape")
        press("c")
        for _ in range(4):
            press("Control+ArrowRight")
        for _ in range(2):
            press("Control+Shift+ArrowRight")
        press("3")
        wait_for(lambda: any(kind == "thing" for kind, _, _ in entities(store)))
        found = [one for one in entities(store) if one[0] == "thing"]
        assert found[0][1] in TEXT
        press("Delete")
        wait_for(lambda: not any(kind == "thing" for kind, _, _ in entities(store)))
        press("Escape")
        press("l")
        page.keyboard.type("tra")
        press("Enter")
        wait_for(lambda: store.view(ME, 1).sample.labels == ["travel"])
        press("r")
        press("Enter")
        press("ArrowDown")
        press("Enter")
        press("Enter")
        wait_for(lambda: [r.type for r in store.view(ME, 1).sample.relations or ()] == ["plays"])
        press("m")
        page.keyboard.type("please look")
        press("Control+Enter")
        wait_for(lambda: [note.text for note in store.view(ME, 1).notes] == ["please look"])
        press("f")
        wait_for(lambda: store.view(ME, 1).status == "fixed")
        until(page, "document.getElementById('item-id').textContent === 's/2'")
        press("a")
        until(page, "document.getElementById('item-id').textContent === 's/3'")
        press("x")
        press("ArrowDown")
        press("Enter")
        wait_for(lambda: store.view(ME, 3).status == "rejected")
        until(page, "document.getElementById('item-id').textContent === 's/4'")
        press("p")
        until(page, "document.getElementById('item-id').textContent === 's/3'")
        press("o")
        wait_for(lambda: store.view(ME, 3).status == "open")
        press("i")
        page.keyboard.type("s/2")
        press("Enter")
        until(page, "document.getElementById('item-id').textContent === 's/2'")
        press("?")
        assert page.locator("dialog h2").inner_text() == "Keys"
        press("Escape")
        press("/")
        page.keyboard.type("lute")
        until(page, "document.querySelectorAll('#found a').length === 4")


def test_with_the_mouse(tmp_path: Path, opened: Open) -> None:
    store = new_store(tmp_path, 2)
    store.ledger.db.execute("INSERT INTO about VALUES ('schema', ?)", ['{"entities": ["person", "place", "thing"]}'])
    with in_thread(store) as server:
        page = opened(server.url)
        at = at_of(page)
        page.mouse.dblclick(*at(TEXT.index("lute") + 1))
        page.locator("#types .type", has_text="thing").click()
        wait_for(lambda: ("thing", "lute", TEXT.index("lute")) in entities(store))
        page.locator("#target-text mark", has_text="Orvane").click()
        grip = page.locator(".grip.start").bounding_box()
        page.mouse.move(grip["x"], grip["y"] + grip["height"] / 2)
        page.mouse.down()
        page.mouse.move(*at(TEXT.index("in Orvane"), 0.1), steps=4)
        page.mouse.up()
        wait_for(lambda: ("place", "in Orvane", TEXT.index("in Orvane")) in entities(store))
        page.locator("#entities li", has_text="Halima").locator(".cross").click()
        wait_for(lambda: not any(kind == "person" for kind, _, _ in entities(store)))
        page.get_by_role("button", name="Undo").click()
        wait_for(lambda: ("person", "Halima Quill", 0) in entities(store))
        page.get_by_role("button", name="Fix").click()
        wait_for(lambda: store.view(ME, 1).status == "fixed")
        until(page, "document.getElementById('item-id').textContent === 's/2'")
        page.get_by_role("button", name="Skip").click()
        wait_for(lambda: store.view(ME, 2).status == "skipped")
        page.get_by_role("button", name="Edit text").click()
        page.locator("dialog textarea").fill(TEXT.replace("plays the lute", "sings"))
        page.locator("dialog button.main").click()
        wait_for(lambda: ("place", "Orvane", TEXT.index("Orvane") - 9) in entities(store, 2))


def at_of(page: Any, pane: str = "#target-text") -> Callable[..., tuple[float, float]]:
    """Where on the screen a character stands."""

    def at(unit: int, share: float = 0.5) -> tuple[float, float]:
        script = """([pane, unit]) => {
          const walk = document.createTreeWalker(document.querySelector(pane), NodeFilter.SHOW_TEXT);
          for (let left = unit; walk.nextNode(); left -= walk.currentNode.length) {
            if (left >= walk.currentNode.length) continue;
            const range = document.createRange();
            range.setStart(walk.currentNode, left); range.setEnd(walk.currentNode, left + 1);
            const box = range.getBoundingClientRect();
            return [box.left, box.top, box.width, box.height];
          }
        }"""
        left, top, width, height = page.evaluate(script, [pane, unit])
        return left + width * share, top + height / 2

    return at


def test_hovering_shows_both_sides_in_one_colour(tmp_path: Path, opened: Open) -> None:
    original = Sample("1", "田中は東京へ", entities=[Entity("人名", "田中", 0, 2), Entity("地名", "東京", 3, 5)])
    translated = Sample(
        "1/en", "Tanaka to Tokyo", entities=[Entity("person", "Tanaka", 0, 6), Entity("place", "Tokyo", 10, 15)]
    )
    from pointline.review.opening import open_store

    one = write_samples(tmp_path / "a.jsonl", [original])
    two = write_samples(tmp_path / "b.jsonl", [translated])
    store = open_store(tmp_path / "r.sqlite", [one, two])
    with in_thread(store) as server:
        page = opened(server.url)
        here, there = page.locator("#target-text mark").nth(1), page.locator("#source-text mark").nth(1)
        ground = "one => getComputedStyle(one).backgroundColor"
        assert here.evaluate(ground) == there.evaluate(ground)
        assert here.evaluate(ground) != page.locator("#target-text mark").first.evaluate(ground)
        here.hover()
        assert "together" in there.get_attribute("class")
        page.locator("#source-text mark").first.hover()
        assert "together" in page.locator("#target-text mark").first.get_attribute("class")


def test_an_input_method_keeps_the_keys(tmp_path: Path, opened: Open) -> None:
    """While Japanese or Chinese is composed, `a` accepts nothing, and Enter takes a candidate, not a dialog's entry."""
    store = new_store(tmp_path, 2)
    with in_thread(store) as server:
        page = opened(server.url)
        page.evaluate("""() => {
          const send = (target, fields) => target.dispatchEvent(
            new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...fields }));
          send(document.body, { key: "a", isComposing: true });
          send(document.body, { key: "Process", keyCode: 229 });
          send(document.body, { key: "x", keyCode: 229 });
        }""")
        page.keyboard.press("l")
        session = page.context.new_cdp_session(page)
        session.send("Input.imeSetComposition", {"text": "おんがく", "selectionStart": 4, "selectionEnd": 4})
        page.evaluate("""() => document.activeElement.dispatchEvent(
          new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))""")
        assert page.locator("dialog").count() == 1
        session.send("Input.insertText", {"text": "音楽"})
        page.keyboard.press("Enter")
        wait_for(lambda: store.view(ME, 1).sample.labels == ["音楽"])
        assert store.view(ME, 1).status == "open"


def test_two_people_at_once_on_one_item(tmp_path: Path, opened: Open) -> None:
    """What does not touch is joined on its own; what does is shown to the later one, who decides."""
    store = new_store(tmp_path, 2)
    store.ledger.db.execute("INSERT INTO about VALUES ('schema', ?)", ['{"entities": ["person", "place", "thing"]}'])
    people = People(store.ledger)
    links = {name: people.invite(name) for name in ("ada", "bo")}
    with in_thread(store, None) as server:
        pages = {}
        for name, link in links.items():
            pages[name] = opened(f"{server.url}/join/{link}")
            pages[name].goto(f"{server.url}/?item=s/1")
            pages[name].wait_for_selector("html[data-ready]")
        ada, bo = pages["ada"], pages["bo"]
        ada.keyboard.press("j")
        ada.keyboard.press("3")
        wait_for(lambda: ("thing", "Halima Quill", 0) in entities(store))
        bo.keyboard.press("k")
        bo.keyboard.press("3")
        wait_for(lambda: [kind for kind, _, _ in entities(store)] == ["thing", "thing"])
        until(bo, "document.querySelectorAll('#entities .chip')[0].textContent === 'thing'")
        ada.keyboard.press("k")
        ada.keyboard.press("1")
        ada.locator("dialog", has_text="Two changes").wait_for()
        ada.locator("dialog input[value=mine]").check()
        ada.locator("dialog button.main").click()
        wait_for(lambda: [kind for kind, _, _ in entities(store)] == ["thing", "person"])
        kinds = [row["kind"] for row in store.db.execute("SELECT kind FROM versions ORDER BY n")]
        assert kinds == ["edit", "merged", "aside", "edit"]
        bo.keyboard.press("f")
        until(bo, "document.getElementById('said').textContent.includes('meanwhile')")
        assert store.view(Person("bo"), 1).status == "open"


def test_a_server_killed_in_mid_edit_loses_nothing(tmp_path: Path, opened: Open) -> None:
    data = write_samples(tmp_path / "s.jsonl", [draft(n) for n in (1, 2)])
    with process(str(data)) as running:
        page = opened(running.client.url)
        page.keyboard.press("j")
        page.keyboard.press("2")
        until(page, "document.getElementById('saved').textContent === 'saved'")
        running.kill()
        page.keyboard.press("j")
        page.keyboard.press("Delete")
        until(page, "document.getElementById('saved').textContent.includes('not saved')")
        running.start()
        until(page, "document.getElementById('saved').textContent === 'saved'")
        running.kill()
        page.keyboard.press("k")
        page.keyboard.press("1")
        until(page, "document.getElementById('saved').textContent.includes('not saved')")
        context = page.context
        page.close()
        running.start()
        again = opened(running.client.url + "/?item=s/1", context)
        until(again, "document.getElementById('saved').textContent === 'saved'")
        running.kill()
    store = Store(Ledger(tmp_path / "s.jsonl.review.sqlite"))
    assert entities(store) == [("person", "Halima Quill", 0)]
    assert store.db.execute("SELECT count(*) FROM versions").fetchone()[0] == 3
