"""Two people's changes of one sample: joined where they do not touch, shown where they do, never lost."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import schemas_and_samples

from pointline.review.item import content
from pointline.review.merging import merge
from pointline.sample import Entity, Relation, Sample, Span, span_key

TEXT = "abcdefghij"


def sample(*spans: tuple[str, int, int], labels: list[str] | None = None) -> Sample:
    entities = sorted((Entity(kind, TEXT[a:b], a, b) for kind, a, b in spans), key=span_key)
    return Sample("1", TEXT, labels=labels, entities=entities)


def test_changes_that_do_not_touch_are_joined() -> None:
    base = sample(("x", 0, 2), labels=["a"])
    joined = merge(base, sample(("y", 0, 2), labels=["a"]), sample(("x", 0, 2), ("z", 5, 7), labels=["b"]))
    assert joined.conflicts == []
    assert content(joined.sample) == content(sample(("y", 0, 2), ("z", 5, 7), labels=["b"]))


@pytest.mark.parametrize(
    ("theirs", "mine"),
    [
        ([("y", 0, 2)], [("z", 0, 2)]),
        ([], [("z", 0, 2)]),
        ([("y", 0, 2)], []),
        ([("x", 0, 3)], [("x", 0, 4)]),
        ([("x", 0, 2), ("y", 4, 7)], [("x", 0, 2), ("z", 6, 8)]),
    ],
)
def test_changes_that_touch_are_shown_and_theirs_stands(
    theirs: list[tuple[str, int, int]], mine: list[tuple[str, int, int]]
) -> None:
    joined = merge(sample(("x", 0, 2)), sample(*theirs), sample(*mine))
    assert [conflict.field for conflict in joined.conflicts] == ["entities"]
    assert content(joined.sample) == content(sample(*theirs))
    conflict = joined.conflicts[0]
    resolved = [e for e in joined.sample.entities or () if e not in conflict.theirs] + conflict.mine
    assert sorted(resolved, key=span_key) == sample(*mine).entities


def test_the_same_change_by_both_is_no_conflict() -> None:
    joined = merge(sample(("x", 0, 2)), sample(("y", 0, 2)), sample(("y", 0, 2)))
    assert not joined.conflicts
    assert content(joined.sample) == content(sample(("y", 0, 2)))


def test_two_texts_are_in_conflict_but_one_is_taken() -> None:
    base = sample(("x", 0, 2))
    other = msgspec.structs.replace(base, text="abc", entities=[])
    assert merge(base, base, other).sample == other
    assert merge(base, other, base).sample == other
    third = msgspec.structs.replace(base, text="abcd", entities=[])
    assert [c.field for c in merge(base, other, third).conflicts] == ["text"]


def test_relations_conflict_where_both_ends_touch() -> None:
    def related(*rows: tuple[str, int]) -> Sample:
        found = [Relation(kind, Span("a", 0, 1), Span(TEXT[at], at, at + 1)) for kind, at in rows]
        return Sample("1", TEXT, relations=found)

    assert not merge(related(), related(("r", 2)), related(("q", 4))).conflicts
    assert merge(related(), related(("r", 2)), related(("q", 2))).conflicts


@st.composite
def three(draw: st.DrawFn) -> tuple[Sample, Sample, Sample]:
    """A sample and two changes of it that keep its text."""
    _, base = draw(schemas_and_samples())

    def changed() -> Sample:
        out = msgspec.structs.replace(base)
        for field in ("entities", "relations", "events"):
            held = getattr(base, field)
            if held:
                kept = [piece for piece in held if draw(st.booleans())]
                setattr(out, field, kept)
        if base.labels is not None:
            out.labels = draw(st.sampled_from([base.labels, [], ["new"]]))
        if base.entities is not None and base.text and draw(st.booleans()):
            start = draw(st.integers(0, len(base.text) - 1))
            out.entities = sorted(
                [*(out.entities or ()), Entity("new", base.text[start], start, start + 1)], key=span_key
            )
        return out

    return base, changed(), changed()


@given(three())
def test_laws(sides: tuple[Sample, Sample, Sample]) -> None:
    base, theirs, mine = sides
    assert content(merge(base, theirs, base).sample) == content(theirs)
    assert not merge(base, theirs, base).conflicts
    assert not merge(base, base, mine).conflicts
    alone = content(merge(base, base, mine).sample)
    assert [sorted(map(repr, part)) if isinstance(part, list) else part for part in alone] == [
        sorted(map(repr, part)) if isinstance(part, list) else part for part in content(mine)
    ]
    one, other = merge(base, theirs, mine), merge(base, mine, theirs)
    assert bool(one.conflicts) == bool(other.conflicts)
    if not one.conflicts:
        assert sorted(map(repr, one.sample.entities or ())) == sorted(map(repr, other.sample.entities or ()))
