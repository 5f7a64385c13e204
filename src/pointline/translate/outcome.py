"""What became of one sample: kept, repaired, to review or dropped, why, what was repaired, and what it cost."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from pointline.llm import Answer
from pointline.sample import Sample

Status: TypeAlias = Literal["kept", "repaired", "review", "dropped"]
STATUSES: tuple[Status, ...] = ("kept", "repaired", "review", "dropped")


class Repair(msgspec.Struct, frozen=True, omit_defaults=True):
    """One repair: what was wrong, the source's words it is about, and the words that stand there now."""

    what: str
    source: str = ""
    target: str = ""


class Spent(msgspec.Struct, omit_defaults=True):
    """Answers, tokens and money of one sample, as they were when they were paid; `faults` of requests without any."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    faults: list[str] = msgspec.field(default_factory=list)

    def add(self, answer: Answer) -> None:
        """Count one answer."""
        if answer.fault is not None:
            self.faults.append(answer.fault)
        self.requests += 1
        self.prompt_tokens += answer.prompt_tokens
        self.completion_tokens += answer.completion_tokens
        self.cost += answer.cost

    def join(self, other: Spent) -> None:
        """Count what another one counted."""
        self.requests += other.requests
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens
        self.cost += other.cost


class Outcome(msgspec.Struct):
    """One sample's end.

    target: the translated sample, of a sample to review the best draft, or None where there is none.
    reasons: why it was not kept; in other cases why drafts before the last one were not.
    cleared: doubts that a back-translation cleared.
    """

    source: Sample
    status: Status
    target: Sample | None = None
    reasons: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
    cleared: tuple[str, ...] = ()
    drafts: int = 0
    spent: Spent = msgspec.field(default_factory=Spent)


class ReviewRow(msgspec.Struct, omit_defaults=True):
    """A line of review.jsonl, dropped.jsonl and check.jsonl: all that a person needs to decide.

    id is the target's; source: the sample as it came; draft: the best translation, spans that have no place in it
    without offsets; reasons: why it is here; repairs: what was repaired in the draft.
    """

    id: str
    source: Sample
    draft: Sample | None = None
    reasons: tuple[str, ...] = ()
    repairs: tuple[Repair, ...] = ()
