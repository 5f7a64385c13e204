"""A published ablation looked at again: how many differences are positive, and which could be noise.

The table of the MMM paper (Table 2, as lines of language, dataset, target_level, setting, f1) prints one figure for
each cell, with neither variance nor test.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pointline.errors import InputFault

REACH = 1.959964
COLUMNS = ("language", "dataset", "target_level", "setting", "f1")
OWN = "OIELLM"
"""How the names of the paper's own models begin; only they were trained as those of the ablation."""
FAR = 15.0
"""Points between two tables of one paper for the same cell, beyond which a misprint is likelier than a setting."""


class PrintedDelta(msgspec.Struct, frozen=True):
    """One cell's difference: F1 with the other level minus F1 without, in points."""

    language: str
    dataset: str
    level: str
    without: float
    with_other: float
    delta: float
    noise: dict[int, bool]
    """By the number of test samples: whether two runs of equal skill would differ as much in one case of 20."""


class Printed(msgspec.Struct, frozen=True):
    """What a published ablation comes to."""

    deltas: list[PrintedDelta]
    positive: int
    datasets: int
    both_positive: int
    one_positive: int
    mean: dict[str, float]
    """Mean difference by target level."""
    suspicious: list[str]


def read_published(path: str | Path, sizes: Sequence[int] = (1000, 3000), results: str | Path | None = None) -> Printed:
    """Read a table of figures without and with the other level; `results` is the paper's main table, to compare with.

    Whether a difference could be noise is asked as of two independent shares of n samples, since nothing is known of
    the pairing: a difference that passes would pass all the more in a paired test.
    Raises InputFault with file and line.
    """
    cells: dict[tuple[str, str, str], dict[str, float]] = {}
    for number, row in enumerate(_rows(path, COLUMNS), 2):
        key = (row["language"], row["dataset"], row["target_level"])
        cells.setdefault(key, {})[row["setting"]] = _number(row["f1"], path, number)
    deltas = []
    for (language, dataset, level), values in cells.items():
        if values.keys() != {"without", "with"}:
            what = f"{language} {dataset} {level} needs a line `without` and a line `with`"
            raise InputFault(what, path=path, field="setting", fix="mend the table")
        a, b = values["with"], values["without"]
        deltas.append(PrintedDelta(language, dataset, level, b, a, round(a - b, 4), _noise(a, b, sizes)))
    names = list(dict.fromkeys((each.language, each.dataset) for each in deltas))
    signs = {name: [each.delta > 0 for each in deltas if (each.language, each.dataset) == name] for name in names}
    return Printed(
        deltas=deltas,
        positive=sum(each.delta > 0 for each in deltas),
        datasets=len(names),
        both_positive=sum(all(sign) for sign in signs.values()),
        one_positive=sum(any(sign) for sign in signs.values()),
        mean={level: _mean(deltas, level) for level in sorted({each.level for each in deltas})},
        suspicious=_suspicious(deltas, results),
    )


def _noise(a: float, b: float, sizes: Sequence[int]) -> dict[int, bool]:
    shares = (a / 100, b / 100)
    spread = math.sqrt(sum(share * (1 - share) for share in shares))
    return {n: abs(a - b) / 100 < REACH * spread / math.sqrt(n) for n in sizes}


def _mean(deltas: Sequence[PrintedDelta], level: str) -> float:
    values = [each.delta for each in deltas if each.level == level]
    return round(sum(values) / len(values), 4)


def _suspicious(deltas: Sequence[PrintedDelta], results: str | Path | None) -> list[str]:
    """Cells that are far from every figure of the paper's own models for the same cell in its main table."""
    if results is None:
        return []
    known: dict[tuple[str, str, str], list[float]] = {}
    for number, row in enumerate(_rows(results, ("language", "dataset", "model", "level", "f1")), 2):
        key = (row["language"], row["dataset"], row["level"])
        if row["model"].startswith(OWN):
            known.setdefault(key, []).append(_number(row["f1"], results, number))
    found = []
    for each in deltas:
        others = known.get((each.language, each.dataset, each.level))
        nearest = min(others or [each.without], key=lambda other: abs(each.without - other))
        if abs(each.without - nearest) > FAR:
            where = f"{each.language} {each.dataset} {each.level}"
            found.append(f"{where}: {each.without:g} here, {nearest:g} the nearest in the main table")
    return found


def _rows(path: str | Path, columns: Sequence[str]) -> list[dict[str, str]]:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                fix = f"the header must name {', '.join(columns)}"
                raise InputFault(f"has no column {missing[0]!r}", path=path, line=1, fix=fix)
            return list(reader)
    except OSError as error:
        raise InputFault(error.strerror or "cannot be read", path=path, fix="check the path") from None
    except UnicodeDecodeError:
        raise InputFault("is not UTF-8", path=path, fix="save it as UTF-8") from None


def _number(text: str | None, path: str | Path, line: int) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        raise InputFault(f"{text!r} is no figure between 0 and 100", path=path, line=line, field="f1", fix="mend it")
    return value
