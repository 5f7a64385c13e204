"""Faults planted in the synthetic train split, so that cleaning has work; `meta.planted` says what a row is."""

from __future__ import annotations

import random
from collections.abc import Callable

from msgspec.structs import replace

from pointline.corpora.synthetic.language import Language
from pointline.sample import Sample

DUPLICATES = 0.02
CONFLICTS = 0.01
LEAKS = 0.01


def plant(splits: dict[str, list[Sample]], language: Language, rng: random.Random) -> None:
    """Add to train, a language at a time: 2 % exact duplicates, 1 % conflicts, 1 % texts of test, and the junk rows.

    The shares are of the language's train rows, rounded, at least one each. A duplicate repeats a train row; a conflict
    repeats a train text with another label, or with its spans gone; a leak repeats a test row. No row is used twice.
    """
    own = [sample for sample in splits["train"] if sample.lang == language.lang]
    test = [sample for sample in splits["test"] if sample.lang == language.lang]
    duplicates, conflicts, leaks = (max(1, round(len(own) * share)) for share in (DUPLICATES, CONFLICTS, LEAKS))
    victims = rng.sample(own, duplicates + conflicts)
    planted = [_copy(sample, "duplicate") for sample in victims[:duplicates]]
    for number, sample in enumerate(victims[duplicates:]):
        change: Callable[[Sample, Language], Sample] = _other_label if number % 2 == 0 else _spans_gone
        planted.append(change(_copy(sample, "conflict"), language))
    planted += [_copy(sample, "leak") for sample in rng.sample(test, leaks)]
    for text in language.junk:
        meta = {"task": "ner", "synthetic": True, "planted": "junk"}
        planted.append(Sample("", text, language.lang, ["business"], [], source=own[0].source, meta=meta))
    splits["train"] += planted


def _copy(sample: Sample, fault: str) -> Sample:
    return replace(sample, meta={**sample.meta, "planted": fault})


def _other_label(sample: Sample, language: Language) -> Sample:
    labels = language.tasks[sample.meta["task"]].labels
    here = labels.index((sample.labels or [labels[0]])[0])
    sample.labels = [labels[(here + 1) % len(labels)]]
    return sample


def _spans_gone(sample: Sample, language: Language) -> Sample:
    """Drop the word level where there is one; a row that has none gets another label instead."""
    for level in ("entities", "relations", "events"):
        if getattr(sample, level):
            setattr(sample, level, [])
            return sample
    return _other_label(sample, language)
