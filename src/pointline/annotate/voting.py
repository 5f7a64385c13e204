"""Votes of several answers on one text: which labels they come to, and how far they agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import msgspec

from pointline.annotate.answers import Vote

MAJORITY = 0.5
"""Share of the answers that a second label needs; the first one is simply the one with most votes."""


class Voted(msgspec.Struct, omit_defaults=True):
    """The votes on one sample; none where it was not asked, `skipped` says why."""

    id: str
    votes: list[Vote] = msgspec.field(default_factory=list)
    skipped: str | None = None


class Choice(msgspec.Struct, frozen=True):
    """What the votes come to: labels with the share of answers that gave them, best first; votes by name."""

    shares: dict[str, float]
    votes: dict[str, int]

    @property
    def agreement(self) -> float:
        """The share of the answers that gave the first label; 0 without one."""
        return next(iter(self.shares.values()), 0.0)


def choose(voted: Voted, name: Callable[[str], str], usual: Mapping[str, int], most: int) -> Choice:
    """Count votes by name; of two with as many votes the one that is usual in the corpus goes first.

    >>> voted = Voted("1", [Vote(("Law",)), Vote(("law",)), Vote(("Crime",))])
    >>> choose(voted, str.title, {"Law": 2, "Crime": 1}, 1).votes
    {'Law': 2, 'Crime': 1}
    """
    votes = Counter(label for vote in voted.votes for label in dict.fromkeys(map(name, vote.labels)) if label)
    ranked = sorted(votes, key=lambda label: (-votes[label], -usual.get(label, 0), label))
    share = {label: votes[label] / len(voted.votes) for label in ranked}
    chosen = [label for i, label in enumerate(ranked[:most]) if i == 0 or share[label] >= MAJORITY]
    return Choice({label: round(share[label], 4) for label in chosen}, {label: votes[label] for label in ranked})
