"""The names of labels, types and roles: written two ways, used once, missing from train, unevenly spread, contested."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from pointline.clean.findings import Finding, Place
from pointline.clean.keys import text_key
from pointline.sample import Sample


def names_of(sample: Sample) -> Iterator[tuple[str, str]]:
    """(level, name) of every label, type and role of a sample.

    >>> list(names_of(Sample("1", "x", labels=["a"], entities=[])))
    [('labels', 'a')]
    """
    yield from (("labels", label) for label in sample.labels or ())
    yield from (("entities", entity.type) for entity in sample.entities or ())
    yield from (("relations", relation.type) for relation in sample.relations or ())
    for event in sample.events or ():
        yield "events", event.type
        yield from (("arguments", argument.role) for argument in event.arguments)


def plain_name(name: str) -> str:
    """A name without case, width and the marks between its words: what people write two ways.

    >>> plain_name("Time_Range") == plain_name("time-range") == plain_name("ＴｉｍｅRange")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in folded if char.isalnum()) or folded


class Inventory:
    """Names that differ only in how they are written, that stand once, or that train never shows."""

    def __init__(self, examples: int) -> None:
        self._examples = examples
        self._counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)

    def see(self, place: Place) -> None:
        """Count the names of a sample in its file."""
        for name in names_of(place.sample):
            self._counts[name][place.file] += 1

    def findings(self) -> Iterable[Finding]:
        """Case twins, singletons, names unseen in train."""
        twins: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for level, name in sorted(self._counts):
            twins[level, plain_name(name)][name] = self._counts[level, name].total()
        rows = [{"level": level, "names": names} for (level, _), names in twins.items() if len(names) > 1]
        yield self._finding("case_twins", "names of one level that differ only in case, width or marks", rows)
        single = [
            {"level": level, "name": name, "file": next(iter(files))}
            for (level, name), files in sorted(self._counts.items())
            if files.total() == 1
        ]
        yield self._finding("singletons", "names that stand once", single)
        unseen = [
            {"level": level, "name": name, "files": dict(sorted(files.items()))}
            for (level, name), files in sorted(self._counts.items())
            if not any(file.endswith("train") for file in files)
        ]
        trained = any(file.endswith("train") for files in self._counts.values() for file in files)
        yield self._finding("unseen", "names that no train file shows", unseen if trained else [])

    def _finding(self, name: str, about: str, rows: list[dict[str, Any]]) -> Finding:
        return Finding(name, about, len(rows), rows[: self._examples])


class Balance:
    """How evenly the names of each level are spread."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)

    def see(self, place: Place) -> None:
        """Count the names of a sample."""
        for level, name in names_of(place.sample):
            self._counts[level][name] += 1

    def findings(self) -> Iterable[Finding]:
        """One row a level: evenness 1 is all alike, 0 is all in one name (Shannon entropy over its maximum)."""
        rows = []
        for level, counts in sorted(self._counts.items()):
            total = counts.total()
            ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            entropy = -sum(n / total * math.log(n / total) for n in counts.values())
            rows.append(
                {
                    "level": level,
                    "names": len(counts),
                    "items": total,
                    "most": ranked[0][0],
                    "most_share": round(ranked[0][1] / total, 4),
                    "least": ranked[-1][0],
                    "least_share": round(ranked[-1][1] / total, 4),
                    "evenness": round(entropy / math.log(len(counts)), 4) if len(counts) > 1 else 1.0,
                }
            )
        yield Finding("balance", "how evenly the names of a level are spread", len(rows), rows)


class Surfaces:
    """One surface under several entity types, and annotated here but not there."""

    def __init__(self, examples: int) -> None:
        self._examples = examples
        self._types: dict[str, Counter[str]] = defaultdict(Counter)

    def see(self, place: Place) -> None:
        """Count the types of each surface."""
        for entity in place.sample.entities or ():
            self._types[text_key(entity.text)][entity.type] += 1

    def findings(self) -> Iterable[Finding]:
        """Contested surfaces, those first where the minority is largest."""
        contested = [(surface, types) for surface, types in self._types.items() if len(types) > 1]
        contested.sort(key=lambda item: (max(item[1].values()) - item[1].total(), item[0]))
        rows = [
            {"surface": surface, "types": dict(sorted(types.items(), key=lambda item: (-item[1], item[0])))}
            for surface, types in contested[: self._examples]
        ]
        yield Finding("surfaces", "surfaces that stand under several entity types", len(contested), rows)
