"""Errors planted on purpose, to measure how soon a queue brings them up: labels, types, borders, spans."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from pointline.sample import Entity, Sample, span_key

Change: TypeAlias = Callable[[Sample, list[str], random.Random], Sample | None]


def plant(samples: Sequence[Sample], share: float = 0.1, seed: int = 0) -> tuple[list[Sample], set[str]]:
    """Corrupt one annotation of a share of the samples; gives them all, and the ids of those that are wrong now.

    The sorts of error take turns: another label, another type, a border moved by a word, a span lost, a span added.
    Where one does not apply (no span to lose) the next one is planted. Drawn from (seed, id).
    """
    labels = sorted({label for sample in samples for label in sample.labels or ()})
    types = sorted({entity.type for sample in samples for entity in sample.entities or ()})
    order = sorted(samples, key=lambda sample: random.Random(f"{seed}\0{sample.id}").random())
    wrong: dict[str, Sample] = {}
    turn = 0
    for sample in order:
        if len(wrong) >= round(share * len(samples)):
            break
        rng = random.Random(f"{seed}\0{sample.id}\0plant")
        for step in range(len(CHANGES)):
            change, names = CHANGES[(turn + step) % len(CHANGES)], (labels, types)
            made = change(sample, names[0] if change is _label else names[1], rng)
            if made is not None:
                wrong[sample.id] = made
                turn += step + 1
                break
    return [wrong.get(sample.id, sample) for sample in samples], set(wrong)


def _label(sample: Sample, names: list[str], rng: random.Random) -> Sample | None:
    others = [name for name in names if name not in (sample.labels or ())]
    return replace(sample, labels=[rng.choice(others)]) if sample.labels and others else None


def _type(sample: Sample, names: list[str], rng: random.Random) -> Sample | None:
    if not sample.entities or len(names) < 2:
        return None
    odd = rng.choice(sample.entities)
    return _with(sample, odd, replace(odd, type=rng.choice([name for name in names if name != odd.type])))


def _border(sample: Sample, names: list[str], rng: random.Random) -> Sample | None:
    """One word more or less at an end; without spaces one character."""
    placed = [one for one in sample.entities or () if one.start is not None and one.fragments is None]
    ways = [(one, cut) for one in placed for cut in _cuts(sample.text, one)]
    if not ways:
        return None
    odd, (start, end) = rng.choice(ways)
    return _with(sample, odd, replace(odd, start=start, end=end, text=sample.text[start:end]))


def _cuts(text: str, one: Entity) -> list[tuple[int, int]]:
    assert one.start is not None
    assert one.end is not None
    words = " " in text
    last = text.rfind(" ", one.start, one.end) if words else one.end - 1
    ways = [(one.start, last)] if last > one.start else []
    rest = text[one.end :]
    if rest.strip():
        next_ = rest.find(" ", 1) if words else 1
        ways.append((one.start, len(text) if next_ < 0 else one.end + next_))
    return ways


def _lost(sample: Sample, names: list[str], rng: random.Random) -> Sample | None:
    return _with(sample, rng.choice(sample.entities), None) if sample.entities else None


def _made(sample: Sample, names: list[str], rng: random.Random) -> Sample | None:
    """A word that belongs to no span gets a type."""
    if sample.entities is None or not names:
        return None
    places, at = [], 0
    for word in sample.text.split(" "):
        taken = any(
            one.start is not None and one.start < at + len(word) and at < (one.end or 0) for one in sample.entities
        )
        if word and not taken:
            places.append((at, at + len(word)))
        at += len(word) + 1
    if not places:
        return None
    start, end = rng.choice(places)
    return _with(sample, None, Entity(rng.choice(names), sample.text[start:end], start, end))


def _with(sample: Sample, old: Entity | None, new: Entity | None) -> Sample:
    kept = [one for one in sample.entities or () if one is not old]
    return replace(sample, entities=sorted([*kept, *([] if new is None else [new])], key=span_key))


CHANGES: tuple[Change, ...] = (_label, _type, _border, _lost, _made)
