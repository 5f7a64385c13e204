"""A quick look at a span finds what the careful one finds, or leaves it to that."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pointline.corpora.conversion import Report
from pointline.corpora.placing import Search
from pointline.corpora.shapes.span_fields import SpanFields, place_of, quick_look
from pointline.errors import InputFault

OFFSETS = st.one_of(st.integers(-2, 9), st.none(), st.booleans(), st.just("1"), st.just(1.5))
WORDINGS = st.one_of(st.text("ab中😀 ", max_size=3), st.none(), st.integers(0, 2))
FIELDS = st.builds(
    SpanFields,
    start=st.sampled_from(["start", 1]),
    end=st.sampled_from(["end", 2]),
    span=st.sampled_from([None, "span", 0]),
    surface=st.sampled_from([None, "text", 3]),
    inclusive=st.booleans(),
)
ITEMS = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={"start": OFFSETS, "end": OFFSETS, "span": st.lists(OFFSETS, max_size=3), "text": WORDINGS},
    ),
    st.tuples(st.lists(OFFSETS, max_size=3), OFFSETS, OFFSETS, WORDINGS).map(list),
    st.just("ab"),
    st.none(),
)


@given(ITEMS, FIELDS, st.text("ab中😀 ", max_size=8))
def test_a_quick_look_agrees_with_the_careful_one(item: Any, fields: SpanFields, text: str) -> None:
    quick, report = quick_look(fields)(item, text), Report()
    if quick is None:
        return
    try:
        careful = place_of(item, fields, Search(text, report), report)
    except InputFault as fault:
        raise AssertionError(f"{quick} where the careful one says: {fault}") from None
    assert careful is not None
    assert tuple(careful) == quick
    assert not report.repaired
    assert not report.noticed
