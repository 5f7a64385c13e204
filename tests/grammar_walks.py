"""Random walks through a grammar: strings that it allows, with the names and spans they hold."""

from __future__ import annotations

import random

from pointline.formats.grammar import Choice, Free, Grammar, Literal, Node, Repeat, Seq, Source, Span

Pick = tuple[str, str]
"""("name" | "span" | "literal", what stands there, unescaped)."""


def walk(grammar: Grammar, rng: random.Random) -> tuple[str, list[Pick]]:
    """One string of the grammar and what was picked, left to right."""
    out: list[str] = []
    picks: list[Pick] = []
    _walk(grammar.root, grammar.source, rng, out, picks)
    return "".join(out), picks


def spans(source: Source) -> list[tuple[int, int]]:
    """Every span that a source allows, as offsets."""
    found = []
    atoms = source.atoms
    for i, first in enumerate(atoms):
        if not first.opens:
            continue
        for j in range(i, len(atoms)):
            if j > i and atoms[j].start != atoms[j - 1].end:
                break
            if atoms[j].closes:
                found.append((first.start, atoms[j].end))
    return found


def _walk(node: Node, source: Source, rng: random.Random, out: list[str], picks: list[Pick]) -> None:
    if isinstance(node, Literal):
        out.append(node.text)
        picks.append(("name" if node.name else "literal", node.text))
    elif isinstance(node, Span):
        start, end = rng.choice(spans(source))
        out.append(source.written(start, end))
        picks.append(("span", source.text[start:end]))
    elif isinstance(node, Free):
        said = "".join(rng.choice("abZ 東é-") for _ in range(rng.randint(1, 4))).strip() or "q"
        out.append(said)
        picks.append(("name", said))
    elif isinstance(node, Seq):
        for part in node.parts:
            _walk(part, source, rng, out, picks)
    elif isinstance(node, Choice):
        _walk(rng.choice(node.ways), source, rng, out, picks)
    elif isinstance(node, Repeat):
        most = node.least + 3 if node.most is None else min(node.most, node.least + 3)
        for i in range(rng.randint(node.least, most)):
            if i:
                out.append(node.between)
            _walk(node.part, source, rng, out, picks)
