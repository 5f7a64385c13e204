"""What a well-formed output is: a small description that each format gives and that a decoder can be held to.

A description says where a literal stands, where one of several, where a stretch of the source text. It knows no
tokens; `pointline.models.constrain` compiles it for a tokenizer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple, TypeAlias

import msgspec

from pointline.formats.problems import AMBIGUOUS, CannotHold
from pointline.text.locate import cuts_word, inside_word, occurrences
from pointline.text.normalize import clusters

FREE_NAME = 32
"""How many characters a name of an open level may have."""
NOT_IN_NAMES = frozenset(":;：；/／,，、<>＜＞\"'`“”「」\\|*!！.。")
"""What a name of an open level does not hold: the formats' marks and what readers take off names."""


class Literal(msgspec.Struct, frozen=True, tag=True):
    """A string as it stands. A `name` is one of the schema's: a label, a type, a relation."""

    text: str
    name: bool = False


class Span(msgspec.Struct, frozen=True, tag=True):
    """A stretch of the source, never empty.

    distinct: under one name (the last one said) a surface may stand no more often than it does in the source.
    """

    distinct: bool = False


class Free(msgspec.Struct, frozen=True, tag=True):
    """A name that the schema does not list: 1 to `most` characters without marks."""

    most: int = FREE_NAME


class Seq(msgspec.Struct, frozen=True, tag=True):
    """One part after another."""

    parts: tuple[Node, ...]


class Choice(msgspec.Struct, frozen=True, tag=True):
    """One of several."""

    ways: tuple[Node, ...]


class Repeat(msgspec.Struct, frozen=True, tag=True):
    """A part `least` to `most` times (None: any number), `between` two of them a literal."""

    part: Node
    least: int = 0
    most: int | None = None
    between: str = ""


Node: TypeAlias = Literal | Span | Free | Seq | Choice | Repeat


class Atom(NamedTuple):
    """What a span takes whole: a character with its combining marks.

    `opens`, `closes`: a span may begin or end here.
    """

    start: int
    end: int
    opens: bool
    closes: bool


class Source(msgspec.Struct, frozen=True, dict=True):
    """The text that spans are stretches of.

    barriers: offsets (code points) that no span covers, rising.
    edges: characters that no span begins or ends with, beside white space.
    whole_words: no span begins or ends inside a word of a script that writes spaces.
    quoted: spans stand in a JSON string.
    """

    text: str
    barriers: tuple[int, ...] = ()
    edges: str = ""
    whole_words: bool = True
    quoted: bool = False

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """The atoms that a span may hold, left to right; where one does not touch the next no span goes on.

        >>> [(a.start, a.opens, a.closes) for a in Source("it か\u3099;b", barriers=(5,)).atoms]
        [(0, True, False), (1, False, True), (2, False, False), (3, True, True), (6, True, True)]
        """
        kept: list[Atom] = []
        run: list[Atom] = []
        barred = set(self.barriers)
        behind = len(self.text) + 1
        for start, end in [*clusters(self.text), (behind, behind)]:
            lone = any("\ud800" <= char <= "\udfff" for char in self.text[start:end])
            barrier = lone or not barred.isdisjoint(range(start, end))
            if run and (barrier or run[-1].end != start):
                kept += _closed(run)
                run = []
            if start < end and not barrier:
                run.append(self._atom(start, end))
        return tuple(kept)

    @property
    def empty(self) -> bool:
        """True where no span is possible."""
        return not any(atom.opens for atom in self.atoms)

    def written(self, start: int, end: int) -> str:
        """How a stretch is written in the output."""
        part = self.text[start:end]
        return json.dumps(part, ensure_ascii=False)[1:-1] if self.quoted else part

    def _atom(self, start: int, end: int) -> Atom:
        char = self.text[start]
        if char.isspace() or char in self.edges:
            return Atom(start, end, False, False)
        if not self.whole_words:
            return Atom(start, end, True, True)
        return Atom(start, end, not inside_word(self.text, start), not inside_word(self.text, end))


def _closed(run: list[Atom]) -> list[Atom]:
    """The run up to its last atom that closes: no span begins where none can end."""
    last = max((i for i, atom in enumerate(run) if atom.closes), default=-1)
    return run[: last + 1]


class Grammar(NamedTuple):
    """What a well-formed output for one prompt is."""

    root: Node
    source: Source

    def bare(self) -> Grammar:
        """The same without the ways that hold a span; raises CannotHold where every way has one."""
        root = _without_spans(self.root)
        if root is None:
            raise CannotHold(AMBIGUOUS, "the text has no stretch that a span could be")
        return Grammar(root, self.source)


class Limits(msgspec.Struct, frozen=True):
    """How a format's grammar is drawn.

    whole_words: see Source.
    labels: how many text labels one output may have at most.
    """

    whole_words: bool = True
    labels: int = 8


LIMITS = Limits()


def grammar(root: Node, source: Source) -> Grammar:
    """A grammar whose every way can be walked to its end: where the text has no span, ways with spans are gone."""
    whole = Grammar(root, source)
    return whole.bare() if source.empty else whole


def literals(names: Iterable[str], open: bool) -> Node:
    """One of the schema's names, or any where the level is open."""
    ways: list[Node] = [Literal(name, name=True) for name in dict.fromkeys(names)]
    return Choice((*ways, Free())) if open else Choice(tuple(ways))


def barriers(text: str, banned: Iterable[str], whole_words: bool = False) -> tuple[int, ...]:
    """The last offset of every occurrence of a banned string; with `whole_words` of those that cut no word.

    >>> barriers("a;b :X; c", [";", ":X;"])
    (1, 6)
    """
    found: set[int] = set()
    for string in banned:
        for start, end in occurrences(text, string, limit=len(text)) if string in text else ():
            if not (whole_words and cuts_word(text, start, end)):
                found.add(end - 1)
    return tuple(sorted(found))


def refuse_names(names: Sequence[str], banned: Iterable[str]) -> None:
    """Raise CannotHold for a name that holds what the reader would take for a mark."""
    for string in banned:
        for name in names:
            if string in name:
                raise CannotHold(
                    AMBIGUOUS, f"the name {name!r} holds {string!r}: rename it (`pointline map`) or decode with --free"
                )


def _without_spans(node: Node) -> Node | None:
    if isinstance(node, Span):
        return None
    if isinstance(node, Seq):
        parts = [_without_spans(part) for part in node.parts]
        return None if None in parts else Seq(tuple(part for part in parts if part is not None))
    if isinstance(node, Choice):
        ways = tuple(way for way in map(_without_spans, node.ways) if way is not None)
        return Choice(ways) if ways else None
    if isinstance(node, Repeat):
        part = _without_spans(node.part)
        if part is None:
            return Literal("") if node.least == 0 else None
        return msgspec.structs.replace(node, part=part)
    return node
