"""One grammar bound to one text: where a half-written output stands, and which tokens may follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pointline.models.constrain.automaton import ACCEPT, Automaton, Kind
from pointline.models.constrain.stretches import Stretches
from pointline.models.constrain.taken import Context
from pointline.models.constrain.vocabulary import Trie
from pointline.models.constrain.ways import FAR

Threads: TypeAlias = dict[int, int]
"""State -> where in it: 1 (plain), a mask of places in the source (span), a mask of lengths so far (free name)."""
_FEW = 24


@dataclass
class Place:
    """Where an output stands: its threads; `need` tokens bring it to an end. Tokens are worked out when asked for.

    crossing: the tokens that begin a counted span, or go on behind one that they end. told: the threads with what was
    written before, where that counts.
    """

    threads: Threads
    need: int
    ids: NDArray[np.int64] | None = None
    after: dict[int, Threads] = field(default_factory=dict)
    needs: NDArray[np.int64] | None = None
    crossing: list[int] = field(default_factory=list)
    told: dict[tuple[int, Context, int], int] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """True where the output may end here."""
        return ACCEPT in self.threads


class Row:
    """The automaton of a grammar over one text's stretches."""

    def __init__(self, automaton: Automaton, stretches: Stretches) -> None:
        self.automaton, self.stretches = automaton, stretches
        self._entry = [stretches.opens if kind is Kind.SPAN else 1 for kind in automaton.kinds]
        self._places: dict[tuple[tuple[int, int], ...], Place] = {}
        threads: Threads = {}
        for edge in automaton.start:
            threads[edge.state] = self._entry[edge.state]
        self.start = self._place(threads)
        far = [n.tokens + n.spans * stretches.shortest for n in automaton.needs if n.tokens < FAR]
        self.farthest = max(far) + stretches.farthest

    def reach(self, place: Place) -> int:
        """No token that may follow needs more tokens to the end."""
        return self.farthest

    def tokens(self, place: Place) -> NDArray[np.int64]:
        """The tokens that may follow, rising."""
        if place.ids is None:
            vocabulary = self.automaton.vocabulary
            for ids, threads, crossing in self._walk(vocabulary.root, place.threads):
                for id in ids:
                    place.after[id] = threads
                if crossing:
                    place.crossing += ids
            place.ids = np.array(sorted(place.after), dtype=np.int64)
            for state, mask in place.threads.items():
                if self.automaton.kinds[state] is Kind.FREE:
                    place.ids = np.union1d(place.ids, self._names(place, state, mask))
        return place.ids

    def needs(self, place: Place) -> NDArray[np.int64]:
        """How many tokens the shortest end takes after each of `tokens(place)`."""
        if place.needs is None:
            ids = self.tokens(place)
            place.needs = np.array([self._need(self._after(place, int(id))) for id in ids], dtype=np.int64)
        return place.needs

    def advance(self, place: Place, id: int) -> Place | None:
        """Where a token leads; None where it may not follow."""
        self.tokens(place)
        threads = self._after(place, id)
        return self._place(threads) if threads else None

    def _after(self, place: Place, id: int) -> Threads:
        threads = dict(place.after.get(id, {}))
        for state, mask in place.threads.items():
            if self.automaton.kinds[state] is Kind.FREE and (reached := self._name(place, state, mask, id)):
                _join(threads, state, reached)
                for edge in self.automaton.exits[state]:
                    _join(threads, edge.state, self._entry[edge.state])
        return threads

    def _names(self, place: Place, state: int, mask: int) -> NDArray[np.int64]:
        """The tokens by which a free name may begin or go on."""
        ids, lengths, spaced = self.automaton.vocabulary.free_table
        shortest = (mask & -mask).bit_length() - 1
        fits = lengths <= self.automaton.most[state] - shortest
        if mask == 1 and self.automaton.lead not in place.threads:
            fits &= ~spaced
        found: NDArray[np.int64] = ids[fits]
        return found

    def _name(self, place: Place, state: int, mask: int, id: int) -> int:
        """The lengths that a free name may have after a token; 0 where it does not fit."""
        text = self.automaton.vocabulary.free.get(id)
        if text is None:
            return 0
        if text.startswith(" ") and mask & 1:
            if self.automaton.lead not in place.threads:
                return 0
            text = text[1:]
        limit = (1 << (self.automaton.most[state] + 1)) - 1
        return (mask << len(text)) & limit

    def _place(self, threads: Threads) -> Place:
        key = tuple(sorted(threads.items()))
        if key not in self._places:
            self._places[key] = Place(threads, self._need(threads))
        return self._places[key]

    def _need(self, threads: Threads) -> int:
        automaton, shortest = self.automaton, self.stretches.shortest
        best = FAR
        for state, mask in threads.items():
            kind = automaton.kinds[state]
            if kind is Kind.PLAIN or mask == self._entry[state]:
                need = automaton.needs[state]
                own = 0
            else:
                behind = [automaton.needs[edge.state] for edge in automaton.exits[state]]
                need = min(behind, key=lambda n: n.tokens + shortest * n.spans)
                own = self.stretches.distance(mask) if kind is Kind.SPAN else 0
            best = min(best, own + need.tokens + need.spans * shortest)
        return best

    def _walk(self, node: Trie, threads: Threads, crossing: bool = False) -> Iterator[tuple[list[int], Threads, bool]]:
        """Every token below a node of the trie that the threads can read, the threads behind it, whether it crosses."""
        kids = node.kids(self.automaton.vocabulary.ids)
        for byte, reached in self._read(threads, kids).items():
            kid = kids[byte]
            crosses = crossing or self._crosses(threads, byte, inside=bool(node.depth))
            if kid.ids:
                yield list(kid.ids), reached, crosses
            if not kid.leaf:
                yield from self._walk(kid, reached, crosses)

    def _crosses(self, threads: Threads, byte: int, *, inside: bool) -> bool:
        """True where a byte may begin a counted span, or may follow one that the same token wrote."""
        automaton = self.automaton
        for state in threads:
            if byte in automaton.entering.get(state, ()):
                return True
            if inside and state in automaton.leaving and byte in automaton.steps[state]:
                return True
        return False

    def _read(self, threads: Threads, kids: dict[int, Trie]) -> dict[int, Threads]:
        found: dict[int, Threads] = {}
        automaton = self.automaton
        for state, mask in threads.items():
            kind = automaton.kinds[state]
            if kind is Kind.PLAIN:
                for byte, edges in automaton.steps[state].items():
                    if byte in kids:
                        row = found.setdefault(byte, {})
                        for edge in edges:
                            _join(row, edge.state, self._entry[edge.state])
            elif kind is Kind.SPAN:
                for byte, moved in self._moved(mask, kids):
                    self._inside(found.setdefault(byte, {}), state, moved)
        return found

    def _inside(self, row: Threads, state: int, moved: int) -> None:
        """A span that has read a byte goes on, ends, or both."""
        if on := moved & self.stretches.inner:
            _join(row, state, on)
        if moved & self.stretches.closes:
            for edge in self.automaton.exits[state]:
                _join(row, edge.state, self._entry[edge.state])

    def _moved(self, mask: int, kids: dict[int, Trie]) -> Iterator[tuple[int, int]]:
        """The places behind each byte that the source has at `mask`."""
        data, places = self.stretches.data, self.stretches.places
        if mask.bit_count() > _FEW:
            for byte in kids if len(kids) < len(places) else places:
                if byte in kids and byte in places and (here := mask & places[byte]):
                    yield byte, here << 1
            return
        moved: dict[int, int] = {}
        while mask:
            low = mask & -mask
            byte = data[low.bit_length() - 1]
            if byte in kids:
                moved[byte] = moved.get(byte, 0) | low << 1
            mask ^= low
        yield from moved.items()


def _join(threads: Threads, state: int, mask: int) -> None:
    threads[state] = threads.get(state, 0) | mask
