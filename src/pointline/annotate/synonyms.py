"""Names that may mean one thing: proposals for a person, each with what speaks for it."""

from __future__ import annotations

import difflib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pointline.annotate.names import key

TOGETHER = 2
"""Texts whose answers gave both names before that counts."""
SHARE = 0.3
"""Share of the rarer name's texts that those must be."""
ALIKE = 0.85
STEM = 4
"""Characters of a name that a longer one must begin with: `tech` and `technology`."""
MANY = 200
"""Names that share a word, at most, to be compared with each other: a word of more says nothing."""


class Proposal(NamedTuple):
    """A name that may be another's, how many texts have the two, and why."""

    old: str
    new: str
    texts: int
    why: str


def proposals(counts: Mapping[str, int], together: Mapping[tuple[str, str], int]) -> list[Proposal]:
    """At most one proposal a name: to the more frequent one for which most speaks.

    counts: texts by name; together: by two names in order, texts whose answers gave both.

    >>> counts = {"Health": 9, "Healthcare": 4, "Law": 3, "Legal matters": 2}
    >>> for row in proposals(counts, {("Law", "Legal matters"): 2}):
    ...     print(row.old, "->", row.new, "|", row.why)
    Healthcare -> Health | begins the same
    Legal matters -> Law | 2 of 2 texts got both
    """
    best: dict[str, tuple[tuple[int, float, int, str], Proposal]] = {}
    for a, b in _pairs(counts, together):
        old, new = sorted((a, b), key=lambda name: (counts[name], [-ord(char) for char in name]))
        rank, why = _evidence(old, new, counts, together)
        if not why:
            continue
        found = ((*rank, counts[new], new), Proposal(old, new, counts[old], why))
        if old not in best or found[0] > best[old][0]:
            best[old] = found
    rows = [proposal for _, proposal in best.values()]
    return sorted(rows, key=lambda row: (-row.texts, row.old))


def _evidence(
    old: str, new: str, counts: Mapping[str, int], together: Mapping[tuple[str, str], int]
) -> tuple[tuple[int, float], str]:
    both = together.get((min(old, new), max(old, new)), 0)
    if both >= TOGETHER and both >= SHARE * counts[old]:
        return (2, both / max(1, counts[old])), f"{both} of {max(both, counts[old])} texts got both"
    a, b = key(old), key(new)
    ratio = difflib.SequenceMatcher(None, a, b).ratio()
    if ratio >= ALIKE:
        return (1, ratio), "spelt alike"
    short, long = sorted((a, b), key=len)
    if len(short) >= (STEM if short.isascii() else 2) and long.startswith(short):
        return (1, ratio), "begins the same"
    return (0, 0.0), ""


def _pairs(counts: Mapping[str, int], together: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Names that some text got both of, and names that share a word's beginning."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(counts):
        for word in sorted({word[: STEM - 1 if word.isascii() else 1] for word in key(name).split()}):
            groups[word].append(name)
    close = itertools.chain.from_iterable(
        itertools.combinations(group, 2) for group in groups.values() if len(group) <= MANY
    )
    seen: Counter[tuple[str, str]] = Counter()
    for a, b in itertools.chain(sorted(together), close):
        if a in counts and b in counts and not seen[a, b]:
            seen[a, b] = 1
            yield a, b
