"""Grammars compiled for one tokenizer, each schema's automaton kept."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from pointline.formats.grammar import Grammar, Node
from pointline.models.constrain.automaton import Automaton
from pointline.models.constrain.distinct import DistinctRow
from pointline.models.constrain.row import Row
from pointline.models.constrain.stretches import Stretches
from pointline.models.constrain.vocabulary import Vocabulary

_KEPT = 64


class Grounder:
    """Compiles grammars for a tokenizer; raises Refusal where it cannot write what a format or schema needs."""

    def __init__(self, tokenizer: Any, rows: int | None = None) -> None:
        self.vocabulary = Vocabulary(tokenizer, rows)
        self._automata: OrderedDict[Node, Automaton] = OrderedDict()

    def row(self, grammar: Grammar) -> Row:
        """A grammar ready to follow one output."""
        stretches = Stretches(grammar.source, self.vocabulary)
        root = grammar.root
        if not stretches.opens:
            root = grammar.bare().root
        if root not in self._automata:
            self._automata[root] = Automaton(root, self.vocabulary)
            if len(self._automata) > _KEPT:
                self._automata.popitem(last=False)
        self._automata.move_to_end(root)
        automaton = self._automata[root]
        if automaton.distinct:
            return DistinctRow(automaton, stretches, grammar.source.text)
        return Row(automaton, stretches)
