"""A format's grammar in GBNF, which llama.cpp, xgrammar and llguidance read: spans are stretches of the text itself."""

from __future__ import annotations

from pointline.formats.grammar import NOT_IN_NAMES, Atom, Choice, Grammar, Literal, Node, Repeat, Seq, Source, Span


def gbnf(grammar: Grammar) -> str:
    """The grammar as text, its first rule `root`; a text of n words gives about n rules.

    >>> from pointline.formats.grammar import Grammar, Literal, Seq, Source, Span
    >>> print(gbnf(Grammar(Seq((Literal("X;"), Span())), Source("red fox"))))
    root ::= "X;" span
    at0 ::= "red" at1?
    at1 ::= " fox"
    at2 ::= "fox"
    span ::= at0 | at2
    """
    writer = _Writer(grammar.source)
    root = writer.node(grammar.root)
    return "\n".join([f"root ::= {root}", *writer.rules])


class _Writer:
    def __init__(self, source: Source) -> None:
        self.rules: list[str] = []
        self._source = source
        self._spanned = False
        self._repeats = 0

    def node(self, node: Node) -> str:
        """The right-hand side for a node; rules that it needs are put down on the way."""
        if isinstance(node, Literal):
            return _quoted(node.text)
        if isinstance(node, Span):
            self._spans()
            return "span"
        if isinstance(node, Seq):
            return " ".join(self._one(part) for part in node.parts if part != Literal("")) or '""'
        if isinstance(node, Choice):
            return " | ".join(self._one(way) for way in node.ways)
        if isinstance(node, Repeat):
            return self._repeat(node)
        marks = "".join(f"\\{mark}" if mark in '\\"' else mark for mark in sorted(NOT_IN_NAMES))
        return f"[^{marks}\\n\\r\\t]{{1,{node.most}}}"

    def _one(self, node: Node) -> str:
        said = self.node(node)
        loose = isinstance(node, Choice) or (isinstance(node, Repeat) and bool(node.between))
        return f"({said})" if loose else said

    def _repeat(self, node: Repeat) -> str:
        """A repeated part is a rule of its own, as it stands twice where a literal goes between."""
        self._repeats += 1
        name = f"part{self._repeats}"
        self.rules.append(f"{name} ::= {self.node(node.part)}")
        if not node.between:
            return name + _times(node.least, node.most)
        most = None if node.most is None else node.most - 1
        more = f"({_quoted(node.between)} {name}){_times(max(node.least - 1, 0), most)}" if most != 0 else ""
        return f"{name} {more}".rstrip() if node.least else f"({name} {more})?"

    def _spans(self) -> None:
        """One rule for each place where a span begins or goes on: to the next place where it may end, and on."""
        if self._spanned:
            return
        self._spanned = True
        atoms = self._source.atoms
        starts = [i for i, atom in enumerate(atoms) if atom.opens]
        names = {i: f"at{n}" for n, i in enumerate(sorted({*starts, *self._goes_on(atoms)}))}
        for i, name in names.items():
            last = next(j for j in range(i, len(atoms)) if atoms[j].closes)
            said = _quoted(self._source.written(atoms[i].start, atoms[last].end))
            more = f" {names[last + 1]}?" if last + 1 in names and _touch(atoms, last) else ""
            self.rules.append(f"{name} ::= {said}{more}")
        self.rules.append(f"span ::= {' | '.join(names[i] for i in starts)}")

    def _goes_on(self, atoms: tuple[Atom, ...]) -> list[int]:
        return [i + 1 for i, atom in enumerate(atoms) if atom.closes and _touch(atoms, i)]


def _touch(atoms: tuple[Atom, ...], i: int) -> bool:
    return i + 1 < len(atoms) and atoms[i].end == atoms[i + 1].start


def _times(least: int, most: int | None) -> str:
    known = {(0, None): "*", (1, None): "+", (0, 1): "?"}
    return known.get((least, most)) or f"{{{least},{'' if most is None else most}}}"


def _quoted(said: str) -> str:
    """A literal; the readers of GBNF know fewer escapes than JSON has."""
    return '"' + "".join(_ESCAPES.get(char) or (char if char >= " " else f"\\x{ord(char):02x}") for char in said) + '"'


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
