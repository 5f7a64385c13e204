"""What the flat formats share: one output line cut into labels and blocks of points, the best reading chosen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from pointline.formats.ask import Ask
from pointline.formats.cut import BROKEN, SLIGHT
from pointline.formats.grammar import (
    Grammar,
    Limits,
    Literal,
    Node,
    Repeat,
    Seq,
    Source,
    barriers,
    grammar,
    literals,
    refuse_names,
)
from pointline.formats.ground import Ground
from pointline.formats.law import require
from pointline.formats.points import Block, Points
from pointline.formats.problems import (
    EMPTY_LABEL,
    EMPTY_OUTPUT,
    LABEL_NORMALISED,
    LABEL_OUTSIDE_SCHEMA,
    UNKNOWN_LABEL,
    CannotHold,
    Notes,
)
from pointline.formats.words import LEVEL_TASK, TASK_LEVEL
from pointline.formats.wrapping import views
from pointline.sample import Sample
from pointline.schema import Level
from pointline.text.normalize import fold_name

MARKS = re.compile(r"[:;/,<>\n]")
WORST = 10**9
WORK = 200_000
"""How many characters are read again in other ways before the best so far is taken."""


class Split(NamedTuple):
    """One way to see an output: its labels, the block of each level, what that view cost and what was wrong."""

    labels: list[str]
    blocks: dict[Level, str]
    cost: int
    problems: tuple[str, ...]


class Reading(NamedTuple):
    """A split with its blocks read."""

    labels: list[str]
    blocks: dict[Level, Block]
    cost: int
    problems: tuple[str, ...]


class Written(NamedTuple):
    """The word level of a completion: the string, the levels it answers, its spans, its names from open levels."""

    string: str
    levels: tuple[Level, ...]
    spans: list[str]
    open_names: list[str]


Splitter: TypeAlias = Callable[[str], Iterable[Split]]


class Flat:
    """The reading and writing that the flat formats share, bound to a question.

    `splitter` sees an output in every way its format allows; `plain` finds what may make a name or span ambiguous.
    """

    def __init__(self, ask: Ask, splitter: Splitter, plain: re.Pattern[str] = MARKS) -> None:
        self.ask = ask
        self.levels = ask.levels()
        self.points: dict[Level, Points] = {lv: Points(lv, ask.schema) for lv in self.levels if lv != "labels"}
        self.labels = ask.schema.names("labels") or ()
        self.known = frozenset(self.labels)
        self.open = "labels" in ask.schema.open
        self._splitter = splitter
        self._folds: dict[str, str | None] = {}
        for label in self.labels:
            key = _fold_label(label)
            self._folds[key] = None if key in self._folds else label
        self._marks = plain
        self._safe = not any(plain.search(name) for level in self.levels for name in ask.schema.names(level) or ())

    def label_list(self, sample: Sample) -> list[str]:
        """The labels to write; raises CannotHold for one outside the schema."""
        labels = sample.labels or [] if "labels" in self.levels else []
        for label in labels:
            if label not in self.known and not self.open:
                raise CannotHold(LABEL_OUTSIDE_SCHEMA, repr(label))
            if not label:
                raise CannotHold(EMPTY_LABEL, "a label is ''")
        return labels

    def check(self, sample: Sample, completion: str, written: Written) -> None:
        """Raise CannotHold where reading `completion` does not give the sample back.

        Where no name and no span holds a mark and all spans stand in the text, the reading is forced: none is done.
        """
        text = sample.text
        free = self._marks.search
        known = self._safe and not any(free(name) for name in written.open_names)
        if known and all(span in text and not free(span) for span in written.spans):
            return
        require(sample, self.read(completion, text), written.levels)

    def write(self, sample: Sample, tasks: tuple[str, ...], words: list[str], frame: str) -> Written:
        """Each task's word and points, `frame` being the marks around the word as in `/{}/`."""
        levels: list[Level] = ["labels"] if "labels" in self.levels else []
        spans: list[str] = []
        names: list[str] = [] if not self.open else list(sample.labels or ())
        string = ""
        for task, word in zip(tasks, words, strict=True):
            points = self.points[TASK_LEVEL[task]]
            items = points.items(sample)
            string += frame.format(word) + points.write(items)
            levels.append(points.level)
            at = 0 if points.level == "entities" else 1
            for item in items:
                spans += item[:at] + item[at + 1 :]
                if points.names.open:
                    names.append(item[at])
        return Written(string, tuple(levels), spans, names)

    def grammar(
        self, sample: Sample, head: Node | None, blocks: list[tuple[str, Level]], limits: Limits, header: str = ""
    ) -> Grammar:
        """The labels' node and each block's word and points as one description.

        `header`: what stands before an instruction word; no name and no span holds it with a word of another level,
        which the reader would take for that level's beginning.
        """
        levels = [level for _, level in blocks]
        banned = self._headers(levels, header) if header != "" or any(word for word, _ in blocks) else []
        names = [name for level in levels for name in self.points[level].names.all]
        refuse_names([*names, *(self.labels if head is not None else ())], banned)
        parts = [] if head is None else [head]
        for word, level in blocks:
            parts += [Literal(word), self.points[level].grammar()]
            banned += self.points[level].banned()
        edges = ":" if set(levels) - {"entities"} else ""
        source = Source(sample.text, barriers(sample.text, banned), edges, limits.whole_words)
        return grammar(Seq(tuple(parts)), source)

    def _headers(self, levels: list[Level], header: str) -> list[str]:
        """What would be read as the beginning of a level: where one closed level is asked, another's words only."""
        readable = {level: self.ask.words.readable(level) for level in LEVEL_TASK}
        own = readable[levels[0]] if len(levels) == 1 and not self.ask.schema.open else ()
        words = dict.fromkeys(word for row in readable.values() for word in row if levels and word not in own)
        return [header + word for word in words]

    def labels_node(self, limits: Limits, banned: str, frame: tuple[str, str] = ("", ""), between: str = "") -> Node:
        """One label or several; a label that holds what is `banned` cannot be written and is left out."""
        held = [label for label in self.labels if label.strip() and not any(char in label for char in banned)]
        if not held and not self.open:
            raise CannotHold(LABEL_OUTSIDE_SCHEMA, f"the schema has no text label without {banned!r}")
        label = literals(held, self.open)
        most = limits.labels if self.open else min(limits.labels, len(held))
        part = Seq((Literal(frame[0]), label, Literal(frame[1]))) if frame[0] else label
        return Repeat(part, 1, most, between)

    def read(self, raw: str, text: str, id: str = "") -> Sample:
        """The best reading of an output as a sample; never raises."""
        notes = Notes()
        best = self._best(raw, text)
        if not raw.strip() and (best.cost or "labels" in self.levels):
            notes.add(EMPTY_OUTPUT)
        notes.add(*best.problems)
        ground = Ground(text, self.ask.schema, notes)
        sample = Sample(id, text, raw=raw)
        for level in self.levels:
            self._fill(sample, level, best, ground)
        if ground.said:
            sample.meta["said"] = ground.said
        sample.problems = notes.found()
        return sample

    def _fill(self, sample: Sample, level: Level, best: Reading, ground: Ground) -> None:
        if level == "labels":
            sample.labels = best.labels
            return
        items = best.blocks[level].items if level in best.blocks else []
        if level == "entities":
            sample.entities = ground.entities(items)
        elif level == "relations":
            sample.relations = [ground.relation(head, kind, tail) for head, kind, tail in items]
        else:
            sample.events = [ground.quadruple(*item) for item in items]

    def _best(self, raw: str, text: str) -> Reading:
        best = Reading([], {}, WORST, ())
        work = 0
        for view, lost, problems in views(raw):
            for split in self._splitter(view):
                work += len(view) + 100
                if work > WORK and best.cost < WORST:
                    return best
                reading = self._read_split(split, text, problems)
                cost = reading.cost + lost
                if cost < best.cost:
                    best = reading._replace(cost=cost)
                if cost == 0:
                    return best
        return best

    def _read_split(self, split: Split, text: str, problems: tuple[str, ...]) -> Reading:
        blocks = {level: self.points[level].read(block, text) for level, block in split.blocks.items()}
        labels, cost, found = self._read_labels(split.labels)
        cost += split.cost + sum(block.cost for block in blocks.values())
        more = tuple(problem for block in blocks.values() for problem in block.problems)
        return Reading(labels, blocks, cost, (*problems, *split.problems, *found, *more))

    def _read_labels(self, said: list[str]) -> tuple[list[str], int, tuple[str, ...]]:
        if self.known.issuperset(said):
            return said, 0, ()
        labels: list[str] = []
        problems: dict[str, None] = {}
        cost = 0
        for label in said:
            meant = label if label in self.known else self._folds.get(_fold_label(label))
            if meant is None:
                cost += SLIGHT if self.open else BROKEN
                if not self.open:
                    problems[UNKNOWN_LABEL] = None
            elif meant != label:
                cost += SLIGHT
                problems[LABEL_NORMALISED] = None
            labels.append(label if meant is None else meant)
        return [label for label in labels if label.strip()], cost, tuple(problems)


def _fold_label(label: str) -> str:
    return fold_name(label.strip().strip(".。!！*\"'“”「」<>"))
