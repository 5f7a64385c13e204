"""Word lists that are told: a TOML or JSON file of label -> words, by hand or as a model once gave them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pointline import jsonl
from pointline.errors import InputFault
from pointline.settings import read_toml
from pointline.studies.verbalizer.words import WordLists


def read_lists(path: str | Path, labels: Iterable[str], *, shared: bool = False) -> WordLists:
    """Read `label = ["word", ...]` for the labels, earlier words weighing more; a label may be missing.

    Words that several labels have are dropped unless `shared`. Raises InputFault for a file that is no such table, or
    a label that is not known.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "lists.toml")
    >>> _ = path.write_text('up = ["good", "tea"]\\ndown = ["bad", "Tea"]')
    >>> read_lists(path, ["up", "down"])
    WordLists(words={'down': {'bad': 2.0}, 'up': {'good': 2.0}}, dropped=['tea'])
    """
    known = sorted(labels)
    table = _read(Path(path))
    for label, words in table.items():
        if label not in known:
            near = difflib.get_close_matches(label, known, n=1)
            fix = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            raise InputFault(f"there is no label {label!r} in the samples", path=path, fix=fix)
        if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
            raise InputFault("must be a list of words", path=path, field=label, fix='write label = ["word", "word"]')
    return listed({label: table.get(label, []) for label in known}, shared=shared)


def listed(table: Mapping[str, Iterable[str]], *, shared: bool = False) -> WordLists:
    """Word lists of plain words in order of weight: case folded, each once, shared ones dropped unless `shared`.

    >>> listed({"a": ["X", "x", "y"], "b": []}).words
    {'a': {'x': 2.0, 'y': 1.0}, 'b': {}}
    """
    plain = {
        label: list(dict.fromkeys(" ".join(w.split()).casefold() for w in words)) for label, words in table.items()
    }
    every = [word for words in plain.values() for word in words]
    twice = {word for word in every if every.count(word) > 1} if len(set(every)) < len(every) else set()
    out = {
        label: {word: float(len(words) - at) for at, word in enumerate(words) if shared or word not in twice}
        for label, words in plain.items()
    }
    return WordLists(out, sorted(twice))


def write_lists(path: str | Path, table: Mapping[str, Iterable[str]]) -> None:
    """Write label -> words as TOML, or as JSON where the name ends in `.json`."""
    plain = {label: list(words) for label, words in table.items()}
    with jsonl.writing(path) as file:
        if Path(path).suffix == ".json":
            file.write(msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n")
            return
        for label, words in plain.items():
            rows = "".join(f"  {_quoted(word)},\n" for word in words)
            file.write(f"{_quoted(label)} = [\n{rows}]\n".encode())


def _plain(word: str) -> str:
    return " ".join(word.split()).casefold()


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _read(path: Path) -> dict[str, Any]:
    if path.suffix != ".json":
        return read_toml(path)
    try:
        table = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise InputFault(error.strerror or "cannot be read", path=path, fix="check the path") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputFault(f"is not JSON ({error})", path=path, fix="write label -> list of words") from None
    if not isinstance(table, dict):
        raise InputFault("is no table", path=path, fix="write label -> list of words")
    return table
