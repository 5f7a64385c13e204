"""Texts of every kind on the page: offsets, hostile and long ones, many samples; and what axe says of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from review_live import ME, in_thread, wait_for
from review_samples import draft, entities, entity, new_store, store_of

from pointline.review.item import Item
from pointline.review.ledger import Ledger
from pointline.review.store import Store
from pointline.sample import Entity, Sample

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

Open = Callable[..., Any]


CASES = [
    ("😀😀 Mira 😀 sang", "Mira"),
    ("かき\u3099と가각", "と"),
    ("👨\u200d👩\u200d👧 Bo e\u0301te\u0301", "e\u0301te\u0301"),
    ("שלום Bo שלום", "Bo"),
    ("𠮷野家で𠮷田さん", "𠮷田"),
]


@pytest.mark.parametrize(("text", "word"), CASES)
def test_offsets_are_code_points(tmp_path: Path, opened: Open, text: str, word: str) -> None:
    kept = Entity("x", text[0], 0, 1)
    store = store_of(tmp_path, Sample("1", text, entities=[kept]))
    store.ledger.db.execute("INSERT INTO about VALUES ('schema', ?)", ['{"entities": ["x", "y"]}'])
    start = text.index(word)
    with in_thread(store) as server:
        page = opened(server.url)
        units = [len(text[:n].encode("utf-16-le")) // 2 for n in (start, start + len(word))]
        page.evaluate(
            """([from, to]) => {
              const nodes = [], walk = document.createTreeWalker(
                document.getElementById("target-text"), NodeFilter.SHOW_TEXT);
              while (walk.nextNode()) nodes.push(walk.currentNode);
              const place = (unit) => { for (const node of nodes) {
                if (unit <= node.length) return [node, unit]; unit -= node.length; } };
              document.getSelection().setBaseAndExtent(...place(from), ...place(to));
            }""",
            units,
        )
        page.keyboard.press("2")
        wait_for(lambda: ("y", word, start) in entities(store))


def test_code_points_both_ways(tmp_path: Path, opened: Open) -> None:
    """The page's conversion against Python's own, at every place of rough texts."""
    texts = [text for text, _ in CASES] + ["", "a", "😀", "ab😀c𝄞d", "e\u0301" * 3]
    with in_thread(new_store(tmp_path)) as server:
        page = opened(server.url)
        script = """async (texts) => {
          const { Points } = await import("/points.js");
          return texts.map((text) => {
            const points = new Points(text);
            const units = [...Array(points.length + 1).keys()].map((n) => points.unit(n));
            return [points.length, units, [...Array(text.length + 1).keys()].map((n) => points.point(n))];
          });
        }"""
        for text, (length, units, points) in zip(texts, page.evaluate(script, texts), strict=True):
            expected = [len(text[:n].encode("utf-16-le")) // 2 for n in range(len(text) + 1)]
            assert (length, units) == (len(text), expected)
            back = [max(n for n, unit in enumerate(expected) if unit <= place) for place in range(expected[-1] + 1)]
            assert points == back


HOSTILE = [
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">",
    "\u202eevil\u202c \u2066x\u2069 </script><!--",
    "w" * 4000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=["markup", "bidi", "long"])
def test_hostile_text_is_inert(tmp_path: Path, opened: Open, text: str) -> None:
    kind = text[:60]
    sample = Sample("<b>1", text, labels=[kind], entities=[Entity(kind, text[:5], 0, 5)])
    source = Sample("o", text, labels=[kind], entities=[Entity(kind, text[:5], 0, 5)])
    store = Store(Ledger(tmp_path / "r.sqlite"))
    store.add([Item(sample, source, reasons=(text[:80],))])
    store.add_note(ME, 1, text[:200])
    with in_thread(store) as server:
        page = opened(server.url)
        assert page.title() == "pointline: review"
        assert page.locator("#target-text").evaluate("one => one.textContent") == text
        assert page.locator("body img, body b b, main script").count() == 0
        width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1]
        page.keyboard.press("/")
        assert page.title() == "pointline: review"


def test_a_long_text_with_many_spans_stays_quick(tmp_path: Path, opened: Open) -> None:
    words = "the lute of Orvane sounds 😀 again and "
    text = words * (20_000 // len(words))
    marks = [entity(text, "place", "Orvane", text.index("Orvane", n * len(words))) for n in range(200)]
    store = store_of(tmp_path, Sample("1", text, labels=["music"], entities=marks))
    store.ledger.db.execute("INSERT INTO about VALUES ('schema', ?)", ['{"entities": ["place", "thing"]}'])
    with in_thread(store) as server:
        page = opened(server.url)
        script = """() => { const began = performance.now();
          document.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
          document.dispatchEvent(new KeyboardEvent("keydown", { key: "2", bubbles: true }));
          document.body.getBoundingClientRect();
          return performance.now() - began; }"""
        times = [page.evaluate(script) for _ in range(8)]
        print(f"two keys with all that they draw: {min(times):.0f} to {max(times):.0f} ms")
        assert min(times) < 150, times
        wait_for(lambda: sum(kind == "thing" for kind, _, _ in entities(store)) == 8)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_finding_of_axe(tmp_path: Path, opened: Open, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    store = Store(Ledger(tmp_path / "r.sqlite"))
    store.add([Item(draft(n), draft(n), ("numbers_differ",)) for n in (1, 2, 3)])
    store.add_note(ME, 1, "look")
    with in_thread(store) as server:
        page = opened(server.url, color_scheme=scheme)
        page.keyboard.press("j")
        for act in ("", "?", "Escape /", "l"):
            for key in act.split():
                page.keyboard.press(key)
            found = axe.Axe().run(page).response["violations"]
            serious = [one for one in found if one["impact"] in ("serious", "critical")]
            assert not serious, [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in serious]
            page.keyboard.press("Escape")
            page.evaluate("document.activeElement.blur()")
        page.goto(f"{server.url}/figures")
        found = axe.Axe().run(page).response["violations"]
        assert not [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def test_ten_thousand_samples_open_at_once(tmp_path: Path, opened: Open) -> None:
    """The page is there in 300 ms, the next item in 100 ms: asserted loosely, the machine may be at other work."""
    store = Store(Ledger(tmp_path / "r.sqlite"))
    store.add(Item(draft(n), draft(n), ("numbers_differ",)) for n in range(1, 10_001))
    with in_thread(store) as server:
        page = opened(server.url)
        opening, following = [], []
        for _ in range(5):
            page.goto(server.url)
            page.wait_for_selector("html[data-ready]")
            opening.append(page.evaluate("performance.getEntriesByName('ready')[0].startTime"))
        script = """() => new Promise((done) => {
          const shown = document.getElementById("item-id"), began = performance.now();
          new MutationObserver(() => requestAnimationFrame(() => done(performance.now() - began)))
            .observe(shown, { childList: true });
          document.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true }));
        })"""
        following = [page.evaluate(script) for _ in range(10)]
        print(f"page {min(opening):.0f} to {max(opening):.0f} ms, next {min(following):.0f} to {max(following):.0f} ms")
        assert min(opening) < 600, opening
        assert min(following) < 200, following
