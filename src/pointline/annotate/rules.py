"""Rules for relations and events in TOML: trigger words, and arguments by pattern, by list or by where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from pointline import jsonl, settings
from pointline.annotate.wording import alternatives
from pointline.errors import InputFault

ENDS = ("head", "tail")
# {role:kind} or {trigger}; a count such as {2,5} is none.
SLOT = re.compile(r"\{([^\W\d]\w*)(?::([^\W\d]\w*))?\}")


class Role(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What fills a role where no pattern says its place: the nearest of its kind to the trigger.

    kind: a name of `[lists]` or `[patterns]`. where: on which side of the trigger. optional: may be absent.
    """

    kind: str
    where: Literal["before", "after", "any"] = "any"
    optional: bool = False


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A relation or an event, and how a sentence that holds one is known.

    type: what it is called in the data. name: what the rule is called in reports; by default type and number.
    lang, labels: only in this language, only in texts with one of these labels.
    trigger: words of which one must stand in the sentence. unless: words of which none may.
    pattern: regular expressions with slots `{role:kind}` and `{trigger}`; the first that is found counts.
    arguments: roles without a fixed order; each is a kind or a `Role`.
    """

    type: str
    name: str = ""
    lang: str | None = None
    labels: tuple[str, ...] = ()
    trigger: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    pattern: tuple[str, ...] = ()
    arguments: dict[str, str | Role] = msgspec.field(default_factory=dict)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of rules as it is written."""

    lang: str | None = None
    lists: dict[str, list[str] | str] = msgspec.field(default_factory=dict)
    patterns: dict[str, str] = msgspec.field(default_factory=dict)
    relation: list[Rule] = msgspec.field(default_factory=list)
    event: list[Rule] = msgspec.field(default_factory=list)


class Compiled(msgspec.Struct, frozen=True):
    """A rule that is ready: its expressions, and a kind's expression and place for each free role."""

    rule: Rule
    level: Literal["relation", "event"]
    kinds: dict[str, str]
    """Role to kind, over all patterns."""
    trigger: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    patterns: tuple[re.Pattern[str], ...]
    roles: tuple[tuple[str, Role, re.Pattern[str]], ...]


def read_rules(*paths: str | Path) -> list[Compiled]:
    """Read files of rules, in order; lists and patterns of one file are its own.

    Raises InputFault with file and field: an unknown kind, a relation without head or tail, a name given twice,
    an expression that is none, a rule that asks for nothing.
    """
    found: list[Compiled] = []
    for path in paths:
        found += _compiled(path)
    if not found:
        raise InputFault("holds no rule", path=paths[0] if paths else None, fix="write [[relation]] or [[event]]")
    names: set[str] = set()
    for one in found:
        if one.rule.name in names:
            raise InputFault(f"two rules are called {one.rule.name!r}", field="name", fix="give one another name")
        names.add(one.rule.name)
    return found


def _compiled(path: str | Path) -> Iterator[Compiled]:
    file = settings.load(_File, path)
    kinds = {name: _expression(path, f"patterns.{name}", text) for name, text in file.patterns.items()}
    for name, words in file.lists.items():
        if name in kinds:
            raise InputFault("is a list and a pattern", path=path, field=name, fix="rename one")
        kinds[name] = alternatives(_words(path, name, words))
    levels: tuple[tuple[Literal["relation", "event"], list[Rule]], ...] = (
        ("relation", file.relation),
        ("event", file.event),
    )
    for level, rules in levels:
        for number, rule in enumerate(rules):
            place = f"{level}[{number}]"
            stem = Path(path).stem
            named = msgspec.structs.replace(
                rule, name=rule.name or f"{stem}/{rule.type}-{number}", lang=rule.lang or file.lang
            )
            yield _Making(path, place, kinds).compiled(named, level)


def _words(path: str | Path, name: str, words: list[str] | str) -> list[str]:
    """A list's words: as they stand, or of a file beside the rules, one a line."""
    if isinstance(words, str):
        words = [line.decode("utf-8", "replace").strip() for _, line in jsonl.lines(Path(path).parent / words)]
    found = [word for word in words if word]
    if not found:
        raise InputFault("holds no word", path=path, field=f"lists.{name}", fix="give one or leave the list out")
    return found


def _expression(path: str | Path, field: str, text: str) -> str:
    try:
        named = re.compile(text).groupindex
    except re.error as error:
        raise InputFault(f"is no regular expression ({error})", path=path, field=field, fix="mend it") from None
    if named:
        raise InputFault("names a group", path=path, field=field, fix="write (?:...) instead of (?P<...>...)")
    return f"(?:{text})"


class _Making(msgspec.Struct):
    """Compiles the rules of one file; knows where it is for its faults."""

    path: str | Path
    place: str
    kinds: dict[str, str]

    def compiled(self, rule: Rule, level: Literal["relation", "event"]) -> Compiled:
        trigger = alternatives(rule.trigger) if rule.trigger else None
        roles = {role: Role(told) if isinstance(told, str) else told for role, told in rule.arguments.items()}
        used = {role: told.kind for role, told in roles.items()}
        patterns = []
        for text in rule.pattern:
            expression, slots = self._filled(text, trigger)
            patterns.append(expression)
            used |= slots
            if level == "relation" and sorted(slots) != sorted(ENDS):
                raise self._fault("pattern", f"{text!r} needs {{head:...}} and {{tail:...}}, and no other role")
        if not (patterns or (roles and trigger)):
            raise self._fault("pattern", "the rule asks for nothing; give pattern, or trigger and arguments")
        if level == "relation" and roles and sorted(roles) != sorted(ENDS):
            raise self._fault("arguments", "a relation has the roles head and tail")
        if level == "relation" and any(role.optional for role in roles.values()):
            raise self._fault("arguments", "neither end of a relation is optional")
        return Compiled(
            rule,
            level,
            used,
            re.compile(trigger) if trigger else None,
            re.compile(alternatives(rule.unless)) if rule.unless else None,
            tuple(patterns),
            tuple((name, role, re.compile(self._kind("arguments", role.kind))) for name, role in roles.items()),
        )

    def _filled(self, text: str, trigger: str | None) -> tuple[re.Pattern[str], dict[str, str]]:
        """A pattern with its slots filled in, and the kind of each role."""
        slots: dict[str, str] = {}

        def fill(slot: re.Match[str]) -> str:
            role, kind = slot.groups()
            if role in slots or (role == "trigger" and kind is not None):
                raise self._fault("pattern", f"{slot[0]} stands twice, or the trigger has a kind")
            if role == "trigger":
                if trigger is None:
                    raise self._fault("pattern", "{trigger} needs the rule's trigger words")
                return f"(?P<trigger>{trigger})"
            if kind is None:
                raise self._fault("pattern", f"{slot[0]} needs a kind: {{{role}:KIND}}")
            slots[role] = kind
            return f"(?P<{role}>{self._kind('pattern', kind)})"

        whole = SLOT.sub(fill, text)
        try:
            return re.compile(whole), slots
        except re.error as error:
            raise self._fault("pattern", f"{text!r} is no regular expression ({error})") from None

    def _kind(self, field: str, name: str) -> str:
        if name not in self.kinds:
            known = ", ".join(sorted(self.kinds)) or "none"
            raise self._fault(field, f"unknown kind {name!r}; [lists] and [patterns] have: {known}")
        return self.kinds[name]

    def _fault(self, field: str, what: str) -> InputFault:
        return InputFault(what, path=self.path, field=f"{self.place}.{field}")
