"""The error tree: every fault a person can meet, each with one line that says what to do.

PointlineError            anything pointline refuses; the command line prints it and exits 1
├── InputFault            a file, line or field is wrong
├── SettingsFault         a setting is unknown or impossible: wrong usage, exit 2
├── ModelFault            a model folder is missing, damaged or of another version
├── MissingExtra          an optional package is not installed
├── EndpointFault         a model server refuses, cannot be reached or says no sense
│   └── BudgetSpent       what may be spent is spent
└── Refusal               a format, protocol or verb cannot hold what it was given
"""

from __future__ import annotations

from pathlib import Path


class PointlineError(Exception):
    """The root of all faults that pointline itself raises; its text is one line."""


class InputFault(PointlineError):
    """A file is at fault: says where, what, and what to do.

    >>> print(InputFault("no such label 'x'", path="a.jsonl", line=3, field="labels", fix="add it"))
    a.jsonl:3: labels: no such label 'x'; add it
    """

    def __init__(
        self,
        what: str,
        *,
        path: str | Path | None = None,
        line: int | None = None,
        field: str | None = None,
        fix: str | None = None,
    ) -> None:
        self.what, self.path, self.line, self.field, self.fix = what, path, line, field, fix
        where = "" if path is None else f"{path}:{line}: " if line is not None else f"{path}: "
        field_part = f"{field}: " if field else ""
        super().__init__(_one_line(f"{where}{field_part}{what}" + (f"; {fix}" if fix else "")))


class SettingsFault(PointlineError):
    """A setting is unknown, of the wrong kind, or impossible together with another."""


class ModelFault(PointlineError):
    """A model folder cannot be used: missing files, another version, a hash that differs."""


class MissingExtra(PointlineError, ImportError):
    """An optional package is absent; the message names the pip line.

    >>> print(MissingExtra("train", "torch"))
    torch is not installed; type: pip install 'pointline[train]'
    """

    def __init__(self, extra: str, package: str) -> None:
        self.extra, self.package = extra, package
        super().__init__(f"{package} is not installed; type: pip install 'pointline[{extra}]'")


class EndpointFault(PointlineError):
    """A model server cannot be used: it refuses the key, does not answer, or answers nothing that can be read."""


class BudgetSpent(EndpointFault):
    """The budget allows no further request; answers that are there are kept."""


class Refusal(PointlineError):
    """What was asked cannot be held or does not apply; the message is the reason."""


def _one_line(message: str) -> str:
    return " ".join(message.splitlines())
