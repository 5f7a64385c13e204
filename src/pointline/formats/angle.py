"""What the formats with labels in angle marks share: `<label>{IW}{points}` written and read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pointline.formats.ask import Ask
from pointline.formats.cut import BROKEN, SLIGHT, UNKNOWN
from pointline.formats.flat import Flat, Split, Written
from pointline.formats.grammar import Grammar, Limits
from pointline.formats.headers import Header, Headers, blocks_of
from pointline.formats.problems import (
    EMPTY_SPAN,
    LEVEL_NOT_ASKED,
    MISSING_INSTRUCTION_WORD,
    NO_LABEL_INVENTORY,
    WRONG_MARKS,
    CannotHold,
)
from pointline.formats.words import TASK_LEVEL, Words
from pointline.sample import Sample
from pointline.schema import Level

LABEL = re.compile("[<＜]([^<>＜＞\n]*)[>＞]")


class Angle:
    """Writes and reads `<label1><label2>{IW}{points}{IW}{points}` for one question and table of words."""

    def __init__(self, ask: Ask, words: Words) -> None:
        either = "|".join(re.escape(w) for w in sorted(_all_words(words), key=lambda w: (-len(w), w)))
        self.flat = Flat(ask, self._splits, re.compile(rf"[:;/,<>\n]|{either}"))
        self.inventory = "".join(f"<{label}>" for label in self.flat.labels)
        self._by_length = sorted(self.flat.labels, key=lambda label: (-len(label), label))
        self._headers = Headers(words, "IW")
        self._loose = Headers(words, "[ \t/]*IW[ \t]*[:：]?[ \t]*/?", re.IGNORECASE)

    def require_inventory(self) -> None:
        """Raise CannotHold where the schema has no text labels to choose from."""
        if not self.inventory:
            raise CannotHold(
                NO_LABEL_INVENTORY, "this format lists the text labels in its input; add them to the schema"
            )

    def write(self, sample: Sample, tasks: tuple[str, ...], words: list[str]) -> tuple[str, Written]:
        """The completion of a sample and what was written into it."""
        labels = self.flat.label_list(sample)
        if any(not label.strip() for label in labels):
            raise CannotHold(EMPTY_SPAN, "a label is blank")
        written = self.flat.write(sample, tasks, words, "{}")
        return "".join(f"<{label}>" for label in labels) + written.string, written

    def grammar(self, sample: Sample, tasks: tuple[str, ...], words: list[str], limits: Limits) -> Grammar:
        """What `write` may give, with at least one label."""
        self.require_inventory()
        head = self.flat.labels_node(limits, "<>", ("<", ">"))
        blocks = [(word, TASK_LEVEL[task]) for word, task in zip(words, tasks, strict=True)]
        return self.flat.grammar(sample, head, blocks, limits)

    def _splits(self, raw: str) -> Iterator[Split]:
        if not self.flat.points:
            yield self._split(raw, {}, 0, ())
        found = False
        for headers, cost, problems in ((self._headers, 0, ()), (self._loose, SLIGHT, (WRONG_MARKS,))):
            for chosen, unused in headers.choices(raw):
                found = True
                yield self._at_headers(raw, chosen, cost + unused, problems)
            if found:
                return
        labels = self._leading(raw)
        for level in self.flat.points:
            yield self._split(raw[:labels], {level: raw[labels:]}, 3 * BROKEN, (MISSING_INSTRUCTION_WORD,))
        yield self._split(raw, {}, 3 * BROKEN, (MISSING_INSTRUCTION_WORD,))

    def _at_headers(self, raw: str, chosen: tuple[Header, ...], cost: int, problems: tuple[str, ...]) -> Split:
        return self._split(raw[: chosen[0].start], blocks_of(raw, chosen), cost, problems)

    def _leading(self, raw: str) -> int:
        """Where the labels at the beginning end."""
        at = 0
        while match := LABEL.match(raw, at):
            at = match.end()
        return at

    def _split(self, part: str, blocks: dict[Level, str], cost: int, problems: tuple[str, ...]) -> Split:
        said, wrong = self._said(part)
        kept: dict[Level, str] = {level: block for level, block in blocks.items() if level in self.flat.points}
        wanted = "labels" in self.flat.levels
        if len(kept) < len(blocks) or (said and not wanted):
            cost += UNKNOWN + (0 if wanted else len(part))
            problems = (*problems, LEVEL_NOT_ASKED)
        if wrong:
            cost, problems = cost + SLIGHT, (*problems, WRONG_MARKS)
        return Split(said if wanted else [], kept, cost, problems)

    def _said(self, part: str) -> tuple[list[str], bool]:
        """The labels in the part before the first instruction word; True where the marks are not right."""
        said: list[str] = []
        at = 0
        while at < len(part):
            known = next((label for label in self._by_length if part.startswith(f"<{label}>", at)), None)
            if known is not None:
                said.append(known)
                at += len(known) + 2
                continue
            match = LABEL.match(part, at)
            if match is None:
                rest = part[at:].strip(" \t\n<>＜＞")
                return ([*said, rest] if rest else said), True
            said.append(match[1])
            at = match.end()
        return said, False


def _all_words(words: Words) -> set[str]:
    levels: tuple[Level, ...] = ("entities", "relations", "events")
    return {word for level in levels for word in words.readable(level)}
