"""The record: what counts as a fault, ids that stay put."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointline.sample import Argument, Entity, Event, Ids, Relation, Sample, Span, blemishes, faults, spans_of

SAMPLE = Sample(
    "snips/test/5f1c2a",
    "play jazz by Miles Davis",
    labels=["PlayMusic"],
    entities=[Entity("artist", "Miles Davis", 13, 24)],
    relations=[Relation("plays", Span("Miles Davis", 13, 24, "artist"), Span("jazz", 5, 9, "genre"))],
    events=[Event("Play", Span("play", 0, 4), [Argument("artist", "Miles Davis", 13, 24)])],
)


def test_a_right_sample_has_no_fault() -> None:
    assert not list(faults(SAMPLE))
    assert not list(blemishes(SAMPLE))
    assert [path for path, _ in spans_of(SAMPLE)] == [
        "entities[0]",
        "relations[0].head",
        "relations[0].tail",
        "events[0].trigger",
        "events[0].arguments[0]",
    ]


def test_offsets_are_code_points() -> None:
    assert not list(faults(Sample("1", "😀日本", entities=[Entity("X", "日本", 1, 3)])))


def test_discontinuous_spans() -> None:
    text = "left and right arm"
    good = Entity("part", "left arm", 0, 18, [(0, 4), (15, 18)])
    assert not list(faults(Sample("1", text, entities=[good])))
    for fragments in ([(0, 4)], [(15, 18), (0, 4)], [(0, 16), (15, 18)], [(0, 4), (15, 17)], []):
        bad = Entity("part", "left arm", 0, 18, fragments)
        assert list(faults(Sample("1", text, entities=[bad]))), fragments


def test_every_fault_is_told() -> None:
    sample = Sample(
        "",
        "ab",
        entities=[Entity("X", "", 0, 1), Entity("X", "a", 1, 1), Entity("X", "a", -1, 1), Entity("X", "a", None, 1)],
    )
    assert [field for field, _ in faults(sample)] == ["id", *(f"entities[{i}]" for i in range(4))]


def test_a_span_without_offsets_is_no_fault_but_order_is_a_blemish() -> None:
    sample = Sample("1", "ab", entities=[Entity("X", "b", 1, 2), Entity("X", "a", 0, 1), Entity("X", "gone")])
    assert not list(faults(sample))
    assert [field for field, _ in blemishes(sample)] == ["entities"]


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=8), st.integers(0, 8), st.text()
)
def test_an_inserted_text_changes_no_other_id(texts: list[str], at: int, new: str) -> None:
    if new in texts:
        return
    ids = Ids("s", "t")
    before = [ids(text) for text in texts]
    ids = Ids("s", "t")
    longer = [*texts[:at], new, *texts[at:]]
    after = [ids(text) for text in longer]
    del after[min(at, len(texts))]
    assert after == before
    assert len(set(before)) == len(before)
