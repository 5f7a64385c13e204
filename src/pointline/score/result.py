"""What a score says: figures in per cent with their intervals, tables, errors, the signature."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

F = TypeVar("F")


class Drawn(msgspec.Struct):
    """The mean of random draws, their standard deviation, and each of them, in per cent."""

    mean: float
    spread: float
    values: list[float]


class Figure(msgspec.Struct, omit_defaults=True):
    """One number with its 95 % interval, in per cent, unrounded. `n` is the number of samples scored.

    `f1` or `accuracy` is set, as the protocol says; `gold`, `predicted` and `hits` are counts of items.
    """

    f1: float | None = None
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = msgspec.field(default_factory=int)
    precision: float | None = None
    recall: float | None = None
    gold: float | None = None
    predicted: float | None = None
    hits: float | None = None
    macro_f1: float | None = None
    draws: Drawn | None = None

    @property
    def value(self) -> float:
        """The number itself: F1 or accuracy."""
        found = self.f1 if self.f1 is not None else self.accuracy
        return float("nan") if found is None else found


class LabelFigure(msgspec.Struct):
    """One label's precision, recall and F1 in per cent; `n` is how often gold has it."""

    level: str
    label: str
    precision: float
    recall: float
    f1: float
    n: int
    predicted: int


class Confused(msgspec.Struct):
    """How often gold text label `gold` was answered by `predicted`; None stands for no label."""

    gold: str | None
    predicted: str | None
    n: int


class Mistake(msgspec.Struct, omit_defaults=True):
    """One error: its kind, its level, and what gold and answer say, as (label, surface, ...)."""

    kind: str
    level: str
    gold: tuple[str, ...] | None = None
    predicted: tuple[str, ...] | None = None


class Failure(msgspec.Struct):
    """One sample with its mistakes."""

    id: str
    text: str
    mistakes: list[Mistake]


class Errors(msgspec.Struct):
    """How often each kind of error occurred at each level, and the samples with the most of them."""

    kinds: dict[str, dict[str, int]]
    worst: list[Failure]


class Figures(msgspec.Struct, Generic[F]):
    """Named figures of one protocol on one file: `n` samples, `missing` and `extra` answers.

    A missing answer counts as empty, an extra one is left out.
    """

    protocol: str
    signature: str
    figures: dict[str, F]
    n: int
    missing: int = 0
    extra: int = 0

    def __getitem__(self, figure: str) -> F:
        return self.figures[figure]

    def __contains__(self, figure: object) -> bool:
        return figure in self.figures

    def to_dict(self) -> dict[str, Any]:
        """Plain values with the figures at the top, as `score --json` prints them; what is empty is left out."""
        return flat(self)

    def to_json(self) -> str:
        """One JSON document."""
        return msgspec.json.encode(self.to_dict()).decode()


class Score(Figures[Figure]):
    """All figures of one protocol on one file; `score["WL"].f1` reads one.

    `languages` and `sources` break the figures down where gold has more than one.

    >>> Score("mre", "mre|v1", {"TL": Figure(f1=50.0, n=2)}, n=2).to_json()
    '{"protocol":"mre","signature":"mre|v1","TL":{"f1":50.0,"n":2},"n":2,"missing":0,"extra":0}'
    """

    labels: list[LabelFigure] = []
    confusion: list[Confused] = []
    languages: dict[str, dict[str, Figure]] = {}
    sources: dict[str, dict[str, Figure]] = {}
    errors: Errors | None = None
    notes: list[str] = []


class Board(msgspec.Struct):
    """Every protocol that applies, side by side on the same files, and why the others do not."""

    scores: dict[str, Score]
    refused: dict[str, str]

    def __getitem__(self, protocol: str) -> Score:
        return self.scores[protocol]

    def __contains__(self, protocol: object) -> bool:
        return protocol in self.scores

    def to_dict(self) -> dict[str, Any]:
        """{"scores": {protocol: score}, "refused": {protocol: reason}}."""
        return {"scores": {name: score.to_dict() for name, score in self.scores.items()}, "refused": self.refused}

    def to_json(self) -> str:
        """One JSON document."""
        return msgspec.json.encode(self.to_dict()).decode()


def flat(result: msgspec.Struct) -> dict[str, Any]:
    """A result's fields with its `figures` at the top, behind protocol and signature; empty tables left out."""
    whole: dict[str, Any] = msgspec.to_builtins(result)
    head = {name: whole.pop(name) for name in ("protocol", "signature")}
    figures = whole.pop("figures")
    return {**head, **figures, **{name: value for name, value in whole.items() if value not in ([], {}, None)}}


def ratio(part: float, whole: float) -> float:
    """Per cent; where there is nothing to count, nothing was done wrong: 100."""
    return 100.0 * part / whole if whole else 100.0


def label_figure(level: str, label: str, gold: int, predicted: int, hits: int) -> LabelFigure:
    """Precision, recall and F1 of one label from its counts; a share of nothing is 0 here, as in scikit-learn."""
    precision = 100.0 * hits / predicted if predicted else 0.0
    recall = 100.0 * hits / gold if gold else 0.0
    return LabelFigure(level, label, precision, recall, ratio(2 * hits, gold + predicted), gold, predicted)
