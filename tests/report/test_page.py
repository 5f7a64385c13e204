"""The HTML page: whole, valid, inert, self-contained, the same bytes each time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import msgspec
import pytest

from pointline.errors import MissingExtra
from pointline.report.page import (
    Curve,
    Example,
    Examples,
    Facts,
    Figure,
    Page,
    Prose,
    Section,
    Series,
    Table,
)
from pointline.report.render import render, write
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span

EVIL = "<script>alert(1)</script>\"'&"
VOID = {"meta", "link", "br", "hr", "img", "input", "path", "use", "rect", "line", "circle"}


class Outline(HTMLParser):
    """Collects tags, ids, links and text; fails where tags do not balance."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.ids, self.links, self.text, self.attrs = [], [], [], [], "", []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attrs += [(tag, name, value) for name, value in attrs]
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "xlink:href", "src"):
                self.links.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.text += data


def page() -> Page:
    gold = Sample("1", f"{EVIL} 東京", "ja", [EVIL, "b"], [Entity(EVIL, "東京", 29, 31)])
    answer = Sample("1", f"{EVIL} 東京", "ja", [EVIL], [Entity("place", "東京", 29, 31)])
    relation = Sample("2", "ab", "en", relations=[Relation("<r>", Span("a", 0, 1, "x"), Span("b", 1, 2, "y"))])
    event = Sample("3", "ab", "en", events=[Event("Win", Span("a", 0, 1), [Argument("time", "b", 1, 2)])])
    curve = Curve("<c>", "epoch", "F1", (Series("語 & <w>", (1, 2, 3), (10, 20.5, 30)), Series("b", (1, 2), (1, 2))))
    cells = (("a", Figure(91.25, 90, 92.5), 1200, EVIL), ("b", Figure(-1.2, -2.9, 0.3, signed=True), 3, "–"))
    blocks = (
        Prose(EVIL),
        Facts(((EVIL, EVIL),)),
        Table("t", ("<x>", "f", "n", "w"), cells, note=EVIL, scale=(-5, 100)),
    )
    examples = Examples("e", (Example(gold, answer, EVIL), Example(gold), Example(prediction=answer)))
    more = Examples("f", (Example(relation), Example(event)), folded=True)
    return Page(EVIL, EVIL, (Section(EVIL, blocks), Section("two", (curve, curve, examples, more))), footer=EVIL)


@pytest.fixture(scope="module")
def html():
    return render(page())


def test_the_page_is_well_formed(html):
    outline = Outline(html)
    assert html.startswith("<!DOCTYPE html>\n<html lang=")
    assert len(outline.ids) == len(set(outline.ids))
    assert outline.tags.count("h1") == 1
    assert outline.tags.count("h2") == 2
    assert outline.tags.count("main") == 1
    labelled = {value for _, name, value in outline.attrs if name == "aria-labelledby"}
    assert labelled <= set(outline.ids)


def test_nothing_is_fetched_and_nothing_runs(html):
    outline = Outline(html)
    assert all(link.startswith("#") and link[1:] in outline.ids for link in outline.links)
    assert not {"script", "img", "link", "iframe", "object"} & set(outline.tags)
    assert not [name for _, name, _ in outline.attrs if name.startswith("on")]
    assert "@import" not in html
    assert not re.search(r"url\((?!#)", html)


def test_hostile_text_is_inert_and_still_there(html):
    assert "<script" not in html
    text = Outline(html).text
    assert text.count("<script>alert(1)</script>") > 10
    assert "<c>" in text
    assert "語 & <w>" in text


def test_languages_are_named(html):
    assert ("p", "lang", "ja") in Outline(html).attrs
    assert ("html", "lang", "en") in Outline(html).attrs


def test_figures_show_value_interval_and_sign(html):
    text = re.sub(r"\s+", " ", Outline(html).text)
    assert "91.2 90.0 to 92.5" in text
    assert "−1.2 −2.9 to +0.3" in text
    assert "1,200" in text


def test_relations_and_events_are_told_in_words(html):
    text = Outline(html).text
    assert "a — <r> → b" in text
    assert "Win (a): time: b" in text


def test_errors_are_told_by_more_than_colour(html):
    assert 'aria-label="missed by the prediction"' in html
    assert 'aria-label="not in gold"' in html


def test_the_outline_of_a_small_page():
    small = Page("T", "", (Section("S", (Table("c", ("a", "b"), (("x", Figure(50, 40, 60)),)),)),))
    outline = Outline(render(small))
    body = outline.tags[outline.tags.index("body") :]
    assert body == [
        "body", "a", "header", "h1", "main", "section", "h2", "h3", "div", "table", "thead", "tr", "th", "th",
        "tbody", "tr", "th", "td", "span", "span", "svg", "rect", "rect", "rect",
    ]  # fmt: skip


def test_writing_is_whole_and_the_page_is_plain_data(tmp_path):
    path = write(tmp_path / "report" / "page.html", page())
    assert path.read_text(encoding="utf-8") == render(msgspec.json.decode(msgspec.json.encode(page()), type=Page))


SCRIPT = "import hashlib, sys; sys.path.insert(0, {here!r}); from test_page import page; " + (
    "from pointline.report.render import render; print(hashlib.sha256(render(page()).encode()).hexdigest())"
)


def test_the_bytes_do_not_depend_on_the_hash_seed():
    seen = set()
    for seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        code = SCRIPT.format(here=os.path.dirname(__file__))
        seen.add(subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True).stdout)
    assert len(seen) == 1


@pytest.mark.parametrize("package", ["jinja2", "matplotlib"])
def test_a_missing_extra_names_the_pip_line(package, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=r"pip install 'pointline\[report\]'"):
        render(page())
