"""Hard negatives on disk: our form with score and signal, plain lists, and IEPile's published three levels."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import msgspec

from pointline import jsonl
from pointline.errors import InputFault
from pointline.instruct.hard_negatives import BY_HAND, HardNegatives, Neighbour

log = logging.getLogger("pointline")

_FIX = (
    'give {"labels": {label: [{"name", "score", "signal"}]}}, {label: [names]} or {task: {data set: {label: [names]}}}'
)


def write_dictionary(path: str | Path, found: HardNegatives) -> None:
    """Write a dictionary as indented JSON, one neighbour a line, to be read and edited by people."""
    with jsonl.writing(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


def read_dictionary(path: str | Path, task: str | None = None, source: str | None = None) -> HardNegatives:
    """Read a dictionary in any of the three forms; what a person wrote without a score counts as closest.

    Of IEPile's published form `task` and `source` choose the part (both in any case); where only one data set
    stands there, `source` may be left out, and `FILE#SOURCE` names file and source in one word.
    Raises InputFault with the place of the fault or the choices.
    """
    if source is None and "#" in Path(path).name and not Path(path).exists():
        name, _, source = str(path).rpartition("#")
        path = Path(name)
    try:
        data = json.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise InputFault(error.strerror or "cannot be read", path=path, fix="check the path") from None
    except ValueError as error:
        raise InputFault(f"is not JSON ({error})", path=path, fix=_FIX) from None
    if not isinstance(data, dict):
        raise InputFault("is not a dictionary of labels", path=path, fix=_FIX)
    if set(data) <= {"labels", "task"} and isinstance(data.get("labels"), dict):
        return HardNegatives(_lists(data["labels"], path), data.get("task"))
    if _depth(data) < 3:
        return HardNegatives(_lists(data, path), task)
    sets = _part(data, task, "task", path)
    return HardNegatives(_lists(_part(sets, source, "source", path), path), task)


def report_unknown(found: HardNegatives, keys: list[str]) -> str | None:
    """One line on what dictionary and schema do not share, also logged as a warning; None where they agree."""
    lacking, foreign = found.unknown(keys)
    if not lacking and not foreign:
        return None
    parts = [("labels without an entry", lacking), ("names that the schema lacks", foreign)]
    line = "; ".join(f"{len(names)} {what} ({', '.join(names[:5])})" for what, names in parts if names)
    log.warning("hard negatives: %s", line)
    return line


def _lists(data: dict[str, Any], path: str | Path) -> dict[str, list[Neighbour]]:
    return {key: [_neighbour(entry, key, path) for entry in _listed(data[key], key, path)] for key in data}


def _listed(value: Any, key: str, path: str | Path) -> list[Any]:
    if not isinstance(value, list):
        raise InputFault("is not a list of neighbours", path=path, field=key, fix=_FIX)
    return value


def _neighbour(entry: Any, key: str, path: str | Path) -> Neighbour:
    if isinstance(entry, str):
        return Neighbour(entry, 1.0, BY_HAND)
    try:
        return msgspec.convert({"score": 1.0, "signal": BY_HAND, **entry}, Neighbour)
    except (TypeError, msgspec.ValidationError):
        raise InputFault("holds a neighbour that is no name", path=path, field=key, fix=_FIX) from None


def _depth(data: Any) -> int:
    return 1 + max((_depth(value) for value in data.values()), default=0) if isinstance(data, dict) else 0


def _part(data: dict[str, Any], wanted: str | None, what: str, path: str | Path) -> dict[str, Any]:
    names = {name.lower(): name for name in data}
    if wanted is None and len(names) == 1:
        wanted = next(iter(names))
    if wanted is None or wanted.lower() not in names:
        how = " as FILE#SOURCE" if what == "source" else ""
        fix = f"choose {what}{how} out of: {', '.join(data)}"
        raise InputFault(f"has no {what} {wanted!r}" if wanted else f"holds more than one {what}", path=path, fix=fix)
    part = data[names[wanted.lower()]]
    if not isinstance(part, dict):
        raise InputFault("is not a dictionary of labels", path=path, field=wanted, fix=_FIX)
    return part
