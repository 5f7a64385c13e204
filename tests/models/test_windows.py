"""Windows cover a text, own each unit once, and give back every short span in its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointline.models.windows import Piece, merge, windows


@st.composite
def cuts(draw):
    size = draw(st.integers(1, 40))
    return draw(st.integers(0, 300)), size, draw(st.integers(0, size - 1))


@given(cuts())
def test_every_unit_is_owned_once_and_seen_by_its_owner(cut):
    length, size, overlap = cut
    found = windows(length, size, overlap)
    owned = [unit for window in found for unit in range(window.own_start, window.own_end)]
    assert owned == list(range(length))
    for window in found:
        assert window.start <= window.own_start <= window.own_end <= window.end <= length
        assert window.end - window.start <= size
        assert length <= size or window.end - window.start == size


@given(cuts(), st.data())
def test_short_spans_come_back_as_from_the_whole_text(cut, data):
    length, size, overlap = cut
    longest = max(1, overlap // 2)
    whole, place = [], 0
    while place < length:
        end = min(length, place + data.draw(st.integers(1, longest)))
        if data.draw(st.booleans()):
            whole.append(Piece(place, end, data.draw(st.sampled_from("XY")), 1.0))
        place = end
    found = []
    for window in windows(length, size, overlap):
        inside = [p for p in whole if window.start <= p.start and p.end <= window.end]
        found.append((window, [p._replace(start=p.start - window.start, end=p.end - window.start) for p in inside]))
    assert merge(found) == whole


def test_an_impossible_overlap_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        windows(10, 4, 4)
