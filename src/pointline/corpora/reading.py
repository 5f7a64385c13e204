"""What every reader is: a settings class, a function from paths to samples, and the files it takes in a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import msgspec

from pointline.corpora.conversion import Report
from pointline.sample import Sample

Read: TypeAlias = Callable[[Iterable[Path], Any, Report], Iterator[Sample]]


class ReaderSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every reader can be told."""

    lang: str | None = None
    """The language of all texts (BCP 47: en, ja, zh), where the source does not say."""
    source: str | None = None
    """The name of the corpus; it opens the default ids."""
    encoding: str = "utf-8"
    """The files' encoding; `mixed` mends UTF-8 with stray CESU-8 or Windows-1252 bytes."""


class RecordSettings(ReaderSettings, frozen=True, kw_only=True):
    """What readers of JSON records can be told besides."""

    records: str = ""
    """Dotted path of the records in a document (`sentences`); `*` stands for any key."""
    id: str | list[str] = ""
    """Field with the id, or several, joined by `/`; `^name` looks in the document around the record."""
    label: str = ""
    """Field with the text label or labels; `*` is the key the record was found under."""


class Reader(NamedTuple):
    """One row of the reader table."""

    about: str
    """One line for people."""
    settings: type[ReaderSettings]
    """Its settings class."""
    read: Read
    """Paths, settings and report to samples; ids stay empty where the source has none."""
    files: tuple[str, ...]
    """What it reads in a folder: glob patterns, or () where it takes the folder itself."""


def docs_of(cls: type[msgspec.Struct]) -> dict[str, str]:
    """The docstring of every field of a settings class, parents first.

    >>> docs_of(ReaderSettings)["source"]
    'The name of the corpus; it opens the default ids.'
    """
    import ast  # only the listing of readers needs these
    import inspect

    docs: dict[str, str] = {}
    for owner in reversed([c for c in cls.__mro__ if issubclass(c, msgspec.Struct) and c is not msgspec.Struct]):
        body = ast.parse(inspect.getsource(owner)).body[0]
        statements = body.body if isinstance(body, ast.ClassDef) else []
        for field, after in pairwise(statements):
            if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
                continue
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                docs[field.target.id] = " ".join(str(after.value.value).split())
    return docs
