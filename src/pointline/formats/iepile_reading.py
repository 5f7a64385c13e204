"""What an output of the IEPile format says: the names its keys may have, and the items behind them."""

from __future__ import annotations

from typing import Any

from pointline.formats.ground import Ground
from pointline.formats.iepile_writing import NAN
from pointline.formats.loose_json import Pairs
from pointline.formats.problems import DUPLICATE_KEY, TYPE_NORMALISED, UNKNOWN_ROLE, UNKNOWN_TYPE, WRONG_SHAPE, Notes
from pointline.schema import Level, Schema
from pointline.text.normalize import fold_name

EMPTY_WORDS = frozenset(["", "nan", "none", "null", "n/a"])


class Names:
    """The keys that an output may have for one level, as they are and folded."""

    def __init__(self, schema: Schema, level: Level) -> None:
        self.all = frozenset(schema.names(level) or ())
        relations = schema.relation_list() if level == "relations" else ()
        self.heads = frozenset(r.head for r in relations if r.head)
        roles = [name for event in schema.event_list() for name in event.role_names()] if level == "events" else []
        self.roles = frozenset(roles)
        self.open = level in schema.open
        self._folds = {fold_name(name): name for name in sorted({*self.all, *self.heads}, reverse=True)}
        self._role_folds = {fold_name(name): name for name in sorted(self.roles, reverse=True)}

    def key(self, said: str) -> str | None:
        """The name that a key means, or None."""
        return said if said in self.all or said in self.heads else self._folds.get(fold_name(said))

    def role(self, said: str) -> str | None:
        """The role that a key means, or None."""
        return said if said in self.roles else self._role_folds.get(fold_name(said))


