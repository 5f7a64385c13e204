"""From the tokens of a grounded output back to the string that it stands for, in the raw text's characters.

A tokenizer may write characters in another form (NFKC) or not at all (the unknown token); the automaton knows which
stretch of the raw text was meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pointline.formats.grammar import Source
from pointline.models.constrain.automaton import ACCEPT, Edge, Kind
from pointline.models.constrain.row import Row


class Part(NamedTuple):
    """A part of an output: what it says, and the tokens `first` to `last` (half-open) that write it.

    kind: "name" (of the schema, or free), "span" or "literal".
    """

    kind: str
    text: str
    first: int
    last: int


class _Step(NamedTuple):
    """At byte `at` of the output in `state`; in a span before byte `place` of the source (-1: not begun)."""

    at: int
    state: int
    place: int


def replay(row: Row, source: Source, ids: Sequence[int]) -> tuple[str, list[Part]] | None:
    """The string and its parts; None where the tokens are no whole output of the grammar.

    Where the same tokens could stand for several stretches the first in the text is meant.
    """
    vocabulary = row.automaton.vocabulary
    owner: list[int] = []
    data = b""
    for i, id in enumerate(ids):
        piece = vocabulary.bytes.get(id, b"")
        owner += [i] * len(piece)
        data += piece
    path = _path(row, data)
    return None if path is None else _said(row, source, data, path, [*owner, len(ids)])


def _path(row: Row, data: bytes) -> list[tuple[_Step, Edge | None]] | None:
    """One way through the automaton, depth first; each step is tried once."""
    stack: list[tuple[_Step, Edge | None, int]] = []
    stack += [(_Step(0, edge.state, -1), edge, -1) for edge in reversed(row.automaton.start)]
    seen: set[_Step] = set()
    came: list[tuple[_Step, Edge | None, int]] = []
    while stack:
        step, edge, parent = stack.pop()
        if step in seen:
            continue
        seen.add(step)
        came.append((step, edge, parent))
        me = len(came) - 1
        if step.state == ACCEPT:
            if step.at == len(data):
                return _back(came, me)
            continue
        stack += [(after, taken, me) for after, taken in reversed(_next(row, data, step))]
    return None


def _back(came: list[tuple[_Step, Edge | None, int]], at: int) -> list[tuple[_Step, Edge | None]]:
    path = []
    while at >= 0:
        step, edge, at = came[at]
        path.append((step, edge))
    return path[::-1]


def _next(row: Row, data: bytes, step: _Step) -> list[tuple[_Step, Edge | None]]:
    automaton, stretches = row.automaton, row.stretches
    at, state, place = step
    if at == len(data):
        return []
    kind = automaton.kinds[state]
    if kind is Kind.PLAIN:
        return [(_Step(at + 1, e.state, -1), e) for e in automaton.steps[state].get(data[at], ())]
    if kind is Kind.FREE:
        on: list[tuple[_Step, Edge | None]] = [(_Step(at + 1, state, 0), None)]
        return [*((_Step(at + 1, e.state, -1), e) for e in automaton.exits[state]), *on]
    if place < 0:
        return [(_Step(at, state, p), None) for p in _bits(stretches.opens & stretches.places.get(data[at], 0))]
    if stretches.data[place] != data[at]:
        return []
    found: list[tuple[_Step, Edge | None]] = []
    if stretches.ends[place + 1]:
        found += [(_Step(at + 1, e.state, -1), e) for e in automaton.exits[state]]
    if stretches.goes_on[place + 1]:
        found.append((_Step(at + 1, state, place + 1), None))
    return found


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _said(
    row: Row, source: Source, data: bytes, path: list[tuple[_Step, Edge | None]], owner: list[int]
) -> tuple[str, list[Part]]:
    parts: list[Part] = []
    out: list[str] = []
    begun = opened = 0
    before: _Step | None = None
    kinds, stretches = row.automaton.kinds, row.stretches
    for step, edge in path:
        kind = Kind.PLAIN if before is None else kinds[before.state]
        if step.place >= 0 and kinds[step.state] is Kind.SPAN and (before is None or before.place < 0):
            begun, opened = step.at, step.place
        elif edge is not None and before is not None and kind is not Kind.PLAIN:
            if kind is Kind.SPAN:
                start, end = stretches.begin[opened], stretches.end[before.place + 1]
                out.append(source.written(start, end))
                said = ("span", source.text[start:end])
            else:
                out.append(data[begun : step.at].decode("utf-8", "replace").strip())
                said = ("name", out[-1])
            parts.append(Part(*said, owner[begun], owner[step.at - 1] + 1))
            begun = step.at
        for text, name in edge.said if edge is not None else ():
            out.append(text)
            parts.append(Part("name" if name else "literal", text, owner[begun], owner[step.at - 1] + 1))
            begun = step.at
        before = step
    return "".join(out), parts
