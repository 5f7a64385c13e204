"""Where a unit stands in a translation, by voices: a mark or an answer is one for its place, doubtful places lose.

No gold is needed: a draft's mark, words that another question names, and a question the other way round rarely err in
the same way. A place holds when it has `margin` more voices than any other place, and than "nowhere".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container

from pointline.text.normalize import fold_name
from pointline.translate.finding import Found, alike, find
from pointline.translate.units import Place

NEAR = 0.75
"""Likeness from which an answer backwards means the unit, where it is no other unit's words."""

PAIRS = ("()", "[]", "（）", "「」", "『』", "【】", "《》", "“”", "〈〉", "«»")


class Voices:
    """The voices for one unit: `words` are those of the source."""

    def __init__(self, number: int, words: str) -> None:
        self.number, self.words = number, words
        self.forward: Counter[Place] = Counter()
        self.backward: Counter[Place] = Counter()
        self.absent = self.astray = 0
        self.drafted: dict[Place, None] = {}
        self.unclear = False
        self._how: dict[Place, str] = {}

    def mark(self, place: Place) -> None:
        """The draft's own mark."""
        self.forward[place] += 1
        self.drafted[place] = None
        self._how[place] = "exact"

    def named(self, text: str, words: str, fuzzy: float) -> None:
        """Words that an answer says translate the unit, "" = nowhere; words at several places speak for the leader.

        Words that the text does not have speak for no place and against none: the answer has gone astray.
        """
        found = find(text, words, fuzzy)
        leader = self.leader()
        if not found.places:
            self.astray += bool(words)
            self.absent += not words
        elif leader in found.places:
            self.forward[leader] += 1
            self._noted(leader, found)
        elif len(found.places) == 1:
            self.forward[found.places[0]] += 1
            self._noted(found.places[0], found)
        else:
            self.unclear = True

    def inserted(self, place: Place | None) -> None:
        """The place of a mark that an answer put into the finished translation, or none."""
        if place is None:
            self.absent += 1
        else:
            self.forward[place] += 1
            self._how[place] = "exact"

    def back(self, place: Place, words: str, others: Container[str]) -> None:
        """Words of the source that an answer says a place translates: the unit's own speak for it, others against."""
        self.backward[place] += 1 if means(words, self.words, others) else -1

    def score(self, place: Place) -> int:
        """Voices for a place; backward it is one at most, as a border that is a little off means the same there."""
        return self.forward[place] + min(self.backward[place], 1)

    def leader(self) -> Place | None:
        """The place with most voices; of equal ones the draft's, then the leftmost."""
        if not self.forward:
            return None
        return min(self.forward, key=lambda place: (-self.score(place), place not in self.drafted, place))

    def lead(self) -> int:
        """How many more voices the leader has than whatever comes next."""
        leader = self.leader()
        if leader is None:
            return -self.absent
        rest = max((self.score(place) for place in self.forward if place != leader), default=0)
        return self.score(leader) - max(rest, self.absent, 0)

    def holds(self, margin: int) -> bool:
        """Whether the leader is believed; where three voices are needed, one of them speaks backwards."""
        leader = self.leader()
        return leader is not None and self.lead() >= margin and (margin < 3 or self.backward[leader] > 0)

    def torn(self, text: str) -> bool:
        """Whether the leader opens or closes quotes or brackets that the source's words do not."""
        leader = self.leader()
        return leader is not None and balanced(self.words) and not balanced(text[slice(*leader)])

    def disputed(self) -> bool:
        """Whether the leader shares words with the drafts' marks and is none of them: its border is not sure."""
        leader = self.leader()
        if leader is None or leader in self.drafted:
            return False
        return any(leader[0] < end and start < leader[1] for start, end in self.drafted)

    def hopeless(self) -> bool:
        """Whether the translation does not say the unit, or every place that was named means something else."""
        leader = self.leader()
        if leader is not None and self.score(leader) < -1:
            return True
        against = self.absent + self.astray
        return against > 1 and against > (0 if leader is None else self.score(leader))

    def repair(self) -> str | None:
        """What was repaired: None where the draft's own mark holds."""
        leader = self.leader()
        if leader is None or (leader in self.drafted and self._how[leader] == "exact"):
            return None
        how = "" if self._how[leader] == "exact" else f"_{self._how[leader]}"
        return ("mark_moved" if self.drafted else "mark_lost") + how

    def _noted(self, place: Place, found: Found) -> None:
        if self._how.get(place) != "exact":
            self._how[place] = found.how


def balanced(words: str) -> bool:
    """Whether every bracket and every pair of different quotes that opens also closes.

    >>> balanced("“R&B” (live)"), balanced("”R&B"), balanced("it's")
    (True, False, True)
    """
    return all(words.count(pair[0]) == words.count(pair[1]) for pair in PAIRS)


def means(said: str, words: str, others: Container[str]) -> bool:
    """Whether an answer names these words and not those of another unit (`others`, folded; its own may be among them).

    >>> means("the Beatles", "Beatles", frozenset()), means("Rome", "Oslo", frozenset({"rome"}))
    (True, False)
    """
    folded, own = fold_name(said), fold_name(words)
    if folded == own:
        return bool(own)
    if not folded or folded in others:
        return False
    inside = min(folded, own, key=len) in max(folded, own, key=len)
    return (inside and 2 * min(len(folded), len(own)) >= max(len(folded), len(own))) or alike(said, words) >= NEAR
