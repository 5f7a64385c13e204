"""Highlighted text: whole, inert, nested and crossing spans in any script, colours that can be read."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.report.highlight import Mark, compared, highlight, marks_of, snippet
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span
from pointline.web.colours import PALETTE, colours_of


class Reader(HTMLParser):
    """Reads highlighted text back: its plain text, and for each character the stack of marks over it."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.stack, self.text, self.over = [], "", []

    def handle_starttag(self, tag, attrs):
        self.stack.append((tag, dict(attrs).get("class")))

    def handle_endtag(self, tag):
        assert self.stack.pop()[0] == tag

    def handle_data(self, data):
        if not any(tag == "small" for tag, _ in self.stack):
            self.text += data
            self.over += [[name for tag, name in self.stack if tag == "mark"]] * len(data)


def _read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.stack == []
    return reader


NAMES = ["a", "b", "c", "<d>"]
texts = st.text(st.sampled_from("ab<>&\"' 東京か\u3099👩\u200d👧𠮷\n"), min_size=1, max_size=25)


@given(texts, st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24), st.sampled_from(NAMES)), max_size=6))
def test_text_survives_and_every_character_lies_under_its_marks(text, drawn):
    marks = {Mark(min(a, b), max(a, b) + 1, name) for a, b, name in drawn if max(a, b) < len(text)}
    colours = colours_of(NAMES)
    read = _read(highlight(text, marks, colours))
    assert read.text == text
    for place, over in enumerate(read.over):
        wanted = sorted(f"c{colours[m.name]}" for m in marks if m.start <= place < m.end)
        assert sorted(over) == wanted


def test_crossing_marks_are_cut_and_labelled_once():
    html = highlight("abcdef", [Mark(0, 4, "x"), Mark(2, 6, "y")], {"x": 0, "y": 1})
    assert html == (
        '<mark class="c0">ab<mark class="c1">cd</mark><small>x</small></mark><mark class="c1">ef<small>y</small></mark>'
    )


def test_script_is_inert():
    html = highlight("<script>alert(1)</script>", [Mark(0, 8, "<img onerror=x>")], {"<img onerror=x>": 0})
    assert "<script" not in html
    assert "<img" not in html


def test_gold_beside_prediction():
    gold = Sample("1", "ab cd", entities=[Entity("x", "ab", 0, 2), Entity("y", "cd", 3, 5)])
    answer = Sample("1", "ab cd", entities=[Entity("x", "ab", 0, 2), Entity("x", "cd", 3, 5)])
    of_gold, answered = compared(gold, answer)
    assert [mark.state for mark in of_gold] == ["right", "missed"]
    assert [mark.state for mark in answered] == ["right", "wrong"]
    html = highlight(answer.text, answered, {"x": 0})
    assert 'aria-label="not in gold"' in html
    assert html.count("✓") == html.count("✗") == 1


def test_fragments_unlocated_spans_relations_and_events():
    sample = Sample(
        "1",
        "abc def",
        entities=[Entity("x", "a c", 0, 3, [(0, 1), (2, 3)]), Entity("x", "zzz")],
        relations=[Relation("r", Span("a", 0, 1, "person"), Span("def", 4, 7))],
        events=[Event("Win", Span("b", 1, 2), [Argument("time", "d", 4, 5)]), Event("Lose", None)],
    )
    assert [(m.start, m.end, m.name) for m in marks_of(sample)] == [
        (0, 1, "x"), (2, 3, "x"), (0, 1, "person"), (4, 7, "r"), (1, 2, "Win"), (4, 5, "time"),
    ]  # fmt: skip


def test_a_snippet_carries_its_style_and_language():
    html = snippet(Sample("1", "東京<へ", lang="ja", labels=["旅<行"], entities=[Entity("地名", "東京", 0, 2)]))
    assert '<p class="text" lang="ja">' in html
    assert "旅&lt;行" in html
    assert "--ground-0" in html
    assert "http" not in html


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one, other):
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("entry", PALETTE)
def test_every_colour_reads_at_aa_in_both_themes(entry):
    light, light_ink, dark, dark_ink = entry
    for ground, inks in ((light, (light_ink, "#1b1f24", "#a3262a")), (dark, (dark_ink, "#e8ebee", "#ff9d98"))):
        for ink in inks:
            assert _contrast(ground, ink) >= 4.5, (ground, ink)


@given(st.lists(st.text(max_size=5), max_size=30))
def test_colours_are_stable_and_distinct_while_they_last(names):
    colours = colours_of(names)
    assert colours == colours_of(reversed(names))
    assert set(colours) == set(names)
    if len(colours) <= len(PALETTE):
        assert len(set(colours.values())) == len(colours)
