"""From votes to labels: the inventory of names over the whole file, and one sample's label under it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping

import msgspec

from pointline.annotate.doubts import Evidence, checked, types_of
from pointline.annotate.names import Names, key
from pointline.annotate.settings import LabelSettings
from pointline.annotate.voting import Choice, Voted, choose
from pointline.sample import Sample


class Labelled(msgspec.Struct):
    """A sample with its label; `choice` is None where it was not asked."""

    sample: Sample
    voted: Voted
    choice: Choice | None


class Inventory:
    """All names of a file: how votes spell them, how many texts bear them, what goes with what.

    First `see` every sample's votes, then `count` every labelled sample, then ask for `doubts`.
    """

    def __init__(self, merge: Mapping[str, str], settings: LabelSettings) -> None:
        self.merge, self.settings = merge, settings
        self.spellings: Counter[str] = Counter()
        self.unread: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()
        self.together: Counter[tuple[str, str]] = Counter()
        self.labelled, self.agreement = 0, 0.0
        self._evidence = Evidence()
        self._names: Names | None = None
        self._usual: Counter[str] = Counter()

    def see(self, voted: Voted) -> None:
        """Count how one sample's votes spell their labels."""
        for vote in voted.votes:
            self.spellings.update(vote.labels)
            if vote.problem is not None:
                self.unread[vote.problem] += 1
        if voted.skipped:
            self.skipped[voted.skipped] += 1

    @property
    def names(self) -> Names:
        """The name of every spelling, once all are seen."""
        if self._names is None:
            self._names = Names(self.spellings, self.merge)
            for spelling, count in self.spellings.items():
                self._usual[self._names(spelling)] += count
        return self._names

    def choice(self, voted: Voted) -> Choice:
        """What one sample's votes come to."""
        names = self.names
        return choose(voted, names, self._usual, self.settings.max_labels)

    def count(self, row: Labelled) -> None:
        """Count one labelled sample."""
        if row.choice is None or not row.choice.shares:
            return
        self.labelled += 1
        self.agreement += row.choice.agreement
        types = types_of(row.sample)
        for label in row.choice.shares:
            self.texts[label] += 1
            self._evidence.add(label, types)
        self.together.update(itertools.combinations(sorted(row.choice.votes), 2))

    def doubts(self, row: Labelled) -> dict[str, str]:
        """Why this label should be looked at, gravest first; {} where nothing speaks against it."""
        if row.choice is None:
            return {}
        if not row.choice.shares:
            problems = sorted({vote.problem or "taken out by the table" for vote in row.voted.votes})
            return {"no_label": ", ".join(problems)}
        told: dict[str, str] = {}
        label = next(iter(row.choice.shares))
        nats, other = self._evidence.against(label, types_of(row.sample), self.settings.rare)
        if nats >= self.settings.contradiction:
            told["contradicts_entities"] = f"their types speak for {other!r} by {nats:.1f} nats"
        if row.choice.agreement < self.settings.agreement:
            told["low_agreement"] = f"{row.choice.votes[label]} of {len(row.voted.votes)} answers"
        rare = min(row.choice.shares, key=lambda name: self.texts[name])
        if self.texts[rare] < self.settings.rare:
            told["rare_label"] = f"{rare!r} on {self.texts[rare]}"
        if not told and checked(row.sample, self.settings):
            told["check"] = f"drawn, {self.settings.check:g} of those without a doubt"
        return told

    def joined(self) -> dict[str, tuple[str, int]]:
        """Spellings that stand under another name by themselves: old -> (new, how often)."""
        told = {key(old) for old in self.merge}
        return {
            old: (self.names(old), count)
            for old, count in sorted(self.spellings.items())
            if self.names(old) != old and key(old) not in told
        }

    @property
    def merged(self) -> Counter[str]:
        """Rows of the table that were used, with the votes each renamed."""
        rows = {key(old): old for old in reversed(list(self.merge))}
        used: Counter[str] = Counter()
        for spelling, count in self.spellings.items():
            row = spelling if spelling in self.merge else rows.get(key(spelling))
            if row is not None:
                used[row] += count
        return used


def labelled(sample: Sample, voted: Voted, inventory: Inventory) -> Labelled:
    """One sample under its label; a sample that was not asked stays as it is."""
    if voted.skipped:
        return Labelled(sample, voted, None)
    choice = inventory.choice(voted)
    sample.labels = list(choice.shares) or None
    sample.label_scores = dict(choice.shares) or None
    return Labelled(sample, voted, choice)
