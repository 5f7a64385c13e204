"""Algorithm 1 of the MMM paper to the letter: a second reader, for comparison with the search.

No schema, no text: the output is cut at the first instruction word, then at every `:` and every `;`.
"""

from __future__ import annotations

from pointline.formats.ask import Ask
from pointline.formats.ground import Ground
from pointline.formats.problems import MISSING_INSTRUCTION_WORD, PAPER_TUPLE, Notes
from pointline.sample import Sample
from pointline.schema import Level


def parse_output(output: str, instruct_word: str, is_tcree: bool) -> tuple[str, set[tuple[str, ...]]]:
    """PARSE_OUTPUT of the paper (appendix, Algorithm 1).

    >>> label, pairs = parse_output("news/NER/:PER;Bob:TIME;10:30", "/NER/", False)
    >>> label, sorted(pairs)
    ('news', [('30',), ('PER', 'Bob'), ('TIME', '10')])
    >>> parse_output("IT/relation extraction/:a;r;b:", "/relation extraction/", True)
    ('IT', {(':a', 'r', 'b:')})
    """
    if instruct_word not in output:
        return "", set()
    text_label, rest = output.split(instruct_word, 1)
    pieces = [rest.strip()] if is_tcree else [piece.strip() for piece in rest.split(":") if piece]
    return text_label.strip(), {tuple(piece.split(";")) for piece in pieces}


class Paper:
    """The reader bound to a question; `bare` looks for the word itself in place of `/{IW}/`.

    Tuples of another width than the level has are dropped and noted (`paper_tuple`); the outer colons of a triple
    are taken off, which changes no comparison.

    >>> from pointline.schema import Schema
    >>> reader = Paper(Ask(Schema().label("topic", ["news"]).entities(["PER"])))
    >>> reader.decode("news/NER/:PER;Bob:PER;Bob", "Bob").labels
    ['news']
    """

    def __init__(self, ask: Ask, bare: bool = False) -> None:
        self._ask = ask
        self._levels = ask.levels()
        frame = "{}" if bare else "/{}/"
        word_levels: list[Level] = [level for level in self._levels if level != "labels"]
        self._words = [(level, frame.format(w)) for level in word_levels for w in ask.words.readable(level)]

    def decode(self, raw: str, text: str, id: str = "") -> Sample:
        """What the algorithm reads; never raises."""
        notes = Notes()
        sample = Sample(id, text, raw=raw)
        for level in self._levels:
            setattr(sample, level, [])
        present = [(level, word) for level, word in self._words if word in raw]
        if present:
            level, word = min(present, key=lambda found: (raw.index(found[1]), -len(found[1])))
            label, tuples = parse_output(raw, word, level != "entities")
            if sample.labels is not None and label:
                sample.labels = [label]
            self._fill(sample, level, _in_order(tuples, raw), notes)
        elif self._words:
            notes.add(MISSING_INSTRUCTION_WORD)
        elif sample.labels is not None and raw.strip():
            sample.labels = [raw.strip()]
        sample.problems = notes.found()
        return sample

    def _fill(self, sample: Sample, level: Level, tuples: list[tuple[str, ...]], notes: Notes) -> None:
        ground = Ground(sample.text, self._ask.schema, notes, snap=False)
        width = {"entities": 2, "relations": 3, "events": 4}[level]
        if level != "entities":
            tuples = [
                (row[0].removeprefix(":"), *row[1:-1], row[-1].removesuffix(":")) for row in tuples if len(row) > 1
            ]
        good = [row for row in tuples if len(row) == width and row[0] + row[-1]]
        if len(good) < len(tuples):
            notes.add(PAPER_TUPLE)
        if level == "entities":
            sample.entities = ground.entities([row for row in good if row[1]])
        elif level == "relations":
            sample.relations = [ground.relation(row[0], row[1], row[2]) for row in good if row[0] and row[2]]
        else:
            sample.events = [ground.quadruple(*row) for row in good]


def _in_order(tuples: set[tuple[str, ...]], raw: str) -> list[tuple[str, ...]]:
    """A set has no order: the output's, so that the same output gives the same sample."""
    return sorted(tuples, key=lambda row: (raw.find(";".join(row)), row))
