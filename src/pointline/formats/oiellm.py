"""The OIELLM format: `{text}/{IW}` in, `{label}/{IW}/:{type};{entity}...` out (MMM paper, Figures 5, 9 and 10)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pointline.formats.ask import Ask, lang_of, pair, tasks_of
from pointline.formats.cut import BROKEN, SLIGHT, UNKNOWN
from pointline.formats.fast import FastPoints
from pointline.formats.flat import Flat, Split
from pointline.formats.grammar import LIMITS, Grammar, Limits
from pointline.formats.headers import Header, Headers, blocks_of
from pointline.formats.problems import (
    COMMA_IN_LABEL,
    LEVEL_NOT_ASKED,
    MISSING_INSTRUCTION_WORD,
    WRONG_MARKS,
    CannotHold,
)
from pointline.formats.words import TASK_LEVEL
from pointline.sample import Pair, Sample
from pointline.schema import Level

MARK = re.compile("[:：]")


class Oiellm:
    """The OIELLM format bound to a question.

    >>> from pointline.schema import Schema
    >>> from pointline.sample import Entity
    >>> codec = Oiellm(Ask(Schema().label("topic", ["news"]).entities(["TIME"])))
    >>> [pair] = codec.encode(Sample("1", "at 10:30", labels=["news"], entities=[Entity("TIME", "10:30", 3, 8)]))
    >>> pair.prompt, pair.completion
    ('at 10:30/NER', 'news/NER/:TIME;10:30')
    >>> codec.decode(pair.completion, "at 10:30").entities[0].start
    3
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._flat = Flat(ask, self._splits)
        self._headers = Headers(ask.words, "/IW:?/")
        self._loose = Headers(ask.words, "[/／]?[ \t]*IW[ \t]*[:：]?[ \t]*[/／]?", re.IGNORECASE)
        self._fast = FastPoints(ask)

    def prompts(self, sample: Sample) -> list[Pair]:
        """The prompt of a sample."""
        tasks = tasks_of(sample, self._ask, answered=False)
        return [pair(sample, tasks, "/".join([sample.text, *self._words(sample, tasks)]), "")]

    def encode(self, sample: Sample) -> list[Pair]:
        """The pair of a sample; raises CannotHold where it would be read otherwise."""
        tasks = tasks_of(sample, self._ask)
        labels = self._flat.label_list(sample)
        for label in labels:
            if "," in label:
                raise CannotHold(COMMA_IN_LABEL, repr(label))
        words = self._words(sample, tasks)
        written = self._flat.write(sample, tasks, words, "/{}/")
        completion = ",".join(labels) + written.string
        self._flat.check(sample, completion, written)
        return [pair(sample, tasks, "/".join([sample.text, *words]), completion)]

    def decode(self, raw: str, text: str, id: str = "") -> Sample:
        """What an output says about a text; never raises."""
        return self._fast.read(raw, text, id) or self._flat.read(raw, text, id)

    def grammar(self, sample: Sample, limits: Limits = LIMITS) -> list[Grammar]:
        """What a well-formed output is: `{label}/{IW}/{points}`; raises CannotHold."""
        tasks = tasks_of(sample, self._ask, answered=False)
        head = self._flat.labels_node(limits, ",", between=",") if "labels" in self._flat.levels else None
        words = zip(self._words(sample, tasks), tasks, strict=True)
        blocks = [(f"/{word}/", TASK_LEVEL[task]) for word, task in words]
        return [self._flat.grammar(sample, head, blocks, limits, "/")]

    def _words(self, sample: Sample, tasks: tuple[str, ...]) -> list[str]:
        if not tasks:
            return []
        lang = lang_of(sample, self._ask)
        return [self._ask.words.word(task, lang) for task in tasks]

    def _splits(self, raw: str) -> Iterator[Split]:
        if self._flat.levels in ((), ("labels",)):
            yield self._split(raw, {}, 0, ())
        found = False
        for chosen, unused in self._headers.choices(raw):
            found = True
            yield self._at_headers(raw, chosen, unused, ())
        if found:
            return
        for chosen, unused in self._loose.choices(raw):
            found = True
            yield self._at_headers(raw, chosen, SLIGHT + unused, (WRONG_MARKS,))
        if not found:
            yield from self._without_header(raw)

    def _at_headers(self, raw: str, chosen: tuple[Header, ...], cost: int, problems: tuple[str, ...]) -> Split:
        return self._split(raw[: chosen[0].start], blocks_of(raw, chosen), cost, problems)

    def _without_header(self, raw: str) -> Iterator[Split]:
        """No instruction word: the labels end where the first mark stands."""
        cost, problems = 3 * BROKEN, (MISSING_INSTRUCTION_WORD,)
        mark = MARK.search(raw)
        border = mark.start() if mark else len(raw)
        for level in self._flat.points if mark else ():
            yield self._split(raw[:border].rstrip("/／ "), {level: raw[border:]}, cost, problems)
        yield self._split(raw.rstrip("/／ "), {}, cost, problems)

    def _split(self, labels: str, blocks: dict[Level, str], cost: int, problems: tuple[str, ...]) -> Split:
        """A split with the levels that nobody asked for left out."""
        kept: dict[Level, str] = {level: block for level, block in blocks.items() if level in self._flat.points}
        said = labels.split(",") if labels else []
        wanted = "labels" in self._flat.levels
        if len(kept) < len(blocks) or (said and not wanted):
            cost += UNKNOWN + (0 if wanted else len(labels))
            problems = (*problems, LEVEL_NOT_ASKED)
        return Split(said if wanted else [], kept, cost, problems)
