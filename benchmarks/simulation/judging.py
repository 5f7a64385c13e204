"""Translated samples held to what is true of them: are the spans right, and what became of each planted fault?"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from simulation.gold import Drift, alike
from simulation.parallel import Pair

from pointline.sample import Entity, Sample
from pointline.text.scripts import KANA, script

End: TypeAlias = Literal["right", "review", "dropped", "passed_wrongly"]
ENDS: tuple[End, ...] = ("right", "review", "dropped", "passed_wrongly")
Place = tuple[int, int]


class Result(NamedTuple):
    """What a method made of one sample: kept or repaired (with the target), to review, or dropped."""

    status: str
    target: Sample | None = None


class Verdict(NamedTuple):
    """How right one kept sample is: per entity of the pair, spans right and given, the text around, the labels."""

    entities: tuple[bool, ...]
    right: int
    given: int
    typed: int
    text: bool
    labels: bool

    @property
    def all_right(self) -> bool:
        """Whether nothing is wrong with the sample."""
        return all(self.entities) and self.right == self.given and self.text and self.labels


class Truth:
    """The gold pairs behind source texts, and what the simulated translator's log says of its own texts."""

    def __init__(self, pairs: Iterable[Pair], log: Iterable[Mapping[str, Any]]) -> None:
        self._pairs: dict[str, list[Pair]] = defaultdict(list)
        self._said: dict[tuple[str, str], dict[int, Place | None]] = {}
        self.rows: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        numbers: dict[str, Pair] = {}
        for pair in pairs:
            self._pairs[pair.source.text].append(pair)
            numbers[pair.target.id] = pair
        answered: set[str] = set()
        for row in log:
            if row["status"] != "200" or not row["pair"] or row["request"] in answered:
                continue
            answered.add(row["request"])
            pair = numbers[row["pair"]]
            self.rows[pair.source.text].append(row)
            if row["text"] and row["ways"][0] == pair.source.lang:
                spans = {int(i): tuple(place) if place else None for i, place in row["spans"].items()}
                self._said[pair.target.id, row["text"]] = spans

    def judge(self, source: Sample, target: Sample) -> Verdict:
        """Hold one kept sample to the truth."""
        held = [pair for pair in self._pairs[source.text] if pair.source.entities == source.entities]
        return max((self._judge(pair, target) for pair in held), key=lambda v: (v.all_right, v.right, v.text))

    def _judge(self, pair: Pair, target: Sample) -> Verdict:
        gold = pair.target
        wanted = [(gold.entities or [])[i] for i in pair.order]
        said = self._said.get((gold.id, target.text))
        drift = Drift(gold.text, target.text)
        left = list(target.entities or ())
        found: list[Entity | None] = []
        typed = 0
        for i, entity in enumerate(wanted):
            fits = [one for one in left if self._at(one, entity, drift, said, i)]
            typed += any(one.type != entity.type for one in fits) and all(one.type != entity.type for one in fits)
            hit = next((one for one in fits if one.type == entity.type), None)
            found.append(hit)
            if hit is not None:
                left.remove(hit)
        right = sum(hit is not None for hit in found)
        clean = tuple(
            hit is not None and not _kana(hit.text, target.lang) and not _left(source.text, entity.text, hit.text)
            for hit, entity, source in zip(found, wanted, pair.source.entities or (), strict=True)
        )
        places = [(hit.start or 0, hit.end or 0) for hit in found if hit is not None]
        text = _around(gold.text, [(e.start or 0, e.end or 0) for e in wanted]) == _around(target.text, places)
        same = target.labels == pair.source.labels
        return Verdict(clean, right, len(target.entities or ()), typed, text, same)

    def _at(self, one: Entity, gold: Entity, drift: Drift, said: dict[int, Place | None] | None, i: int) -> bool:
        if one.start is None or one.end is None:
            return False
        if said is not None:
            return said[i] == (one.start, one.end)
        starts, ends = drift.edges(gold.start or 0), drift.edges(gold.end or 0)
        return one.start in starts and one.end in ends

    def ends(self, source: Sample, result: Result, verdict: Verdict | None) -> Counter[tuple[str, str, End]]:
        """What became of every fault that was planted in answers about this sample: (draft or repair, kind, end)."""
        counts: Counter[tuple[str, str, End]] = Counter()
        for row in self.rows[source.text]:
            where = "draft" if row["form"] in ("draft", "paper") and row["ways"][0] == source.lang else "repair"
            for fault in row["planted"]:
                counts[where, fault["kind"], _end(fault, result, verdict)] += 1
        return counts


def _end(fault: Mapping[str, Any], result: Result, verdict: Verdict | None) -> End:
    if verdict is None:
        return "review" if result.status == "review" else "dropped"
    touched = [i for i in (fault["entity"], fault["other"]) if i is not None]
    fine = all(verdict.entities[i] for i in touched) if touched else verdict.all_right
    return "right" if fine else "passed_wrongly"


def _kana(words: str, lang: str | None) -> bool:
    return lang == "zh" and any(script(char) in KANA for char in words)


def _left(source: str, gold: str, words: str) -> bool:
    """Whether words were left untranslated: the source's own, no name, where gold has others."""
    return words == source != gold and source.islower()


def _around(text: str, places: Iterable[Place]) -> str:
    """A text without its entities, spaces aside."""
    left = list(text)
    for start, end in places:
        left[start:end] = [""] * (end - start)
    return "".join("".join(left).split())


def read_log(path: Path) -> list[dict[str, Any]]:
    """The rows of a translator's log; the last one may be half written."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return rows


def likeness(pair: Pair, target: Sample) -> float:
    """How alike a translation and gold are, for a look at what went wrong."""
    return alike(pair.target.text, target.text)