class Answered:
    """Collects what the keys of an output say, whatever task's shape their values have."""

    def __init__(self, names: dict[Level, Names], ground: Ground, notes: Notes) -> None:
        self._names, self._ground, self._notes = names, ground, notes
        self._entities: list[tuple[str, str]] = []
        self._found: dict[Level, list[Any]] = {"relations": [], "events": []}

    def found(self, level: Level) -> list[Any]:
        """What was read for one level."""
        return self._ground.entities(self._entities, by_type=True) if level == "entities" else self._found[level]

    def read(self, value: Any) -> None:
        """Take an output's value: an object, or a list of them."""
        if isinstance(value, Pairs):
            if len({key for key, _ in value}) < len(value):
                self._notes.add(DUPLICATE_KEY)
            for key, said in value:
                self._key(key, said)
        elif isinstance(value, list):
            self._wrong()
            for part in value:
                if isinstance(part, Pairs):
                    self.read(part)
        elif value is not None:
            self._wrong()

    def _key(self, key: str, value: Any) -> None:
        level = self._level(key, value)
        if level is None:
            self._notes.add(UNKNOWN_TYPE)
            return
        names = self._names[level]
        name = names.key(key)
        if name is None:
            if not names.open:
                self._notes.add(UNKNOWN_TYPE)
            name = key
        elif name != key:
            self._notes.add(TYPE_NORMALISED)
        if level == "entities":
            self._entities += [(name, said) for said in self._strings(value)]
        elif level == "relations":
            self._relations(name, value)
        else:
            self._events(name, value)

    def _level(self, key: str, value: Any) -> Level | None:
        """Whose key it is: the one level that knows it, else the one whose shape the value has."""
        knowing = [level for level, names in self._names.items() if names.key(key) is not None]
        if len(knowing) == 1:
            return knowing[0]
        shape = _shape(value)
        fitting = [level for level in knowing or self._names if level == shape]
        if fitting:
            return fitting[0]
        return next(iter(knowing), None) or (next(iter(self._names)) if len(self._names) == 1 and value else None)

    def _relations(self, name: str, value: Any) -> None:
        if isinstance(value, Pairs) and not {"head", "tail", "subject", "object"} & {key for key, _ in value}:
            for subject, attributes in value:
                self._graph(name, subject, attributes)
            return
        for item in self._rows(value):
            fields = {key: said for key, said in item if isinstance(said, str)}
            head, tail = fields.get("head", fields.get("subject")), fields.get("tail", fields.get("object"))
            if not head or not tail:
                self._wrong()
                continue
            types = (fields.get("subject_type") or None, fields.get("object_type") or None)
            told = types if "subject_type" in fields or "object_type" in fields else None
            self._found["relations"].append(self._ground.relation(head, name, tail, told))

    def _graph(self, kind: str, head: str, attributes: Any) -> None:
        if not isinstance(attributes, Pairs) or not head:
            self._wrong()
            return
        for said, value in attributes:
            attribute = self._names["relations"].key(said)
            if attribute is None:
                self._notes.add(UNKNOWN_TYPE)
            for tail in self._strings([value] if isinstance(value, str) else value):
                name = attribute or said
                relation = self._ground.relation(head, name, tail)
                relation.head.type = kind
                self._found["relations"].append(relation)

    def _events(self, name: str, value: Any) -> None:
        rows = value if isinstance(value, list) and not isinstance(value, Pairs) else [value]
        if rows is not value:
            self._wrong()
        for row in rows:
            if isinstance(row, str):
                trigger = self._filler(row)
                self._found["events"].append(self._ground.event(name, trigger, []))
            elif isinstance(row, Pairs):
                self._event(name, row)
            else:
                self._wrong()

    def _event(self, name: str, row: Pairs) -> None:
        fields = dict(row)
        said = fields.get("arguments", None if "trigger" in fields else row)
        trigger = fields.get("trigger")
        arguments: list[tuple[str, str]] = []
        for key, value in said if isinstance(said, Pairs) else ():
            role = self._names["events"].role(key)
            if role is None:
                self._notes.add(UNKNOWN_ROLE)
            for filler in self._strings([value] if isinstance(value, str) else value):
                if (kept := self._filler(filler)) is not None:
                    arguments.append((role or key, kept))
        if said is not None and not isinstance(said, Pairs) and said not in ([], NAN):
            self._wrong()
        said_trigger = self._filler(trigger) if isinstance(trigger, str) else None
        self._found["events"].append(self._ground.event(name, said_trigger, arguments))

    def _filler(self, said: str) -> str | None:
        """A filler or a trigger; None for what stands for none."""
        if said == NAN:
            return None
        if said.casefold() in EMPTY_WORDS and said not in self._ground.text:
            self._wrong()
            return None
        return said or None

    def _strings(self, value: Any) -> list[str]:
        """A list of strings, whatever was made of it; what cannot be one is noted."""
        if isinstance(value, list) and not isinstance(value, Pairs) and all(isinstance(v, str) and v for v in value):
            return value
        if value is None or value == []:
            return []
        self._wrong()
        found: list[str] = []
        for part in value if isinstance(value, list) and not isinstance(value, Pairs) else [value]:
            if isinstance(part, Pairs):
                found += [said for _, said in part if isinstance(said, str) and said][:1]
            elif isinstance(part, str | int | float) and not isinstance(part, bool) and str(part):
                found.append(str(part))
        return found

    def _rows(self, value: Any) -> list[Pairs]:
        rows = [value] if isinstance(value, Pairs) else value if isinstance(value, list) else []
        good = [row for row in rows if isinstance(row, Pairs)]
        if isinstance(value, Pairs) or len(good) < len(rows) or (value is not None and not isinstance(value, list)):
            self._wrong()
        return good

    def _wrong(self) -> None:
        self._notes.add(WRONG_SHAPE)


def _shape(value: Any) -> Level | None:
    if isinstance(value, Pairs):
        return "relations"
    first = value[0] if isinstance(value, list) and value else None
    if isinstance(first, str):
        return "entities"
    if isinstance(first, Pairs):
        keys = {key for key, _ in first}
        return "events" if keys & {"trigger", "arguments"} else "relations"
    return None
