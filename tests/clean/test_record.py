"""The data record: every sample counted once in each view, records that add up."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from pointline.clean.record import LEVELS, Record
from pointline.sample import Argument, Entity, Event, Relation, Sample, Span

names = st.sampled_from(["a", "b", "c"])
samples = st.builds(
    Sample,
    names,
    st.text(max_size=6),
    st.sampled_from([None, "en", "ja"]),
    st.none() | st.lists(names, max_size=2),
    st.none() | st.lists(st.builds(Entity, names, st.just("x")), max_size=2),
    st.none() | st.lists(st.builds(Relation, names, st.just(Span("x")), st.just(Span("y", 0, 1))), max_size=2),
    st.none() | st.lists(st.builds(Event, names, st.none(), st.just([Argument("who", "x", 0, 1)])), max_size=2),
    source=st.sampled_from([None, "s"]),
    split=st.sampled_from(["train", "test"]),
)


@given(st.lists(samples, max_size=8), st.lists(samples, max_size=8))
def test_records_add_up(one: list[Sample], other: list[Sample]) -> None:
    joined = Record.of(one)
    joined.join(Record.of(other))
    assert joined == Record.of(one + other)
    written = msgspec.json.encode(joined)
    assert msgspec.json.decode(written, type=Record) == joined


@given(st.lists(samples, max_size=8))
def test_every_view_counts_every_sample(corpus: list[Sample]) -> None:
    record = Record.of(corpus)
    for table in (record.by_split, record.by_lang, record.by_source):
        assert sum(summary.samples for summary in table.values()) == len(corpus)
        for level in LEVELS:
            assert sum(getattr(s, level).items for s in table.values()) == getattr(record.total, level).items
    assert sum(row["count"] for row in record.names()) == sum(getattr(record.total, level).items for level in LEVELS)
    assert record.total.unannotated == sum(
        s.labels is None and s.entities is None and s.relations is None and s.events is None for s in corpus
    )


def test_null_and_empty_are_counted_apart() -> None:
    record = Record.of([Sample("1", "ab", labels=[]), Sample("2", "ab"), Sample("3", "abcd", labels=["x"])])
    assert (record.total.labels.annotated, record.total.labels.empty, record.total.unannotated) == (2, 1, 1)
    assert record.total.density("labels") == 100 / 8
    assert record.overview()[0]["length_median"] == 2
    assert Record.of([]).overview()[0]["length_max"] == 0


def test_the_papers_record_of_a_real_corpus(corpus: Callable[[str], list[Sample]]) -> None:
    form = Record.of(corpus("snips_slotgated")).paper_form("Dialogue")
    assert form["#Instance"] == {"dev": 700, "test": 700, "train": 13084}
    assert form["#Schema"] == len(form["Schema"]) == 39
    assert form["Domain"] == "Dialogue"
