"""Settings: a TOML file and key=value words become a frozen settings class; unknown keys are refused."""

from __future__ import annotations

import difflib
import tomllib
import typing
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from pointline.errors import InputFault, SettingsFault

T = TypeVar("T", bound=msgspec.Struct)


def load(cls: type[T], path: str | Path | None = None, words: Iterable[str] = ()) -> T:
    """Build `cls` from a TOML file, then from `key=value` words, which win; `table.key=value` reaches into a table.

    Raises InputFault (the file) or SettingsFault (a word), naming the key and the nearest known one.

    >>> class Size(msgspec.Struct, frozen=True):
    ...     width: int = 3
    >>> load(Size, words=["width=5"])
    Size(width=5)
    """
    return fill(cls, read_toml(path) if path is not None else {}, words, path)


def fill(cls: type[T], table: Mapping[str, Any], words: Iterable[str] = (), path: str | Path | None = None) -> T:
    """Build `cls` from a table (of the file `path`, where it has one), then from `key=value` words, which win.

    Raises as `load` does.
    """
    values = dict(table)
    origin: dict[str, Any] = dict.fromkeys(values, path)
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise SettingsFault(f"{word!r} is no setting; write key=value")
        _put(cls, values, key, _value(text))
        origin[key] = origin[key.partition(".")[0]] = None
    for key, fix in _unknown(cls, values):
        source = origin.get(key, origin[key.partition(".")[0]])
        if source is not None:
            raise InputFault("unknown setting", path=source, field=key, fix=fix)
        raise SettingsFault(f"unknown setting {key!r}; {fix}")
    try:
        return msgspec.convert(values, cls)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `$")
        field = at.rstrip("`").lstrip(".")
        fix = _known(cls, field)
        if path is not None:
            raise InputFault(what, path=path, field=field or None, fix=fix) from None
        raise SettingsFault(f"{field}: {what}; {fix}" if field else f"{what}; {fix}") from None


def _put(cls: type[msgspec.Struct], values: dict[str, Any], key: str, value: Any) -> None:
    """Set a value; of a table within the settings only what is named: `client.budget=2`, `client={budget=2}`."""
    name, dot, rest = key.partition(".")
    inner = _tables(cls).get(name)
    held = values.get(name, {})
    held = msgspec.to_builtins(held) if isinstance(held, msgspec.Struct) else held
    if dot and isinstance(held, Mapping) and any(field.encode_name == name for field in msgspec.structs.fields(cls)):
        values[name] = dict(held)
        _put(inner or msgspec.Struct, values[name], rest, value)
    elif inner is not None and isinstance(value, dict) and isinstance(held, Mapping):
        values[name] = dict(held)
        for key_within, each in value.items():
            _put(inner, values[name], key_within, each)
    else:
        values[key] = value


def _unknown(cls: type[msgspec.Struct], values: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Every name that is no setting, with what to do about it."""
    known = {field.encode_name for field in msgspec.structs.fields(cls)}
    tables = _tables(cls)
    for key, value in values.items():
        if key not in known:
            near = difflib.get_close_matches(key.partition(".")[0], known, n=1)
            fix = f"did you mean {within + near[0]!r}?" if near else "known: " + ", ".join(sorted(known))
            yield within + key, fix
        elif key in tables and isinstance(value, Mapping):
            yield from _unknown(tables[key], value, f"{within}{key}.")


def _tables(cls: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct]]:
    """The settings that are settings classes themselves."""
    found = {}
    for field in msgspec.structs.fields(cls):
        for kind in (field.type, *typing.get_args(field.type)):
            if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
                found[field.encode_name] = kind
    return found


def _known(cls: type[msgspec.Struct], field: str) -> str:
    """What a field may be, where that is one of a few words."""
    hint = typing.get_type_hints(cls).get(field)
    words = [str(word) for word in typing.get_args(hint) if isinstance(word, str | int)]
    return f"known: {', '.join(words)}" if words else "see the settings' docs"


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file; raises InputFault with the place of the fault."""
    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise InputFault(error.strerror or "cannot be read", path=path, fix="check the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFault(f"is not TOML ({error})", path=path, fix="see https://toml.io") from None


def _value(text: str) -> Any:
    """A word's value: TOML where it is TOML (5, true, [1, 2], "x"), else the string itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
