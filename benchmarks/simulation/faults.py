"""Planted faults: their kinds and rates, drawn from the seed and the request, so that a run can be repeated."""

from __future__ import annotations

import argparse
import hashlib
import random
from collections.abc import Iterable, Mapping
from typing import NamedTuple

ENTITY = {
    "lost_mark": "a mark of the entity is not set (in a list: its delimiter is missing)",
    "paraphrase": "the entity's words are said otherwise (in a list: otherwise than in the text)",
    "residue": "kana stand in place of the entity's translation",
    "dropped": "the entity is not translated at all: its words are gone, in a list perhaps its point",
    "swapped": "the entity has changed places with one of another label",
    "untranslated": "the source's words stand in the translation",
    "shifted": "the mark begins or ends one character too late or too early",
}
"""Faults of one entity; at most one each."""
WEIGHTS = {"lost_mark": 1.0, "paraphrase": 1.0, "residue": 1.0, "dropped": 1.0, "swapped": 1.0}
ANSWER = {
    "cut": "the answer ends in the middle",
    "fence": "the answer stands in a code fence, with a sentence before it",
    "refusal": "the model says that it cannot help",
    "duplicate": "the answer is given twice",
}
"""Faults of one answer; at most one each."""
WIRE = {
    "429": "come later",
    "500": "a fault of the server",
    "hang": "no answer for a long time",
}
"""Faults of one HTTP request; the next request for the same answer is another draw."""
RATES = {"cut": 0.01, "fence": 0.03, "refusal": 0.01, "duplicate": 0.01, "429": 0.02, "500": 0.01, "hang": 0.002}


class Rates(NamedTuple):
    """How often what goes wrong: `entities` of the entities, by kind as `weights` say; answers and requests by kind.

    stubborn: the share of entities that err in the same way whenever they are asked about (or never): what a real model
    does more often than independent draws.
    """

    seed: int = 0
    entities: float = 0.15
    weights: Mapping[str, float] = WEIGHTS
    answers: Mapping[str, float] = RATES
    stubborn: float = 0.0


class Planted(NamedTuple):
    """A fault: its kind, and the entity (or None: the whole answer)."""

    kind: str
    entity: int | None = None
    other: int | None = None
    """The entity that `swapped` changed places with."""


class Draw:
    """All draws for one request: the same for the same seed and key."""

    def __init__(self, rates: Rates, *key: object) -> None:
        self.random = _random(rates.seed, *key)
        self.rates = rates

    def of_entities(self, pair: str, types: Mapping[int, str], kinds: Iterable[str]) -> dict[int, Planted]:
        """Faults of entities (number -> label): each has the same chance, by one of `kinds` that fits it."""
        found: dict[int, Planted] = {}
        free = [kind for kind in self.rates.weights if kind in set(kinds)]
        for entity in types:
            draw = self._of_entity(pair, entity)
            hit = draw.random() < self.rates.entities
            partners = [n for n in types if types[n] != types[entity] and n not in found]
            able = [kind for kind in free if kind != "swapped" or (partners and entity not in _swapped(found))]
            if not hit or not able:
                continue
            [kind] = draw.choices(able, [self.rates.weights[kind] for kind in able])
            found[entity] = Planted(kind, entity, draw.choice(partners) if kind == "swapped" else None)
        return found

    def _of_entity(self, pair: str, entity: int) -> random.Random:
        """The draws for an entity: those of this request, or, where it is stubborn, the same in every request."""
        always = _random(self.rates.seed, "stubborn", pair, entity)
        return always if always.random() < self.rates.stubborn else self.random

    def of_answer(self) -> Planted | None:
        """A fault of the whole answer, or None."""
        return self._one(ANSWER)

    def of_wire(self) -> Planted | None:
        """A fault of the HTTP request, or None."""
        return self._one(WIRE)

    def _one(self, kinds: Iterable[str]) -> Planted | None:
        drawn = self.random.random()
        for kind in kinds:
            drawn -= self.rates.answers.get(kind, 0.0)
            if drawn < 0:
                return Planted(kind)
        return None


def _random(*key: object) -> random.Random:
    return random.Random(hashlib.sha256("\0".join(map(str, key)).encode("utf-8", "surrogatepass")).digest())


def _swapped(found: Mapping[int, Planted]) -> set[int | None]:
    return {planted.other for planted in found.values()}


def options(parser: argparse.ArgumentParser) -> None:
    """Let the command line choose the seed and every rate."""
    parser.add_argument("--seed", type=int, default=0, help="draws every fault (0)")
    parser.add_argument("--entities", type=float, default=0.15, help="share of entities that are damaged (0.15)")
    parser.add_argument("--stubborn", type=float, default=0.0, help="share of entities that always err alike (0)")
    for kind, what in ENTITY.items():
        weight = WEIGHTS.get(kind, 0.0)
        parser.add_argument(_option(kind), type=float, default=weight, help=f"weight among them: {what} ({weight:g})")
    for kind, what in (ANSWER | WIRE).items():
        rate = RATES[kind]
        parser.add_argument(f"--{kind}", type=float, default=rate, dest=f"rate_{kind}", help=f"rate: {what} ({rate:g})")


def chosen(told: argparse.Namespace) -> Rates:
    """The rates that a command line chose."""
    weights = {kind: getattr(told, kind) for kind in ENTITY if getattr(told, kind) > 0}
    return Rates(
        told.seed,
        told.entities,
        weights,
        {kind: getattr(told, f"rate_{kind}") for kind in ANSWER | WIRE},
        told.stubborn,
    )


def as_words(rates: Rates) -> list[str]:
    """The command line that chooses these rates."""
    told = {"seed": rates.seed, "entities": rates.entities, "stubborn": rates.stubborn}
    told |= {kind: rates.weights.get(kind, 0) for kind in ENTITY}
    told |= {kind: rates.answers.get(kind, 0) for kind in ANSWER | WIRE}
    return [word for name, value in told.items() for word in (_option(name), str(value))]


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
