"""The template language: `{slot}`, `{slot#key:mark}`, `{=words:mark}` and `[this|that|]`, rendered with offsets.

`{slot}` draws a value of a word list, which may hold markup itself; `:mark` annotates what was drawn; `#key` draws once
and repeats the same words wherever the key stands again. `[a|b|]` takes one of its branches, an empty one included.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple, TypeAlias

from pointline.errors import PointlineError

PART = re.compile(r"\{(?P<literal>=)?(?P<name>[^{}#:]+)(?:#(?P<key>\w+))?(?::(?P<mark>[\w@&-]+))?\}|(?P<edge>[\[\]|])")
BRACES = re.compile(r"\{[^=][^}]*\}")
LATE_SHARE = 0.5

Slots: TypeAlias = Mapping[str, Sequence[str]]


class Mark(NamedTuple):
    """An annotated stretch of a rendered text: code points, half-open."""

    start: int
    end: int
    name: str
    key: str | None


class Rendered(NamedTuple):
    """A text and its marks in the order in which they end."""

    text: str
    marks: tuple[Mark, ...] = ()


class Slot(NamedTuple):
    """`{name#key:mark}`; with `literal` the name itself is the text."""

    name: str
    literal: bool
    key: str | None
    mark: str | None


Node: TypeAlias = "str | Slot | Choice"


class Choice(NamedTuple):
    """`[a|b]`: one branch is taken."""

    branches: tuple[tuple[Node, ...], ...]


@cache
def parse(template: str) -> tuple[Node, ...]:
    """Read a template; raises PointlineError on brackets that do not match.

    >>> parse("a [b|]{who:person}")[2]
    Slot(name='who', literal=False, key=None, mark='person')
    """
    stack: list[list[list[Node]]] = [[[]]]
    end = 0
    for found in PART.finditer(template):
        if found.start() > end:
            stack[-1][-1].append(_plain(template[end : found.start()]))
        end = found.end()
        if found["edge"] == "[":
            stack.append([[]])
        elif found["edge"] == "|":
            stack[-1].append([])
        elif found["edge"] == "]":
            branches = stack.pop()
            if not stack:
                break
            stack[-1][-1].append(Choice(tuple(tuple(branch) for branch in branches)))
        else:
            stack[-1][-1].append(Slot(found["name"], bool(found["literal"]), found["key"], found["mark"]))
    if len(stack) != 1 or len(stack[0]) != 1:
        raise PointlineError(f"brackets do not match in the template {template!r}")
    rest = _plain(template[end:])
    return (*stack[0][0], *([rest] if rest else []))


def _plain(text: str) -> str:
    if "{" in text or "}" in text:
        raise PointlineError(f"a brace is left over in the template near {text!r}")
    return text


@dataclass
class Renderer:
    """Renders one sentence: holds what was drawn, so that names differ unless a key asks for the same again.

    `late` holds values that only the held-out splits see; without it they are never drawn.

    >>> Renderer(random.Random(0), {"who": ["Oona"]}).render("Ask {who:person}!")
    Rendered(text='Ask Oona!', marks=(Mark(start=4, end=8, name='person', key=None),))
    """

    rng: random.Random
    slots: Slots
    late: Slots = field(default_factory=dict)
    _drawn: dict[str, set[str]] = field(default_factory=dict)
    _kept: dict[tuple[str, str], Rendered] = field(default_factory=dict)

    def render(self, template: str) -> Rendered:
        """Render a template; raises PointlineError for a slot that no list fills."""
        return self._sequence(parse(template))

    def _sequence(self, nodes: Sequence[Node]) -> Rendered:
        text, marks = "", []
        for node in nodes:
            piece = self._node(node)
            marks += [m._replace(start=m.start + len(text), end=m.end + len(text)) for m in piece.marks]
            text += piece.text
        return Rendered(text, tuple(marks))

    def _node(self, node: Node) -> Rendered:
        if isinstance(node, str):
            return Rendered(node)
        if isinstance(node, Choice):
            return self._sequence(self.rng.choice(node.branches))
        words = Rendered(node.name) if node.literal else self._fill(node.name, node.key)
        if node.mark is None:
            return words
        return Rendered(words.text, (*words.marks, Mark(0, len(words.text), node.mark, node.key)))

    def _fill(self, name: str, key: str | None) -> Rendered:
        if key is not None and (name, key) in self._kept:
            return self._kept[name, key]
        words = self.render(self._draw(name))
        if key is not None:
            self._kept[name, key] = words
        return words

    def _draw(self, name: str) -> str:
        if name not in self.slots:
            raise PointlineError(f"no word list fills the slot {name!r}")
        late = self.late.get(name)
        pool = late if late and self.rng.random() < LATE_SHARE else self.slots[name]
        drawn = self._drawn.setdefault(name, set())
        value = self.rng.choice([value for value in pool if value not in drawn] or list(pool))
        if any(map(str.isalnum, BRACES.sub("", value))):  # a pattern of slots alone may come again
            drawn.add(value)
        return value
