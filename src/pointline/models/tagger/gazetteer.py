"""A gazetteer learned from train: which strings of words were entities of which types, and how often they were none."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from pointline.models.tagger.characters import place
from pointline.models.tagger.hashing import hashed

Spans: TypeAlias = Sequence[tuple[int, int, str]]
MAX_WORDS = 12
OTHER = ""  # how often a known string was no entity is counted under this name


class _Match(NamedTuple):
    start: int
    end: int
    key: str


class Gazetteer:
    """Known strings with their counts by type; looked up, they become features of the words they cover."""

    def __init__(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        self.counts = {key: dict(counts[key]) for key in sorted(counts)}
        self._prefixes = {prefix for key in self.counts for prefix in _prefixes(key)}

    @classmethod
    def build(cls, examples: Iterable[tuple[Sequence[str], Spans]]) -> Gazetteer:
        """Count the entities of (words, spans) pairs, spans being (first word, behind the last, type), and the
        places where the same strings are none.

        >>> Gazetteer.build([(["in", "new", "york"], [(1, 3, "city")]), (["new", "york", "state"], [])]).to_json()
        {'new\\x1fyork': {'': 1, 'city': 1}}
        """
        held = list(examples)
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for words, spans in held:
            for start, end, kind in spans:
                if 0 < end - start <= MAX_WORDS:
                    counts[_key(words[start:end])][kind] += 1
        known = cls(counts)
        for words, spans in held:
            own = {(start, end) for start, end, _ in spans}
            for match in known._matches(words):
                if (match.start, match.end) not in own:
                    counts[match.key][OTHER] += 1
        return cls({key: dict(sorted(count.items())) for key, count in counts.items()})

    def lookup(self, words: Sequence[str], own: Spans | None = None) -> list[tuple[int, ...]]:
        """Feature ids for every word: types of the known strings over it, its place in them, and how sure they are.

        `own`: the gold spans of this very text, if it is one of train: its own counts are left out, so that training
        sees what an unseen text would (leave-one-out).
        """
        found: list[list[int]] = [[] for _ in words]
        matches = list(self._matches(words))
        left_out = _own_counts(words, matches, own)
        for start, end, key in matches:
            counts = self.counts[key]
            if own is not None:
                counts = {kind: count - left_out[key, kind] for kind, count in counts.items()}
            total = sum(count for count in counts.values() if count > 0)
            length = min(4, end - start)
            for kind, count in counts.items():
                if count <= 0 or kind == OTHER:
                    continue
                share = count / total
                sure = "sure" if share > 0.7 else "often" if share > 0.25 else "rare"
                known = "once" if count == 1 else "more"
                for i in range(start, end):
                    where = place(i, start, end)
                    found[i] += (hashed(f"gaz={where}{kind}"), hashed(f"gaz={where}{kind}.{sure}.{known}"))
                found[start].append(hashed(f"gaz length={length}{kind}.{sure}"))
        return [tuple(ids) for ids in found]

    def to_json(self) -> dict[str, dict[str, int]]:
        """The counts, as a gazetteer is saved."""
        return self.counts

    @classmethod
    def from_json(cls, counts: Mapping[str, Mapping[str, int]]) -> Gazetteer:
        """A gazetteer from what `to_json` gave."""
        return cls(counts)

    def _matches(self, words: Sequence[str]) -> Iterator[_Match]:
        """Every stretch of words that is a known string."""
        for start in range(len(words)):
            key = ""
            for end in range(start + 1, min(len(words), start + MAX_WORDS) + 1):
                key = words[start] if end == start + 1 else f"{key}{_SEPARATOR}{words[end - 1]}"
                if key not in self._prefixes:
                    break
                if key in self.counts:
                    yield _Match(start, end, key)


_SEPARATOR = "\x1f"


def _key(words: Sequence[str]) -> str:
    return _SEPARATOR.join(words)


def _prefixes(key: str) -> Iterator[str]:
    words = key.split(_SEPARATOR)
    return (_key(words[:n]) for n in range(1, len(words) + 1))


def _own_counts(words: Sequence[str], matches: Iterable[_Match], own: Spans | None) -> Counter[tuple[str, str]]:
    """What one text gave to the counts."""
    counts: Counter[tuple[str, str]] = Counter()
    if own is None:
        return counts
    places = {(start, end) for start, end, _ in own}
    counts.update((_key(words[start:end]), kind) for start, end, kind in own)
    counts.update((match.key, OTHER) for match in matches if (match.start, match.end) not in places)
    return counts
