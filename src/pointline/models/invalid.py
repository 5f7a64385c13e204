"""What becomes of an answer that is not well formed: kept as far as it reads, cleaned, or refused."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pointline.errors import Refusal
from pointline.sample import Sample, spans_of
from pointline.schema import Schema

OnInvalid: TypeAlias = Literal["keep", "drop", "raise"]

INPUT_TRUNCATED = "input_truncated"
_HARMLESS = frozenset(["span_repeated", "span_normalised", INPUT_TRUNCATED])


def checked(answer: Sample, schema: Schema, on_invalid: OnInvalid) -> Sample:
    """A free answer as `on_invalid` wants it; raises Refusal, naming the sample, where that is "raise"."""
    wrong = [problem for problem in answer.problems or () if problem not in _HARMLESS]
    if not wrong or on_invalid == "keep":
        return answer
    if on_invalid == "raise":
        raise Refusal(f"{answer.id}: the answer is not well formed ({', '.join(wrong)}): {(answer.raw or '')[:80]!r}")
    return _held(answer, schema)


def _held(answer: Sample, schema: Schema) -> Sample:
    """Without labels and types outside the schema, and without what does not stand in the text."""

    def known(level: Any, name: str) -> bool:
        return level in schema.open or name in (schema.names(level) or ())

    def placed(**fields: Any) -> bool:
        return all(span.start is not None for _, span in spans_of(Sample("", answer.text, **fields)))

    if answer.labels is not None:
        answer.labels = [label for label in answer.labels if known("labels", label)]
    if answer.entities is not None:
        answer.entities = [e for e in answer.entities if known("entities", e.type) and e.start is not None]
    if answer.relations is not None:
        answer.relations = [r for r in answer.relations if known("relations", r.type) and placed(relations=[r])]
    if answer.events is not None:
        answer.events = [e for e in answer.events if known("events", e.type) and placed(events=[e])]
    return answer
