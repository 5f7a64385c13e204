"""A grammar as an automaton over bytes: compiled once for a schema, whatever the text."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from pointline.errors import Refusal
from pointline.formats.grammar import Choice, Literal, Node, Repeat, Seq, Span
from pointline.models.constrain.vocabulary import Vocabulary
from pointline.models.constrain.ways import Need, Ways


class Kind(Enum):
    """What a state reads: the bytes of literals, a stretch of the source, or a free name."""

    PLAIN, SPAN, FREE = range(3)


class Said(NamedTuple):
    """A literal that an edge completes."""

    text: str
    name: bool


class Edge(NamedTuple):
    """Where it leads and what has been said when it is taken."""

    state: int
    said: tuple[Said, ...]


ACCEPT = 0
_KEPT = 64


class Automaton:
    """States with edges by byte; a state that reads a span or a name has `exits` instead.

    `start` are the edges into it, `needs[state]` how far the end is, `lead` the state before a text's own space
    (-1: there is none), `distinct` the states whose spans are counted. Raises Refusal where the tokenizer cannot
    write a literal. `entering`: the bytes by which a state leads into a counted span; `leaving`: what follows one.
    """

    def __init__(self, root: Node, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.kinds: list[Kind] = [Kind.PLAIN]
        self.most: list[int] = [0]
        self._silent: list[list[Edge]] = [[]]
        self._read: list[dict[int, int]] = [{}]
        self.lead = -1
        self.distinct: set[int] = set()
        first = self._build(root, ACCEPT)
        if vocabulary.leading_space:
            first = self._led(first)
        count = len(self.kinds)
        closed = [self._closure(state) for state in range(count)]
        self.steps: list[dict[int, tuple[Edge, ...]]] = [
            {byte: closed[target] for byte, target in edges.items()} for edges in self._read
        ]
        self.exits: list[tuple[Edge, ...]] = [
            () if kind is Kind.PLAIN else tuple(e for s in self._silent[i] for e in closed[s.state])
            for i, kind in enumerate(self.kinds)
        ]
        self.start = closed[first]
        self.leaving = {edge.state for state in self.distinct for edge in self.exits[state]}
        self.entering: dict[int, set[int]] = {}
        for state, steps in enumerate(self.steps):
            if found := {byte for byte, edges in steps.items() if any(e.state in self.distinct for e in edges)}:
                self.entering[state] = found
        self._spent: dict[frozenset[str], Ways] = {frozenset(): Ways(self)}
        self.needs: list[Need] = self._spent[frozenset()].needs

    def ways(self, spent: frozenset[str]) -> Ways:
        """The shortest ways where so many names have nothing left."""
        if spent not in self._spent:
            if len(self._spent) >= _KEPT:
                self._spent = {frozenset(): self._spent[frozenset()]}
            self._spent[spent] = Ways(self, spent)
        return self._spent[spent]

    def _state(self, kind: Kind = Kind.PLAIN, most: int = 0) -> int:
        self.kinds.append(kind)
        self.most.append(most)
        self._silent.append([])
        self._read.append({})
        return len(self.kinds) - 1

    def _led(self, first: int) -> int:
        """Texts of this tokenizer begin with a space of its own: it may be written, and says nothing."""
        self.lead = self._state()
        self._read[self.lead][32] = first
        either = self._state()
        self._silent[either] += [Edge(first, ()), Edge(self.lead, ())]
        return either

    def _build(self, node: Node, after: int) -> int:
        """The state in which a node begins that leads to `after`."""
        if isinstance(node, Literal):
            return self._literals([node], after)
        if isinstance(node, Seq):
            for part in reversed(node.parts):
                after = self._build(part, after)
            return after
        if isinstance(node, Choice):
            return self._choice(node, after)
        if isinstance(node, Repeat):
            return self._repeat(node, after)
        state = self._state(Kind.SPAN) if isinstance(node, Span) else self._state(Kind.FREE, node.most)
        self._silent[state].append(Edge(after, ()))
        if isinstance(node, Span) and node.distinct:
            self.distinct.add(state)
        return state

    def _choice(self, node: Choice, after: int) -> int:
        plain = [way for way in node.ways if isinstance(way, Literal)]
        others = [self._build(way, after) for way in node.ways if not isinstance(way, Literal)]
        state = self._literals(plain, after) if plain else self._state()
        if others and plain:
            both = self._state()
            self._silent[both] += [Edge(state, ()), *(Edge(other, ()) for other in others)]
            return both
        self._silent[state] += [Edge(other, ()) for other in others]
        return state

    def _literals(self, ways: list[Literal], after: int) -> int:
        """A trie of literals; raises Refusal for two names that the tokenizer writes alike."""
        root = self._state()
        for way in ways:
            at = root
            for byte in self.vocabulary.literal(way.text):
                if byte not in self._read[at]:
                    self._read[at][byte] = self._state()
                at = self._read[at][byte]
            said = (Said(way.text, way.name),) if way.text else ()
            if any(edge.said != said for edge in self._silent[at]):
                other = self._silent[at][0].said[0].text
                raise Refusal(
                    f"the model's tokenizer writes {way.text!r} and {other!r} alike; rename one (`pointline map`)"
                )
            self._silent[at] = [Edge(after, said)]
        return root

    def _repeat(self, node: Repeat, after: int) -> int:
        if node.most is None:
            again = self._state()
            more = self._build(node.part, again)
            self._silent[again] += [Edge(after, ()), Edge(self._between(node, more), ())]
            if node.least == 0 and not node.between:
                return again
            return self._counted(node, after, again, max(node.least, 1))
        return self._counted(node, after, after, node.most)

    def _counted(self, node: Repeat, after: int, behind: int, most: int) -> int:
        """`least` to `most` parts, then `behind`; where no more are needed `after` may follow at once."""
        entry = behind
        for done in range(most - 1, -1, -1):
            entry = self._build(node.part, entry)
            if done:
                entry = self._between(node, entry)
            if done >= node.least:
                either = self._state()
                self._silent[either] += [Edge(after, ()), Edge(entry, ())]
                entry = either
        return entry

    def _between(self, node: Repeat, state: int) -> int:
        return self._build(Literal(node.between), state) if node.between else state

    def _closure(self, state: int) -> tuple[Edge, ...]:
        """The states that read something, or the end, that `state` is without reading."""
        found: dict[int, Edge] = {}
        seen = {state}
        stack = [Edge(state, ())]
        while stack:
            at, said = stack.pop()
            if self._read[at] or self.kinds[at] is not Kind.PLAIN or at == ACCEPT:
                found.setdefault(at, Edge(at, said))
            if self.kinds[at] is Kind.PLAIN:
                for edge in self._silent[at]:
                    if edge.state not in seen:
                        seen.add(edge.state)
                        stack.append(Edge(edge.state, said + edge.said))
        return tuple(found[at] for at in sorted(found))
