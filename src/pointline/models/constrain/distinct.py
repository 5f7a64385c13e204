"""A row whose counted spans are distinct occurrences: what is used up closes, and whatever leads only there.

Which tokens are open is worked out without regard to what was written, so that all such places share it; then the few
tokens that could repeat something are tried one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pointline.models.constrain.automaton import Automaton, Edge, Kind
from pointline.models.constrain.row import Place, Row, Threads
from pointline.models.constrain.stretches import Stretches
from pointline.models.constrain.taken import Context, Ledger
from pointline.models.constrain.ways import FAR

Told: TypeAlias = dict[tuple[int, Context, int], int]
"""(state, what was written, bytes of the span so far) -> where in it."""
_LONGEST = 30
"""Free names of more characters are not counted: one that may grow no further could have nothing left under it."""
_MARGIN = 16


class DistinctRow(Row):
    """A row for grammars with counted spans."""

    def __init__(self, automaton: Automaton, stretches: Stretches, text: str) -> None:
        super().__init__(automaton, stretches)
        self._ledger = Ledger(text, stretches)
        told: Told = {}
        for edge in automaton.start:
            self._enter(told, edge, self._ledger.nothing.under(None))
        self.start = self._told(told)

    def tokens(self, place: Place) -> NDArray[np.int64]:
        """The tokens that may follow, rising."""
        if place.ids is None:
            shared = self._place(place.threads)
            ids = super().tokens(shared)
            gone = [id for id in sorted(self._doubtful(place, shared)) if not self._after_told(place, id)]
            place.ids = np.setdiff1d(ids, np.array(gone, dtype=np.int64), assume_unique=True) if gone else ids
        return place.ids

    def needs(self, place: Place) -> NDArray[np.int64]:
        """How many tokens the shortest end takes after each of `tokens(place)`."""
        if place.needs is None:
            ids = self.tokens(place).tolist()
            place.needs = np.array([self._need_told(self._after_told(place, id)) for id in ids], dtype=np.int64)
        return place.needs

    def advance(self, place: Place, id: int) -> Place | None:
        """Where a token leads; None where it may not follow."""
        told = self._after_told(place, id)
        return self._told(told) if told else None

    def reach(self, place: Place) -> int:
        """No token that may follow needs more tokens to the end."""
        far = self.farthest
        for _, context, _ in place.told:
            taken = context.taken
            if taken.bans:
                most = self.automaton.ways(taken.spent).most
                own = max(self.stretches.farthest, taken.gap) + _MARGIN
                far = max(far, most.tokens + most.spans * taken.shortest + own)
        return far

    def _doubtful(self, place: Place, shared: Place) -> set[int]:
        """The tokens that could repeat what was written, or lead where nothing else is left."""
        found = set(shared.crossing)
        for (state, context, depth), mask in place.told.items():
            if state in self.automaton.distinct:
                found.update(self._dying(context, depth, mask))
            elif context.taken.spent:
                found.update(shared.after)
        return found

    def _dying(self, context: Context, depth: int, mask: int) -> Iterator[int]:
        """The tokens inside a span behind which it cannot end any more."""
        bans = context.bans
        danger = mask & bans.starts << depth if bans else 0
        vocabulary, data = self.automaton.vocabulary, self.stretches.data
        for place in _bits(danger):
            last = bans.ends[place - depth].bit_length() - 1 if bans else 0
            node, at = vocabulary.root, place
            while at < len(data) and (kid := node.kids(vocabulary.ids).get(data[at])) is not None:
                node, at = kid, at + 1
                if at >= last:
                    yield from node.ids

    def _told(self, told: Told) -> Place:
        threads: Threads = {}
        for (state, _, _), mask in told.items():
            threads[state] = threads.get(state, 0) | mask
        return Place(threads, self._need_told(told), told=told)

    def _after_told(self, place: Place, id: int) -> Told:
        """The threads behind a token; none where it may not follow."""
        told = place.told
        for byte in self.automaton.vocabulary.bytes.get(id, b""):
            told = self._byte(told, byte)
        if told is place.told:
            return {}
        for (state, context, _), mask in place.told.items():
            if self.automaton.kinds[state] is Kind.FREE and (reached := self._name(place, state, mask, id)):
                text = self.automaton.vocabulary.free[id]
                name = None if context.name is None else context.name + (text.lstrip(" ") if mask & 1 else text)
                named = context.taken.under(name if name is not None and len(name) <= _LONGEST else None)
                told[state, named, 0] = told.get((state, named, 0), 0) | reached
                for edge in self.automaton.exits[state]:
                    self._enter(told, edge, named)
        return told

    def _byte(self, told: Told, byte: int) -> Told:
        found: Told = {}
        automaton = self.automaton
        for (state, context, depth), mask in told.items():
            kind = automaton.kinds[state]
            if kind is Kind.PLAIN:
                for edge in automaton.steps[state].get(byte, ()):
                    self._enter(found, edge, context)
            elif kind is Kind.SPAN and (moved := (mask & self.stretches.places.get(byte, 0)) << 1):
                self._within(found, state, context, depth, moved)
        return found

    def _within(self, found: Told, state: int, context: Context, depth: int, moved: int) -> None:
        """A span that has read a byte goes on, ends, or both."""
        on, ends = moved & self.stretches.inner, moved & self.stretches.closes
        if state in self.automaton.distinct:
            depth += 1
            bans = context.bans
            for place in _bits(moved & bans.starts << depth) if bans else ():
                left = bans.ends[place - depth] >> place if bans else 0
                if not left & 1:
                    ends &= ~(1 << place)
                if not left >> 1:
                    on &= ~(1 << place)
        if on:
            found[state, context, depth] = found.get((state, context, depth), 0) | on
        if ends:
            if state in self.automaton.distinct:
                last = (ends & -ends).bit_length() - 1
                context = self._ledger.written(context, self.stretches.data[last - depth : last])
            for edge in self.automaton.exits[state]:
                self._enter(found, edge, context)

    def _enter(self, found: Told, edge: Edge, context: Context) -> None:
        """Begin the state that an edge leads to, unless nothing is left behind it."""
        for said in edge.said:
            if said.name:
                context = context.taken.under(said.text)
        state, mask = edge.state, self._entry[edge.state]
        kind = self.automaton.kinds[state]
        if kind is Kind.FREE:
            context = context.taken.under("")
        elif state in self.automaton.distinct:
            mask = context.bans.entry if context.bans else mask
        elif kind is Kind.PLAIN and context.taken.spent:
            ways = self.automaton.ways(context.taken.spent)
            mask &= ways.bytes[state + ways.count * context.spent] < FAR
        if mask:
            key = (state, context, 0)
            found[key] = found.get(key, 0) | mask

    def _need_told(self, told: Told) -> int:
        return min((self._need_of(*key, mask) for key, mask in told.items()), default=FAR)

    def _need_of(self, state: int, context: Context, depth: int, mask: int) -> int:
        automaton, taken = self.automaton, context.taken
        needs, layer = automaton.needs, 0
        if taken.spent:
            ways = automaton.ways(taken.spent)
            needs, layer = ways.needs, ways.count * context.spent
        if automaton.kinds[state] is Kind.PLAIN:
            need = needs[state + layer]
            return need.tokens + need.spans * taken.shortest
        own = 1
        if automaton.kinds[state] is Kind.SPAN:
            own = self._distance(context, depth, mask)
        behind = [needs[edge.state + layer] for edge in automaton.exits[state]]
        return own + min(need.tokens + taken.shortest * need.spans for need in behind)

    def _distance(self, context: Context, depth: int, mask: int) -> int:
        """How many bytes the nearest end is away that is left."""
        bans = context.bans
        danger = mask & bans.starts << depth if bans else 0
        found = [self.stretches.distance(mask & ~danger)] if mask & ~danger else []
        for place in _bits(danger):
            if bans and (left := bans.ends[place - depth] >> (place + 1)):
                found.append((left & -left).bit_length())
        return min(found, default=FAR)


def _bits(mask: int) -> Iterable[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
