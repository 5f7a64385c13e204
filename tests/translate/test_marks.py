"""Marks go in and out of any text; what a model does to them is read as far as it can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import CHARS, texts

from pointline.translate.marks import Names, names_for, put, read, trimmed, unwrap, wrap

TAGS = st.lists(st.sampled_from(["<e1>", "</e1>", "<t>", "</T>", "<m 2>", "< e", "1>", "＜e3＞", "<E4>", "<", ">"]))


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, dict[int, tuple[int, int]]]:
    text = draw(texts()) + "".join(draw(TAGS)) + draw(st.text(CHARS, max_size=5))
    places = {}
    for number in range(1, draw(st.integers(0, 5)) + 1 if text else 1):
        start = draw(st.integers(0, len(text) - 1))
        places[number] = (start, draw(st.integers(start + 1, len(text))))
    return text, places


@given(marked())
def test_what_was_put_in_is_read_out(case: tuple[str, dict[int, tuple[int, int]]]) -> None:
    text, places = case
    names = names_for(text)
    said = read(put(text, places, names), names)
    whole = {number: trimmed(text, *place) for number, place in places.items()}
    assert said.text == text
    assert said.places == {number: (a, b) for number, (a, b) in whole.items() if a < b}
    assert said.broken == tuple(number for number, (a, b) in whole.items() if a == b)


@given(texts(), TAGS)
def test_a_wrapped_text_comes_back_out_of_whatever_stands_around_it(text: str, tags: list[str]) -> None:
    text = (text + "".join(tags)).strip("\r\n")
    names = names_for(text)
    assert unwrap(f"Here it is:\n```\n{wrap(text, names)}\n```\nAnything else?", names) == (text, "")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "no_translation"),
        ("I cannot help with that.", "no_translation"),
        ("<t>去", "cut"),
        ("<t>去上海</", "cut"),
        ("<t>a</t><t>b</t>", "two_answers"),
        ("<t>a<t>b</t>", "cut"),
    ],
)
def test_an_answer_that_is_none_says_why(answer: str, why: str) -> None:
    assert unwrap(answer) == (None, why)


def test_the_same_answer_twice_is_one() -> None:
    assert unwrap("<t>去上海</t>\n<T>去上海</ T >") == ("去上海", "")


@pytest.mark.parametrize(
    ("said", "places", "broken"),
    [
        ("<e1>a</e1><e1>b</e1>", {}, (1,)),
        ("<e1>a<e2>b</e1>c</e2>", {1: (0, 2), 2: (1, 3)}, ()),
        ("</e1>a<e1>", {}, (1,)),
        ("<e1></e1>a", {}, (1,)),
        ("＜ｅ1＞a", {}, ()),
        ("＜E1＞a＜／E1＞", {1: (0, 1)}, ()),
        ("<e1> 👨‍👩‍👧 </e1>", {1: (1, 6)}, ()),
    ],
)
def test_broken_marks(said: str, places: dict[int, tuple[int, int]], broken: tuple[int, ...]) -> None:
    got = read(said)
    assert (got.places, got.broken) == (places, broken)


def test_names_that_no_text_holds() -> None:
    every = "".join(f"<{name}1></{name}1>" for name in ("e", "m", "x", "k", "q"))
    assert names_for(every, "<T>＜text＞") == Names("ev", "body")
