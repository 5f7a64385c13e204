"""What an output has written already under each name, and which stretches of the source are thereby used up."""

from __future__ import annotations

from typing import NamedTuple

from pointline.models.constrain.stretches import Stretches
from pointline.text.locate import mentions


class Bans(NamedTuple):
    """Stretches that may not be written again under one name.

    starts: mask of the places where they begin; ends: for each such place the mask of the ends that are left.
    entry: where a span may still begin. gap: how far an end is away at most from inside such a stretch.
    """

    starts: int
    ends: dict[int, int]
    entry: int
    gap: int


class Context:
    """The name that spans are written under (None: not counted) and what was written before; one object for each."""

    __slots__ = ("bans", "name", "spent", "taken")

    def __init__(self, taken: Taken, name: str | None) -> None:
        self.taken, self.name = taken, name
        self.bans = taken.bans.get(name) if name is not None else None
        self.spent = self.bans is not None and not self.bans.entry


class Taken:
    """How often each surface was written under each name.

    bans: the names of which some stretch is used up; spent: those of which every one is. shortest: so many bytes are
    enough for a span under any other name; gap: the widest of all `bans`.
    """

    __slots__ = ("_contexts", "bans", "counts", "gap", "kids", "shortest", "spent")

    def __init__(
        self, counts: dict[tuple[str, bytes], int], bans: dict[str, Bans], spent: frozenset[str],
        shortest: int, gap: int,
    ) -> None:  # fmt: skip
        self.counts, self.bans, self.spent, self.shortest, self.gap = counts, bans, spent, shortest, gap
        self._contexts: dict[str | None, Context] = {}
        self.kids: dict[tuple[str, bytes], Taken] = {}

    def under(self, name: str | None) -> Context:
        """The context of a name."""
        if name not in self._contexts:
            self._contexts[name] = Context(self, name)
        return self._contexts[name]


class Ledger:
    """Keeps the books of one text: a surface may be written under one name as often as the text has it."""

    def __init__(self, text: str, stretches: Stretches) -> None:
        self._text, self._stretches = text, stretches
        self.nothing = Taken({}, {}, frozenset(), stretches.shortest, 0)
        self._known: dict[bytes, tuple[list[tuple[int, int]], int]] = {}

    def written(self, context: Context, surface: bytes) -> Context:
        """The context behind a surface."""
        taken, name = context.taken, context.name
        if name is None:
            return context
        key = (name, surface)
        if key not in taken.kids:
            taken.kids[key] = self._more(taken, name, surface)
        return taken.kids[key].under(name)

    def _more(self, taken: Taken, name: str, surface: bytes) -> Taken:
        said = taken.counts.get((name, surface), 0) + 1
        counts = {**taken.counts, (name, surface): said}
        places, most = self._places(surface)
        if said < most:
            return Taken(counts, taken.bans, taken.spent, taken.shortest, taken.gap)
        bans = self._barred(taken.bans.get(name), places)
        spent = taken.spent if bans.entry else taken.spent | {name}
        shortest = max(taken.shortest, self._shortest(bans))
        return Taken(counts, {**taken.bans, name: bans}, spent, shortest, max(taken.gap, bans.gap))

    def _places(self, surface: bytes) -> tuple[list[tuple[int, int]], int]:
        """Where a surface stands in the tokenizer's bytes, and how often the reader can place it in the text.

        Where the tokenizer writes several strings of the text alike the first is meant, as when outputs are read.
        """
        if surface not in self._known:
            own = self._stretches
            found = []
            at = own.data.find(surface)
            while at >= 0:
                end = at + len(surface)
                if own.opens >> at & 1 and end <= _run(own.inner, at) and own.closes >> end & 1:
                    found.append((at, end))
                at = own.data.find(surface, at + 1)
            first, last = found[0]
            raw = self._text[own.begin[first] : own.end[last]]
            self._known[surface] = found, len(mentions(self._text, raw))
        return self._known[surface]

    def _barred(self, before: Bans | None, places: list[tuple[int, int]]) -> Bans:
        own = self._stretches
        starts, ends, entry, gap = before or Bans(0, {}, own.opens, 0)
        ends = dict(ends)
        for start, end in places:
            left = ends.get(start)
            if left is None:
                run = _run(own.inner, start)
                left = own.closes & ((1 << (run + 1)) - (1 << (start + 1)))
            left &= ~(1 << end)
            below, above = left & ((1 << end) - 1), left >> end
            if above:
                gap = max(gap, end + _lowest(above) - max(below.bit_length() - 1, start))
            if not left:
                entry &= ~(1 << start)
            starts, ends[start] = starts | 1 << start, left
        return Bans(starts, ends, entry, gap)

    def _shortest(self, bans: Bans) -> int:
        """How many bytes the shortest span has that is left."""
        own = self._stretches
        found = [_lowest(left) - start for start, left in bans.ends.items() if left]
        if rest := own.opens & ~bans.starts:
            found.append(own.distance(rest))
        return min(found, default=0)


def _run(inner: int, start: int) -> int:
    """The last place that a span from `start` can reach."""
    return start + 1 + _lowest(~(inner >> (start + 1)))


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1
