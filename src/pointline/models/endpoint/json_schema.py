"""An IEPile answer's form as a JSON schema, for servers that take `response_format`; spans are any strings in it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pointline.formats.iepile_writing import Entry

Form = dict[str, Any]
_TEXT: Form = {"type": "string"}
_SEVERAL: Form = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}


def response_format(task: str, prompt: str) -> Form:
    """The field of a request for an IEPile prompt, whose own `schema` lists what is asked.

    >>> said = response_format("NER", '{"instruction": "...", "schema": ["PER"], "input": "Bob"}')
    >>> said["json_schema"]["schema"]["properties"]
    {'PER': {'type': 'array', 'items': {'type': 'string'}}}
    """
    schema = form(task, json.loads(prompt)["schema"])
    strict = task != "KG"  # a graph's nodes are keys that nobody knows beforehand
    return {"type": "json_schema", "json_schema": {"name": task.lower(), "strict": strict, "schema": schema}}


def form(task: str, rows: list[Entry]) -> Form:
    """The schema of an answer for the entries asked."""
    field = {"SPO": "predicate", "KG": "entity_type"}.get(task, "event_type")
    by_key: dict[str, list[Form]] = {}
    for row in rows:
        by_key.setdefault(row if isinstance(row, str) else row[field], []).extend(
            [row] if isinstance(row, dict) else []
        )
    return _object({key: _value(task, held) for key, held in by_key.items()})


def _value(task: str, rows: list[Form]) -> Form:
    if task in ("NER", "EET"):
        return _list(_TEXT)
    if task == "RE":
        return _list(_object({"head": _TEXT, "tail": _TEXT}))
    if task == "SPO":
        return _list(_either(_triple(row, typed=len(rows) > 1) for row in rows))
    if task == "KG":
        names = dict.fromkeys(name for row in rows for name in row["attributes"])
        node = {"type": "object", "properties": dict.fromkeys(names, _SEVERAL), "additionalProperties": False}
        return {"type": "object", "additionalProperties": node}
    roles = dict.fromkeys(name for row in rows for name in row["arguments"])
    filled = [_object(dict.fromkeys(roles, _SEVERAL))] if roles else []
    return _list(_object({"trigger": _TEXT, "arguments": _either([_object({}), *filled])}))


def _triple(row: Form, *, typed: bool) -> Form:
    kinds = {key: {"const": row[key]} for key in ("subject_type", "object_type")} if typed else {}
    return _object({"subject": _TEXT, "object": _TEXT, **kinds})


def _either(ways: Iterable[Form]) -> Form:
    found = list(ways)
    return found[0] if len(found) == 1 else {"anyOf": found}


def _list(items: Form) -> Form:
    return {"type": "array", "items": items}


def _object(fields: Form) -> Form:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
