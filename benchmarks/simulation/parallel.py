"""Gold parallel samples whose spans are aligned one to one: what the simulated translator knows (xSID en, ja, zh).

Spans are aligned by label. Where a label stands several times in a sample, a small translation model (IBM model 1,
fitted on the spans that are alone with their label) says which is which; pairs where it does not say clearly are left
out, as are pairs whose labels differ.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pointline.corpora import cards
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.sample import Entity, Sample

CLEAR = 1.0
"""Nats by which the best alignment of a label's spans must beat the next."""
ROUNDS = 8
FLOOR = 1e-4


class Pair(NamedTuple):
    """One request in two languages; `order[i]` is the target's entity that translates the source's entity i."""

    source: Sample
    target: Sample
    order: tuple[int, ...]


class Found(NamedTuple):
    """Aligned pairs, and how many were left out: labels that differ, repeated labels that stay unclear."""

    pairs: list[Pair]
    differ: int
    unclear: int


def load(folder: str | Path, to: str, source: str = "en") -> Found:
    """Read and align the pairs of two languages of xSID 0.7, in the order of the files, dev before test."""
    held: dict[tuple[str | None, str | None], list[Sample]] = defaultdict(list)
    for sample in convert([Path(folder)], Request(card=cards.load("xsid_0.7")), Report()):
        held[sample.lang, sample.split].append(respaced(sample))
    # Japanese holds the first texts of each split only.
    both = [pair for split in ("dev", "test") for pair in zip(held[source, split], held[to, split], strict=False)]
    return align(both)


def align(both: Iterable[tuple[Sample, Sample]]) -> Found:
    """Align the spans of parallel samples."""
    both = list(both)
    same = [(a, b) for a, b in both if a.labels == b.labels and _types(a) == _types(b)]
    model = Lexicon(_alone(same))
    orders = [(a, b, _order(a, b, model)) for a, b in same]
    pairs = [Pair(a, b, order) for a, b, order in orders if order is not None]
    return Found(pairs, len(both) - len(same), len(same) - len(pairs))


def respaced(sample: Sample) -> Sample:
    """The sample with the spaces of its text line back between Latin words (`给JoyNilo` is `给Joy Nilo`).

    >>> s = Sample("1", "播放JoyNilo", entities=[Entity("artist", "JoyNilo", 2, 9)], meta={"text": "播放 Joy Nilo"})
    >>> respaced(s).text, respaced(s).entities[0].text
    ('播放Joy Nilo', 'Joy Nilo')
    """
    line = " ".join(str(sample.meta.get("text", "")).split())
    if sample.lang == "en" or line.replace(" ", "") != sample.text:
        return sample
    text = ""
    places: list[int] = []
    for before, char, after in zip(" " + line, line, line[1:] + " ", strict=False):
        if char != " ":
            places.append(len(text))
            text += char
        elif before.isascii() and after.isascii() and not (before.isdigit() and after.isdigit()):
            text += char
    places.append(len(text))
    entities = []
    for entity in sample.entities or ():
        start, end = places[entity.start or 0], places[(entity.end or 0) - 1] + 1
        entities.append(Entity(entity.type, text[start:end], start, end))
    return Sample(sample.id, text, sample.lang, sample.labels, entities, source=sample.source, split=sample.split)


class Lexicon:
    """IBM model 1 from words and character trigrams of one language to characters of the other: names too."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        told = [(features(a), list(b)) for a, b in pairs]
        self._chance: dict[tuple[str, str], float] = defaultdict(lambda: 1.0)
        for _ in range(ROUNDS):
            self._chance = self._better(told)

    def _better(self, told: list[tuple[list[str], list[str]]]) -> dict[tuple[str, str], float]:
        counts: dict[tuple[str, str], float] = defaultdict(float)
        totals: dict[str, float] = defaultdict(float)
        for sources, targets in told:
            for target in targets:
                weights = [self._chance[source, target] for source in sources]
                whole = sum(weights)
                for source, weight in zip(sources, weights, strict=True):
                    counts[source, target] += weight / whole
                    totals[source] += weight / whole
        found: dict[tuple[str, str], float] = defaultdict(lambda: FLOOR)
        found.update({key: max(FLOOR, count / totals[key[0]]) for key, count in counts.items()})
        return found

    def score(self, source: str, target: str) -> float:
        """Mean log-probability of a target's characters; characters that stand in both count as certain."""
        sources = features(source)
        held = set(source.casefold())
        chances = [
            1.0 if char in held and char.isalnum() else max(self._chance.get((word, char), FLOOR) for word in sources)
            for char in target.casefold()
        ]
        return sum(map(math.log, chances)) / len(chances)


def features(text: str) -> list[str]:
    """Words and character trigrams.

    >>> features("near Ohio")
    ['near', 'ohio', '^ne', 'nea', 'ear', 'ar$', '^oh', 'ohi', 'hio', 'io$']
    """
    words = re.findall(r"\w+", text.casefold()) or [text]
    grams = [f"^{word}$"[i : i + 3] for word in words for i in range(len(word))]
    return [*words, *grams]


def _types(sample: Sample) -> Counter[str]:
    return Counter(entity.type for entity in sample.entities or ())


def _by_type(a: Sample, b: Sample) -> Iterator[tuple[list[int], list[int]]]:
    for kind in sorted(_types(a)):
        yield (
            [i for i, entity in enumerate(a.entities or ()) if entity.type == kind],
            [i for i, entity in enumerate(b.entities or ()) if entity.type == kind],
        )


def _alone(same: Iterable[tuple[Sample, Sample]]) -> Iterator[tuple[str, str]]:
    for a, b in same:
        for left, right in _by_type(a, b):
            if len(left) == 1:
                yield (a.entities or [])[left[0]].text, (b.entities or [])[right[0]].text


def _order(a: Sample, b: Sample, model: Lexicon) -> tuple[int, ...] | None:
    """Which target span each source span is; None where that is not clear."""
    order = [0] * len(a.entities or ())
    for left, right in _by_type(a, b):
        likely = {
            (i, j): model.score((a.entities or [])[i].text, (b.entities or [])[j].text) for i in left for j in right
        }
        turns = itertools.permutations(right)
        rated = ((sum(likely[both] for both in zip(left, turn, strict=True)), turn) for turn in turns)
        ranked = sorted(rated, reverse=True)
        if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < CLEAR:
            return None
        for i, j in zip(left, ranked[0][1], strict=True):
            order[i] = j
    return tuple(order)
