"""What a well-formed output of the IEPile format is, task by task: JSON with the schema's keys and the text's spans."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from pointline.formats.grammar import (
    Choice,
    Grammar,
    Limits,
    Literal,
    Node,
    Repeat,
    Seq,
    Source,
    Span,
    barriers,
    grammar,
    refuse_names,
)
from pointline.formats.iepile_writing import NAN, Entry

FIELDS = ("head", "tail", "subject", "object")
"""Keys by which the reader tells a list of triples from a graph: no name of a graph's node."""
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def json_grammar(task: str, rows: list[Entry], text: str, limits: Limits) -> Grammar:
    """The description for one task's entries, keys in the order asked, as `answer` writes them."""
    field = {"SPO": "predicate", "KG": "entity_type"}.get(task, "event_type")
    by_key: dict[str, list[Entry]] = {}
    for row in rows:
        by_key.setdefault(row if isinstance(row, str) else row[field], []).append(row)
    if task == "KG":
        refuse_names([a for row in rows if isinstance(row, dict) for a in row["attributes"] if a in FIELDS], FIELDS)
    pairs = [_pair(key, _value(task, held), name=True) for key, held in by_key.items()]
    banned = FIELDS if task == "KG" else (NAN,) if task in ("EE", "EET", "EEA") else ()
    found = set(barriers(text, banned, limits.whole_words))
    found.update(match.start() + 1 for match in SURROGATE.finditer(text))
    source = Source(text, tuple(sorted(found)), "", limits.whole_words, quoted=True)
    return grammar(_object(pairs), source)


def _value(task: str, rows: list[Entry]) -> Node:
    """What stands behind one key."""
    if task == "NER":
        return _list(_MENTION)
    if task == "RE":
        return _list(_object([_pair("head", _STRING), _pair("tail", _STRING)]))
    if task == "EET":
        return _list(_OR_NAN)
    held = [row for row in rows if isinstance(row, dict)]
    if task == "SPO":
        return _list(Choice(tuple(_triple(row, typed=len(held) > 1) for row in held)))
    if task == "KG":
        names = dict.fromkeys(name for row in held for name in row["attributes"])
        said = Choice((_STRING, _list(_STRING, least=2)))
        attributes = [_pair(name, said, name=True) for name in names]
        inner = Seq((Literal("{"), Repeat(Choice(tuple(attributes)), 1, len(attributes), ", "), Literal("}")))
        return Seq((Literal("{"), Repeat(Seq((_STRING, Literal(": "), inner)), 0, None, ", "), Literal("}")))
    roles = dict.fromkeys(name for row in held for name in row["arguments"])
    filler = Choice((_OR_NAN, _list(_STRING, least=2)))
    filled = _object([_pair(role, filler, name=True) for role in roles])
    arguments = Choice((Literal("{}"), filled)) if roles else Literal("{}")
    return _list(_object([_pair("trigger", _OR_NAN), _pair("arguments", arguments)]))


def _triple(row: dict[str, str], *, typed: bool) -> Node:
    """A triple; where several entries share the predicate it says its types."""
    pairs = [_pair("subject", _STRING), _pair("object", _STRING)]
    if typed:
        pairs += [_pair(key, Literal(_quoted(row[key]))) for key in ("subject_type", "object_type")]
    return _object(pairs)


def _quoted(said: str) -> str:
    return json.dumps(said, ensure_ascii=False)


def _pair(key: str, value: Node, *, name: bool = False) -> Node:
    return Seq((Literal('"'), Literal(_quoted(key)[1:-1], name=name), Literal('": '), value))


def _object(pairs: Iterable[Node]) -> Node:
    parts: list[Node] = []
    for pair in pairs:
        parts += [Literal(", " if parts else "{"), pair]
    return Seq((*(parts or [Literal("{")]), Literal("}")))


def _list(item: Node, least: int = 0) -> Node:
    return Seq((Literal("["), Repeat(item, least, None, ", "), Literal("]")))


_STRING: Node = Seq((Literal('"'), Span(), Literal('"')))
_MENTION: Node = Seq((Literal('"'), Span(distinct=True), Literal('"')))
_OR_NAN: Node = Choice((Literal(_quoted(NAN)), _STRING))
