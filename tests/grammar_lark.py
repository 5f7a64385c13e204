"""A grammar as one regular expression in llguidance's dialect of Lark: an oracle for our own engine."""

from __future__ import annotations

import json

from pointline.formats.grammar import Choice, Grammar, Literal, Node, Repeat, Seq, Source, Span


def as_lark(grammar: Grammar) -> str:
    """The whole output as one terminal; spans of runs that no barrier cuts, their edges as alternatives."""
    lines = [f"SPAN: {_spans(grammar.source)}", f"OUT: {_node(grammar.root)}", "start: OUT"]
    return "\n".join(lines)


def _spans(source: Source) -> str:
    """Every span listed: slow and plain, which is what an oracle should be."""
    atoms, found = source.atoms, {}
    for i, first in enumerate(atoms):
        for j in range(i, len(atoms) if first.opens else i):
            if j > i and atoms[j].start != atoms[j - 1].end:
                break
            if atoms[j].closes:
                found[source.written(first.start, atoms[j].end)] = None
    return " | ".join(_quoted(span) for span in found)


def _quoted(said: str) -> str:
    return json.dumps(said, ensure_ascii=False)


def _node(node: Node) -> str:
    if isinstance(node, Literal):
        return _quoted(node.text)
    if isinstance(node, Span):
        return "SPAN"
    if isinstance(node, Seq):
        return "(" + " ".join(_node(part) for part in node.parts if part != Literal("")) + ")"
    if isinstance(node, Choice):
        return "(" + " | ".join(_node(way) for way in node.ways) + ")"
    assert isinstance(node, Repeat)
    part = _node(node.part)
    if not node.between:
        return f"{part}*" if node.most is None else f"{part}{{{node.least},{node.most}}}"
    assert node.most is not None
    return f"({part} ({_quoted(node.between)} {part}){{{max(node.least - 1, 0)},{node.most - 1}}})"
