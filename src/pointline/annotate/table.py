"""The merging table: a label map in TOML that a person reviews and gives back; proposals stand in it as comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.annotate.synonyms import Proposal
from pointline.corpora.labelmap import OTHERS, read_map
from pointline.errors import InputFault

HEAD = """\
# Text labels that mean one thing: old = "new"; "" takes a label out. Give this file back with --merge.
# `pointline map` reads it too. A row `"Arts" = "Arts"` keeps a name apart from its other spellings.
"""


def read(path: str | Path) -> dict[str, str]:
    """Read a table; raises InputFault where it renames another level, every other name, or goes in a circle."""
    told = read_map(path)
    for level in ("entities", "relations", "events", "roles"):
        if getattr(told, level):
            raise InputFault("only text labels are merged here", path=path, field=level, fix="keep [labels] alone")
    if OTHERS in told.labels:
        raise InputFault("'*' would rename every label", path=path, field="labels", fix="name the labels")
    return {old: _end(old, told.labels, path) for old in told.labels}


def _end(old: str, table: Mapping[str, str], path: str | Path) -> str:
    """Where a name leads in the end: a row may lead to a name that another row renames."""
    met = [old]
    while (new := table[met[-1]]) in table and table[new] != new:
        if new in met:
            raise InputFault(
                f"goes in a circle: {' -> '.join([*met, new])}", path=path, field="labels", fix="take a row out"
            )
        met.append(new)
    return new


def write(
    path: str | Path,
    told: Mapping[str, str],
    spellings: Mapping[str, tuple[str, int]],
    proposed: Iterable[Proposal],
) -> None:
    """Write a table: what was told, spellings that were joined (old -> new and its count), proposals as comments."""
    lines = [HEAD, "[labels]"]
    lines += [f"{_quoted(old)} = {_quoted(new)}" for old, new in told.items()]
    lines += ["", "# Spellings that were joined:"]
    rows = sorted(spellings.items(), key=lambda row: (row[1][0], row[0]))
    lines += [f"{_quoted(old)} = {_quoted(new)}  # {count}" for old, (new, count) in rows if old not in told]
    lines += ["", "# Proposals: take the # away in front of those that hold."]
    lines += [f"# {_quoted(row.old)} = {_quoted(row.new)}  # {row.texts}; {row.why}" for row in proposed]
    with jsonl.writing(path) as file:
        file.write(("\n".join(lines) + "\n").encode())


def _quoted(name: str) -> str:
    """A TOML string, which JSON's is too but for the character DEL."""
    return re.sub("\x7f", r"\\u007F", msgspec.json.encode(name).decode())
