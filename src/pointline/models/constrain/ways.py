"""The shortest way from each state of an automaton to its end: found byte by byte, then counted in tokens."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pointline.models.constrain.automaton import Automaton, Edge

FAR = 10**9
"""No way in tokens."""


class Need(NamedTuple):
    """What the shortest way to the end takes: tokens of literals, and spans or free names."""

    tokens: int
    spans: int


class Ways:
    """The shortest ways where names `spent` have nothing left to be written under them.

    States count twice then: behind a spent name (`state + count`) no distinct span can be read. `bytes`: how far the
    end is in bytes, FAR where no way leads there; `most` is no less than any of `needs`.
    """

    def __init__(self, automaton: Automaton, spent: frozenset[str] = frozenset()) -> None:
        self._automaton, self._spent = automaton, spent
        self.count = len(automaton.kinds)
        self._best: dict[int, tuple[int, int]] = {}
        self.needs = [Need(FAR, 0)] * (self.count * (2 if spent else 1))
        self.bytes = [FAR] * len(self.needs)
        self._search()
        known = [need for need in self.needs if need.tokens < FAR]
        self.most = Need(max(need.tokens for need in known), max(need.spans for need in known))

    def behind(self, edge: Edge, state: int) -> int:
        """Where an edge leads from a state, spent names regarded."""
        if not self._spent:
            return edge.state
        names = [said.text for said in edge.said if said.name]
        spent = names[-1] in self._spent if names else state >= self.count
        return edge.state + self.count * spent

    def _search(self) -> None:
        into = self._into()
        far = self.bytes
        ends = range(0, len(far), self.count)
        queue = [(0, end) for end in ends]
        for end in ends:
            far[end] = 0
        while queue:
            distance, state = heapq.heappop(queue)
            if distance > far[state]:
                continue
            self.needs[state] = self._need(state)
            for source, cost, byte in into[state]:
                if distance + cost < far[source]:
                    far[source] = distance + cost
                    self._best[source] = (byte, state)
                    heapq.heappush(queue, (distance + cost, source))

    def _into(self) -> list[list[tuple[int, int, int]]]:
        """What leads to each state: from where, at what cost, by what byte (-1: a span or a free name)."""
        automaton, count = self._automaton, self.count
        into: list[list[tuple[int, int, int]]] = [[] for _ in self.needs]
        for state in range(len(self.needs)):
            for byte, edges in automaton.steps[state % count].items():
                for edge in edges:
                    into[self.behind(edge, state)].append((state, 1, byte))
            if state >= count and state % count in automaton.distinct:
                continue
            for edge in automaton.exits[state % count]:
                into[self.behind(edge, state)].append((state, 2, -1))
        return into

    def _need(self, state: int) -> Need:
        vocabulary, count = self._automaton.vocabulary, self.count
        if state % count == 0:
            return Need(0, 0)
        if not self._plain(state):
            behind = self.needs[self._best[state][1]]
            return Need(behind.tokens, behind.spans + 1)
        node, at, found = vocabulary.root, state, Need(FAR, 0)
        while at % count and self._plain(at):
            byte, target = self._best[at]
            kid = node.kids(vocabulary.ids).get(byte)
            if kid is None:
                break
            node, at = kid, target
            if node.ids and self.needs[at].tokens + 1 < found.tokens:
                found = Need(self.needs[at].tokens + 1, self.needs[at].spans)
        return found

    def _plain(self, state: int) -> bool:
        return not self._automaton.exits[state % self.count]
