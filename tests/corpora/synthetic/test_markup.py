"""The template language: offsets by construction, repeats by key, faults refused."""

from __future__ import annotations

import random

import pytest

from pointline.corpora.synthetic.markup import Renderer, parse
from pointline.errors import PointlineError


def _render(template, slots=None, late=None, seed=0):
    return Renderer(random.Random(seed), slots or {}, late or {}).render(template)


def test_a_mark_covers_what_its_slot_drew_wherever_it_lands():
    text, marks = _render(
        "😀{who:person}は[{=とても:x}|{=すこし:x}]", {"who": ["{given}{family}"], "given": ["結衣"], "family": ["榊"]}
    )
    assert next((text[m.start : m.end], m.name) for m in marks) == ("結衣榊", "person")
    assert text[marks[1].start : marks[1].end] in ("とても", "すこし")
    assert text.startswith("😀結衣榊は")


def test_nested_marks_are_kept():
    text, marks = _render("at {house:organization}", {"house": ["the {=Kelby:place} Museum"]})
    assert {(text[m.start : m.end], m.name) for m in marks} == {
        ("the Kelby Museum", "organization"),
        ("Kelby", "place"),
    }


def test_a_key_repeats_the_same_words_and_its_absence_draws_others():
    slots = {"who": [chr(97 + i) * 3 for i in range(20)]}
    for seed in range(20):
        text, _ = _render("{who#k} {who} {who#k}", slots, seed=seed)
        first, second, third = text.split()
        assert first == third != second


def test_late_values_come_only_where_they_are_given():
    slots, late = {"who": ["early"]}, {"who": ["late"]}
    assert {_render("{who}", slots, seed=s).text for s in range(30)} == {"early"}
    assert {_render("{who}", slots, late, seed=s).text for s in range(30)} == {"early", "late"}


@pytest.mark.parametrize("template", ["a [b", "a ] b", "a | b", "{who", "who}", "a {} b"])
def test_a_template_that_does_not_close_is_refused(template):
    with pytest.raises(PointlineError, match="template"):
        parse(template)


def test_an_unknown_slot_is_named():
    with pytest.raises(PointlineError, match="'nobody'"):
        _render("{nobody}")
