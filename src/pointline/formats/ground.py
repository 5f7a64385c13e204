"""What was said to spans with offsets: entities, relations and events placed in the text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pointline.formats.problems import SPAN_NORMALISED, SPAN_NOT_IN_TEXT, SPAN_REPEATED, Notes
from pointline.sample import Argument, Entity, Event, Fragments, Relation, Span, span_key
from pointline.schema import Schema
from pointline.text.locate import Locator, Place

EVENT_ROLES = ("subject", "object", "time")


class Ground:
    """Places the spans of one output in its text; notes how, and what was said where the text has another form.

    Without `snap` a span that the text has in another form keeps its string and has no offsets.

    >>> ground = Ground("Ann met Bo", Schema().entities(["PER"]), Notes())
    >>> [(e.text, e.start) for e in ground.entities([("PER", "bo"), ("PER", "Cy")])], ground.said
    ([('Bo', 8), ('Cy', None)], [{'text': 'bo', 'start': 8, 'end': 10}])
    """

    def __init__(self, text: str, schema: Schema, notes: Notes, snap: bool = True) -> None:
        self.text = text
        self.notes = notes
        self.said: list[dict[str, Any]] = []
        self._snap = snap
        self._locator = Locator(text)
        self._ends = _ends(schema)

    def entities(self, items: Iterable[Sequence[str]], *, by_type: bool = False) -> list[Entity]:
        """(type, surface) in order of saying to entities in the record's order.

        With `by_type` each type's list begins at the text's left end again.
        """
        placed: list[Entity] = []
        for kind, surface in items:
            if by_type and placed and placed[-1].type != kind:
                self._locator.restart()
            start, end, text, fragments = self._settle(surface, self._locator.place(surface, kind))
            placed.append(Entity(kind, text, start, end, fragments))
        return sorted(placed, key=span_key)

    def relation(self, head: str, kind: str, tail: str, types: tuple[str | None, str | None] | None = None) -> Relation:
        """One triple; the ends get the types that the schema gives the relation, where it gives one pair."""
        head_type, tail_type = types or self._ends.get(kind, (None, None))
        return Relation(kind, self._span(head, head_type), self._span(tail, tail_type))

    def event(self, kind: str, trigger: str | None, arguments: Iterable[tuple[str, str]]) -> Event:
        """One event; the fillers of one role take one occurrence after another."""
        locator = Locator(self.text)
        placed = [(role, *self._settle(said, locator.place(said, role))) for role, said in arguments]
        fillers = [Argument(role, text, start, end, None, parts) for role, start, end, text, parts in placed]
        return Event(kind, None if trigger is None else self._span(trigger, None), fillers)

    def quadruple(self, subject: str, kind: str, object: str, time: str) -> Event:
        """One event of the flat formats: slots without a filler are ''."""
        slots = zip(EVENT_ROLES, (subject, object, time), strict=True)
        return self.event(kind, None, [(role, filler) for role, filler in slots if filler])

    def _span(self, surface: str, kind: str | None) -> Span:
        start, end, text, fragments = self._settle(surface, self._locator.first(surface))
        return Span(text, start, end, kind, fragments)

    def _settle(self, surface: str, place: Place) -> tuple[int | None, int | None, str, Fragments | None]:
        start, end, how, fragments = place
        if how == "absent":
            self.notes.add(SPAN_NOT_IN_TEXT)
            return None, None, surface, None
        if how == "repeated":
            self.notes.add(SPAN_REPEATED)
        text = surface if fragments else self.text[start:end]
        if text != surface:
            self.notes.add(SPAN_NORMALISED)
            if not self._snap:
                return None, None, surface, None
            self.said.append({"text": surface, "start": start, "end": end})
        return start, end, text, fragments


def _ends(schema: Schema) -> dict[str, tuple[str | None, str | None]]:
    """The types of head and tail of each relation that the schema gives exactly one pair."""
    pairs: dict[str, Any] = {}
    for relation in schema.relation_list():
        pairs.setdefault(relation.type, []).append((relation.head, relation.tail))
    return {kind: ends[0] for kind, ends in pairs.items() if len(ends) == 1}
