"""The law: decode(encode(s)) is s, or encode refuses with a reason; on anything hypothesis can think of."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import PLAIN_NAMES, schemas_and_samples

from pointline.formats import FORMATS, Ask, CannotHold, codec
from pointline.formats.law import same
from pointline.sample import Sample, faults
from pointline.schema import LEVELS, Schema

TASKS = st.sampled_from([(), (), (), ("ner",), ("re",), ("ee",), ("spo",), ("kg",), ("labels",), ("scpos-n",)])


def hold(name: str, schema: Schema, sample: Sample, tasks: tuple[str, ...] = ()) -> str | None:
    """The reason for which the sample is refused; else None, and the law held."""
    bound = codec(name, Ask(schema, tasks))
    try:
        pairs = bound.encode(sample)
    except CannotHold as refusal:
        return refusal.reason
    for pair in pairs:
        read = bound.decode(pair.completion, sample.text, sample.id)
        asked = tuple(
            level
            for level in LEVELS
            if getattr(read, level) is not None and (name != "iepile" or getattr(read, level) or not pairs[1:])
        )
        assert same(sample, read, asked), (pair, read)
        assert list(faults(read)) == []
        assert pair.prompt == bound.prompts(sample)[0].prompt or name == "iepile"
    return None


@pytest.mark.parametrize("name", sorted(FORMATS))
@settings(max_examples=200)
@given(asked=schemas_and_samples(), tasks=TASKS)
def test_law_holds_for_rough_samples(name: str, asked: tuple[Schema, Sample], tasks: tuple[str, ...]) -> None:
    hold(name, *asked, tasks)


@pytest.mark.parametrize("name", ["oiellm", "giellm", "slg", "iepile"])
@settings(max_examples=150)
@given(asked=schemas_and_samples(PLAIN_NAMES))
def test_refusals_have_reasons_that_hold(name: str, asked: tuple[Schema, Sample]) -> None:
    reason = hold(name, *asked)
    honest = {"trigger_not_held", "second_filler", "nothing_asked", "no_label_inventory", "no_text_label", "ambiguous"}
    assert reason is None or reason in honest
