"""What is reviewed: a draft, its source beside it where there is one, why it is here and what was repaired."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from pointline.sample import Sample

Status: TypeAlias = Literal["open", "accepted", "fixed", "rejected", "skipped", "flagged", "waiting", "disputed"]
"""`waiting`: blind work on it goes on; `disputed`: it ended in different results, which an adjudicator decides."""
DECIDED = ("accepted", "fixed", "rejected")
STATUSES: tuple[Status, ...] = ("open", "accepted", "fixed", "rejected", "skipped", "flagged", "waiting", "disputed")

Verdict: TypeAlias = Literal["accept", "fix", "reject", "skip", "flag", "reopen"]
"""What a person says; accept and fix are one: the status tells whether anything was changed."""


class Repair(msgspec.Struct, frozen=True, omit_defaults=True):
    """One repair: what was wrong, the words of the source it is about, and the words that stand there now."""

    what: str
    source: str = ""
    target: str = ""


class Item(msgspec.Struct):
    """One sample to review; `origin` is the file it came from, `suspicion` its place in the queue (more is sooner)."""

    draft: Sample
    source: Sample | None = None
    reasons: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    origin: str = ""
    suspicion: float = 0.0

    @property
    def id(self) -> str:
        """The draft's id."""
        return self.draft.id


class Version(msgspec.Struct, frozen=True):
    """One state of a sample: who made it, when, from which version; 0 is the draft.

    kind: edit, merged (with what others did meanwhile), aside (kept, but in conflict), agreed, import.
    """

    n: int
    author: str
    time: float
    kind: str
    base: int
    sample: Sample


class Decision(msgspec.Struct, frozen=True):
    """What a person decided about a version."""

    author: str
    time: float
    status: Status
    reason: str
    seconds: float | None
    version: int


class Note(msgspec.Struct, frozen=True):
    """A remark on an item."""

    author: str
    time: float
    text: str


class Blind(msgspec.Struct, frozen=True):
    """One reviewer's result, as the adjudicator sees it."""

    author: str
    status: Status
    reason: str
    sample: Sample


class View(msgspec.Struct, frozen=True):
    """All that a person sees of an item; `line` is the line of work that the person writes to."""

    pos: int
    rank: int
    id: str
    line: str
    source: Sample | None
    draft: Sample
    sample: Sample
    version: int
    status: Status
    reason: str
    reasons: tuple[str, ...]
    repairs: tuple[Repair, ...]
    origin: str
    notes: list[Note]
    history: list[dict[str, Any]]
    blind: list[Blind]
    writable: bool = True


def content(sample: Sample) -> tuple[Any, ...]:
    """What a review may change; the rest of a sample stays as it was.

    >>> content(Sample("1", "a")) == content(Sample("2", "a"))
    True
    """
    return (sample.text, sample.labels, sample.entities, sample.relations, sample.events)


def with_content(sample: Sample, made: Sample) -> Sample:
    """The sample with what a person made of it; scores and problems told of the draft, and go."""
    kept = msgspec.structs.replace(
        sample, text=made.text, labels=made.labels, entities=made.entities, relations=made.relations, events=made.events
    )
    if content(kept) != content(sample):
        kept.label_scores = kept.raw = kept.problems = None
    return kept
