"""Points as strings: the word level of the flat formats, written and read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pointline.formats.cut import Cut, Item, Names, cut_events, cut_points, cut_triples
from pointline.formats.grammar import Literal, Node, Repeat, Seq, Span, literals, refuse_names
from pointline.formats.ground import EVENT_ROLES
from pointline.formats.lenient import Folds, loose_frames, loose_points
from pointline.formats.problems import (
    EMPTY_SLOT,
    EMPTY_SPAN,
    ROLE_NOT_HELD,
    SECOND_FILLER,
    TRIGGER_NOT_HELD,
    TYPE_OUTSIDE_SCHEMA,
    UNKNOWN_TYPE,
    CannotHold,
)
from pointline.sample import Event, Sample
from pointline.schema import Level, Schema


class Block(NamedTuple):
    """The points of one level as read: items, cost (0 = clean), problems."""

    items: list[Item]
    cost: int
    problems: tuple[str, ...]


EMPTY = Block([], 0, ())


class Points:
    """Writes and reads the points of one word level.

    >>> Points("entities", Schema().entities(["TIME"])).read(":TIME;10:30", "at 10:30").items
    [('TIME', '10:30')]
    """

    def __init__(self, level: Level, schema: Schema) -> None:
        self.level = level
        self.names = Names(schema.names(level) or (), level in schema.open)
        self._known = frozenset(self.names.all)
        self._folds = Folds(self.names)

    def items(self, sample: Sample) -> list[Item]:
        """What a sample says on this level; raises CannotHold for what is outside the schema or has no slot."""
        items = list(_items(sample, self.level))
        for item in items:
            kind = item[0] if self.level == "entities" else item[1]
            if kind not in self._known and not self.names.open:
                raise CannotHold(TYPE_OUTSIDE_SCHEMA, f"{self.level} type {kind!r}")
            if not kind or (self.level != "events" and not all(item)):
                raise CannotHold(EMPTY_SPAN, f"in {self.level}: {item!r}")
        return items

    def write(self, items: list[Item]) -> str:
        """The items as one string."""
        if self.level == "entities":
            return "".join([f":{kind};{surface}" for kind, surface in items])
        return "".join([":" + ";".join(item) + ":" for item in items])

    def grammar(self) -> Node:
        """What `write` may give; raises CannotHold for names that the reader would cut in two."""
        names = [name for name in self.names.all if name]
        refuse_names(names, [";"] if self.level == "entities" else [";", "::"])
        for name in names if self.level == "entities" else ():
            refuse_names([name], [f":{other}" for other in names if name.endswith(f":{other}")])
        kind = literals(names, self.names.open)
        colon, semicolon = Literal(":"), Literal(";")
        if self.level == "entities":
            return Repeat(Seq((colon, kind, semicolon, Span(distinct=True))))
        if self.level == "relations":
            return Repeat(Seq((colon, Span(), semicolon, kind, semicolon, Span(), colon)))
        slot = Repeat(Span(), 0, 1)
        return Repeat(Seq((colon, slot, semicolon, kind, semicolon, slot, semicolon, slot, colon)))

    def banned(self) -> list[str]:
        """What no span of a well-formed output holds: the reader could take it for a mark."""
        full = ["：", "；"] if self.names.open else []
        if self.level != "entities":
            return [";", "::", *full]
        if self.names.open or self.names.odd:
            return [":", ";", *full]
        return [f":{name};" for name in self.names.all]

    def read(self, block: str, text: str) -> Block:
        """The items of a string; the damaged readings are tried only where the clean one costs."""
        if not block:
            return EMPTY
        cut = self._strict(block, text)
        if cut is not None and cut.cost == 0:
            return Block(cut.items, 0, ())
        loose = self._loose(block, text)
        if cut is None or loose.cost < cut.cost:
            return Block(loose.items, loose.cost, (*loose.problems, *self._unknown(loose.items)))
        full = [item for item in cut.items if self.level == "events" or all(item)]
        empty = (EMPTY_SLOT,) if len(full) < len(cut.items) else ()
        return Block(full, cut.cost, (*empty, *self._unknown(full)))

    def _strict(self, block: str, text: str) -> Cut | None:
        if self.level == "entities":
            return cut_points(block, self.names, text)
        return (cut_triples if self.level == "relations" else cut_events)(block, self.names, text)

    def _loose(self, block: str, text: str) -> Block:
        if self.level == "entities":
            loose = loose_points(block, self._folds, text)
        else:
            loose = loose_frames(block, self._folds, text, 3 if self.level == "relations" else 4)
        return Block(loose.items, loose.cost, tuple(loose.problems))

    def _unknown(self, items: list[Item]) -> tuple[str, ...]:
        at = 0 if self.level == "entities" else 1
        strange = not self.names.open and any(item[at] not in self._known for item in items)
        return (UNKNOWN_TYPE,) if strange else ()


def _items(sample: Sample, level: Level) -> Iterator[Item]:
    if level == "entities":
        for entity in sample.entities or ():
            yield entity.type, entity.text
    elif level == "relations":
        for relation in sample.relations or ():
            yield relation.head.text, relation.type, relation.tail.text
    else:
        yield from map(_quadruple, sample.events or ())


def _quadruple(event: Event) -> Item:
    if event.trigger is not None:
        raise CannotHold(TRIGGER_NOT_HELD, f"event {event.type!r} has the trigger {event.trigger.text!r}")
    slots = dict.fromkeys(EVENT_ROLES, "")
    for argument in event.arguments:
        if argument.role not in slots:
            raise CannotHold(ROLE_NOT_HELD, f"role {argument.role!r}; the slots are {', '.join(EVENT_ROLES)}")
        if slots[argument.role]:
            raise CannotHold(SECOND_FILLER, f"role {argument.role!r} of event {event.type!r}")
        if not argument.text:
            raise CannotHold(EMPTY_SPAN, f"role {argument.role!r} of event {event.type!r}")
        slots[argument.role] = argument.text
    return slots["subject"], event.type, slots["object"], slots["time"]
