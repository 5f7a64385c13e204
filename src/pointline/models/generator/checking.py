"""What is made of answers that say a thing twice, or that are not well formed."""

from __future__ import annotations

from typing import Any, Literal

from pointline.errors import Refusal
from pointline.formats.ask import Ask
from pointline.sample import Sample, spans_of

INPUT_TRUNCATED = "input_truncated"
_HARMLESS = frozenset(["span_repeated", "span_normalised", INPUT_TRUNCATED])


def once(answer: Sample) -> Sample:
    """Without entities, relations and events that stand there already, type and place the same.

    An answer may name a span more often than the text has it; the decoder puts the rest to the last place.

    >>> from pointline.sample import Entity
    >>> found = [Entity("x", "a", 0, 1, score=s) for s in (0.9, 0.2)] + [Entity("y", "a", 0, 1)]
    >>> [(e.type, e.score) for e in once(Sample("1", "a", entities=found)).entities]
    [('x', 0.9), ('y', None)]
    """
    if answer.entities:
        answer.entities = list({(e.type, e.text, e.start, e.end): e for e in reversed(answer.entities)}.values())[::-1]
    if answer.relations:
        answer.relations = list({(r.type, _at(r.head), _at(r.tail)): r for r in reversed(answer.relations)}.values())[
            ::-1
        ]
    if answer.events:
        said = {(e.type, _at(e.trigger), tuple((a.role, _at(a)) for a in e.arguments)): e for e in answer.events[::-1]}
        answer.events = list(said.values())[::-1]
    return answer


def _at(span: Any) -> tuple[str, int | None] | None:
    return None if span is None else (span.text, span.start)


def checked(answer: Sample, on_invalid: Literal["keep", "drop", "raise"], ask: Ask) -> Sample:
    """A free answer as `on_invalid` wants it; raises Refusal, naming the sample, for `raise`."""
    wrong = [problem for problem in answer.problems or () if problem not in _HARMLESS]
    if not wrong or on_invalid == "keep":
        return answer
    if on_invalid == "raise":
        raise Refusal(f"{answer.id}: the answer is not well formed ({', '.join(wrong)}): {(answer.raw or '')[:80]!r}")
    return _held(answer, ask)


def _held(answer: Sample, ask: Ask) -> Sample:
    """Without labels and types outside the schema, and without what does not stand in the text."""
    schema = ask.schema

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
