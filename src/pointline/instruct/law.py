"""The law of the formats for instructions: what would be read otherwise than it is annotated is refused."""

from __future__ import annotations

from collections.abc import Iterator

from pointline.formats.ask import Ask
from pointline.formats.iepile import Iepile
from pointline.formats.iepile_writing import NAN
from pointline.formats.problems import NO_HEAD_TYPE, CannotHold
from pointline.instruct.labels import LEVEL_OF, Task
from pointline.sample import AnySpan, Sample
from pointline.schema import Schema


class Law:
    """Holds samples to the law; only those with a span that does not stand in the text as it is are read back.

    >>> from pointline.sample import Entity
    >>> law = Law(Schema().entities(["PER"]), "ner")
    >>> law(Sample("1", "Bob", entities=[Entity("PER", "Bob", 0, 3)]))
    >>> law(Sample("1", "Bob", entities=[Entity("PER", "", 0, 0)]))
    Traceback (most recent call last):
      ...
    pointline.formats.problems.CannotHold: ambiguous: entities of '1' would be read otherwise
    """

    def __init__(self, schema: Schema, task: Task) -> None:
        self._codec = Iepile(Ask(schema, (task,)))
        self._entities, self._graph = task == "ner", task == "kg"
        self._level = LEVEL_OF[task]

    @property
    def plain(self) -> bool:
        """Whether a sample whose spans stand in its text is held, whatever else it says."""
        return self._codec.distinct

    def __call__(self, sample: Sample) -> None:
        """Raise CannotHold (formats) where an answer would not give the annotation back."""
        if self._graph and not all(relation.head.type for relation in sample.relations or ()):
            raise CannotHold(NO_HEAD_TYPE, f"{sample.id!r}: KG groups relations by the type of their head")
        spans = (sample.entities or ()) if self._entities else _spans(sample, self._level)
        for span in spans if self._codec.distinct else ():
            if span.start is None or span.fragments is not None or not span.text or span.text == NAN:
                break
        else:
            if self._codec.distinct:
                return
        self._codec.encode(sample)


def _spans(sample: Sample, level: str) -> Iterator[AnySpan]:
    if level == "relations":
        for relation in sample.relations or ():
            yield relation.head
            yield relation.tail
        return
    for event in sample.events or ():
        if event.trigger is not None:
            yield event.trigger
        yield from event.arguments
