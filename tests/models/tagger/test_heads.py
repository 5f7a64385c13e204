"""The heads: maxima over stretches, which pairs are asked about, windows of links."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from hypothesis import given
from hypothesis import strategies as st

from pointline.models.tagger.heads import Heads, HeadSettings, RangeMax
from pointline.models.tagger.joining import Join, Joined
from pointline.models.tagger.layers import Dropout, Noise
from pointline.models.tagger.pairs import Rules
from pointline.models.tagger.structure import Layer, Links, Structure
from pointline.models.windows import windows

STRUCTURE = Structure(
    kinds=5,
    relations=("r",),
    events=("e",),
    roles=((0, "a"),),
    layers=(Layer("events", ("trigger", "argument")),),
    anchors=((0, 2), (0, 4)),
    links=((0, 0, 1), (1, 2, 3), (1, 4, 3)),
)


@given(st.integers(1, 40), st.data())
def test_maxima_of_any_stretch(length, data):
    states = torch.randn(2, length, 3, generator=torch.Generator().manual_seed(length))
    start = data.draw(st.integers(0, length))
    end = data.draw(st.integers(start, length))
    row = data.draw(st.integers(0, 1))
    found = RangeMax(states, length)(torch.tensor([row]), torch.tensor([start]), torch.tensor([end]))[0]
    wanted = states[row, start:end].amax(0) if end > start else torch.zeros(3)
    assert torch.equal(found, wanted)


def test_only_what_train_showed_is_asked():
    rules = Rules(STRUCTURE)
    spans = rules.spans([(0, 1, 0), (2, 3, 1), (3, 4, 2), (4, 6, 3)], 7)
    asked = rules.candidates([spans, rules.spans([], 2)])
    assert asked.spans[:, 3].tolist() == [0, 1, 2, 3, 4, 4]
    assert asked.anchors.tolist() == [2, 4, 5]
    assert asked.pairs.tolist() == [[0, 1], [2, 3], [4, 3]]
    assert rules.links[2, 3].tolist() == [False, True]


def test_scores_do_not_depend_on_padding_or_neighbours():
    torch.manual_seed(0)
    heads = Heads(6, HeadSettings((2,), 5, 1, 2, width=8), Dropout(0.0, Noise()))
    rules = Rules(STRUCTURE)
    rows = [rules.spans([(0, 1, 0), (2, 4, 1)], 5), rules.spans([(0, 2, 2), (3, 4, 3)], 4)]
    states = torch.randn(2, 5, 6)
    events, links = heads(states, rules.candidates(rows))
    alone = [heads(states[i : i + 1, :n], rules.candidates([rows[i]])) for i, n in ((0, 5), (1, 4))]
    assert torch.allclose(events, torch.cat([one[0] for one in alone]), atol=1e-6)
    assert torch.allclose(links, torch.cat([one[1] for one in alone]), atol=1e-6)
    nothing = heads(states, rules.candidates([[], []]))
    assert [tuple(one.shape) for one in nothing] == [(0, 1), (0, 2)]


def test_links_of_a_window_lie_whole_in_it():
    links = Links(True, True, ((0, 2, 3), (0, -1, -1)), ((0, 2, 3, 8, 9), (1, -1, -1, 4, 5), (1, 2, 3, 4, 5)))
    assert links.part(2, 6) == Links(True, True, ((0, 0, 1), (0, -1, -1)), ((1, -1, -1, 2, 3), (1, 0, 1, 2, 3)))


def test_what_two_windows_share_is_answered_once():
    left, right = windows(10, 6, 2)
    shared = Join(0, (4, 5, 0), (5, 6, 1), 0.9)
    in_right = shared._replace(head=(0, 1, 0), tail=(1, 2, 1))
    text = Join(1, (0, 6, 4), (3, 4, 3), 0.9)
    one = Joined([shared], [(0, (0, 6, 4), 0.8)], [text]).owned(left, 4)
    other = Joined([in_right], [], [text]).owned(right, 4)
    assert one.relations == [shared]
    assert other.relations == []
    assert one.roles == [text._replace(head=(0, 0, 4))]
    assert other.roles == [text._replace(head=(0, 0, 4), tail=(7, 8, 3))]
