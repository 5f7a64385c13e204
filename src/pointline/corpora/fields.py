"""Values out of decoded JSON by a path: `text`, `header.id`, an index into a list, `^id` from the document."""

from __future__ import annotations

from typing import Any

from pointline.corpora.conversion import Report
from pointline.corpora.json_files import Found

MISSING: Any = object()


def pick(value: Any, path: str | int) -> Any:
    """The value at a path, or MISSING.

    >>> pick({"a": [{"b": 3}]}, "a.0.b"), pick([4, 5], 1), pick({}, "a") is MISSING
    (3, 5, True)
    """
    if type(value) is dict and path in value:
        return value[path]
    if isinstance(path, int):
        return value[path] if isinstance(value, list) and -len(value) <= path < len(value) else MISSING
    head, dot, rest = path.partition(".")
    if isinstance(value, list) and head.isdecimal():
        inner = pick(value, int(head))
        return pick(inner, rest) if dot else inner
    if dot and isinstance(value, dict) and head in value:
        return pick(value[head], rest)
    return MISSING


def found_at(found: Found, path: str) -> Any:
    """The value at a path of a record; `^path` looks in the document, `*` is the key the record was found under."""
    record = found.record
    if type(record) is dict and path in record:
        return record[path]
    if path == "*":
        return MISSING if found.key is None else found.key
    return pick(found.document, path[1:]) if path.startswith("^") else pick(found.record, path)


def text_at(found: Found, path: str, report: Report) -> str:
    """The string at a path; raises InputFault where it is missing or no string."""
    record = found.record
    value = record[path] if type(record) is dict and path in record else found_at(found, path)
    if type(value) is str:
        return value
    if value is MISSING:
        has = f"it has {', '.join(map(str, found.record))}" if isinstance(found.record, dict) else "it is no object"
        raise report.fault("the record lacks this field", field=path, fix=f"{has}; set the reader's field names")
    raise report.fault(f"is {kind_of(value)}, not a string", field=path, fix="set the reader's field names")


def name_of(value: Any) -> str:
    """A label or type as a string: numbers and booleans as JSON writes them."""
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def id_of(found: Found, paths: str | list[str], report: Report) -> str:
    """The id at one path, or several joined by `/`; "" where no path is given or the value is null."""
    if not paths:
        return ""
    parts = []
    for path in [paths] if isinstance(paths, str) else paths:
        if path:
            value = found_at(found, path)
            if value is MISSING:
                raise report.fault("the record lacks this field", field=path, fix="set id= to a field, or to nothing")
            if value is not None:
                parts.append(name_of(value))
    return "/".join(parts)


def labels_of(found: Found, path: str, separator: str | None) -> list[str] | None:
    """The text labels at a path: a list, one value, or a string cut at `separator`; None where there is none."""
    value = found_at(found, path)
    if value is MISSING or value is None:
        return None
    if isinstance(value, list):
        return [name_of(item) for item in value]
    if separator and isinstance(value, str):
        return [part for part in value.split(separator) if part]
    return [name_of(value)]


def listed(value: Any, field: str, report: Report) -> list[Any]:
    """The value, which must be a list."""
    if not isinstance(value, list):
        raise report.fault(f"is {kind_of(value)}, not an array", field=field, fix="set the reader's field names")
    return value


def rest_of(found: Found, keep: list[str] | None, used: set[str]) -> dict[str, Any]:
    """What goes to meta: the fields asked for, or all that were not read."""
    if keep is None:
        return {key: value for key, value in found.record.items() if key not in used}
    values = {key.lstrip("^"): found_at(found, key) for key in keep}
    return {key: value for key, value in values.items() if value is not MISSING}


def kind_of(value: Any) -> str:
    """What a decoded value is, in JSON's words."""
    if value is MISSING:
        return "missing"
    names = {dict: "an object", list: "an array", str: "a string", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")
