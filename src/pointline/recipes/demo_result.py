"""What the demo finds, as plain data: what was cleaned, what stays, scores, differences, sentences read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from pointline.errors import SettingsFault
from pointline.sample import Sample
from pointline.score import Score
from pointline.score.comparing import Delta

ARMS: dict[str, Literal["both", "text", "word"]] = {"joint": "both", "text": "text", "word": "word"}
"""The three models: both levels at once, and each level alone."""


class DemoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How large the demo is."""

    seed: int = 0
    """Fixes the data, the weights and the intervals."""
    per_task: int = 300
    """Sentences for each kind of task and language."""
    steps: int = 320
    """Training steps, the same for all three models: none learns longer than another."""

    def __post_init__(self) -> None:
        if self.per_task < 10 or self.steps < 1:
            raise SettingsFault("the demo needs per_task >= 10 and steps >= 1")


class Point(msgspec.Struct):
    """One epoch of the joint model on dev, in per cent."""

    epoch: int
    text: float | None
    word: float | None
    both: float | None


class Dropped(msgspec.Struct):
    """How many rows of one split left for one reason."""

    split: str
    reason: str
    rows: int


class Found(msgspec.Struct):
    """Of one kind of planted fault: how many there were, and how many cleaning removed."""

    fault: str
    planted: int
    removed: int


class Held(msgspec.Struct):
    """What one language and task holds after cleaning, over all splits."""

    lang: str
    task: str
    sentences: int
    entities: int
    relations: int
    events: int


class Demo(msgspec.Struct):
    """Everything the demo found; `report` is the path of the HTML page.

    `scores` are the joint model's, of all languages under `all`. `deltas` hold joint - single: under `TL` against the
    model of labels alone, under `WL` against the model of entities alone.
    """

    report: str
    settings: DemoSettings
    dropped: list[Dropped]
    found: list[Found]
    held: list[Held]
    parameters: int
    curve: list[Point]
    scores: dict[str, Score]
    deltas: dict[str, Delta]
    extracted: list[Sample]
    seconds: dict[str, float]


def faults_found(made: Sequence[Sample], kept: Sequence[Sample]) -> list[Found]:
    """Which planted faults cleaning removed; of a duplicate either copy may go.

    >>> fault = Sample("a-2", "a", meta={"planted": "duplicate"})
    >>> faults_found([Sample("a", "a"), fault], [fault])
    [Found(fault='duplicate', planted=1, removed=1)]
    """
    ids = {sample.id for sample in kept}
    copies = Counter(sample.text for sample in kept)
    planted: Counter[str] = Counter()
    removed: Counter[str] = Counter()
    for sample in made:
        fault = sample.meta.get("planted")
        if fault is not None:
            planted[fault] += 1
            removed[fault] += sample.id not in ids or (fault == "duplicate" and copies[sample.text] == 1)
    return [Found(fault, planted[fault], removed[fault]) for fault in sorted(planted)]


def held(splits: Mapping[str, Sequence[Sample]]) -> list[Held]:
    """Count what the splits hold, by language and task, in the order of first sight, languages together."""
    counts: dict[tuple[str, str], Held] = {}
    for sample in (sample for samples in splits.values() for sample in samples):
        key = (sample.lang or "", sample.meta.get("task", ""))
        count = counts.setdefault(key, Held(*key, 0, 0, 0, 0))
        count.sentences += 1
        count.entities += len(sample.entities or ())
        count.relations += len(sample.relations or ())
        count.events += len(sample.events or ())
    return [counts[key] for key in sorted(counts)]
