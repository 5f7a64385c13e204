"""Word lists from word-level annotations: which words stand for which text label.

MMM, section 8 and Figure 8, takes the 100 most frequent words of the word-level annotations of each label. That can be
read in two ways: the words of the texts that bear the label (`texts`), or the words whose own type belongs to the
label (`types`), as with sentiment, where a positive word has the type "positive".
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

import msgspec

from pointline.errors import Refusal, SettingsFault
from pointline.sample import Sample
from pointline.text.morphology import available, morphemes
from pointline.text.scripts import language
from pointline.text.segment import tokens

Reading: TypeAlias = Literal["texts", "types"]
Weight: TypeAlias = Literal["frequency", "tfidf", "log-odds"]
PRIOR = 0.01
"""Pseudo-count of a word in the log-odds, times its share of all words."""


class WordSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How word lists are made.

    reading: `texts` or `types`. size: words a label. weight: how words are ranked: by `frequency` (the paper), `tfidf`
    (labels as documents), or `log-odds` against the other labels with an informative prior (Monroe, Colaresi and Quinn
    2008). shared: keep words that stand in the lists of several labels. whole: a name of several words stays whole
    instead of being cut into words.
    """

    reading: Reading = "texts"
    size: int = 100
    weight: Weight = "frequency"
    shared: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        if self.size < 1:
            raise SettingsFault(f"size = {self.size} must be 1 or more")


DEFAULT = WordSettings()


class WordLists(msgspec.Struct, frozen=True):
    """Words by label, the weightiest first, with their weights; `dropped` were shared by several labels."""

    words: dict[str, dict[str, float]]
    dropped: list[str] = []


def word_lists(
    samples: Iterable[Sample], settings: WordSettings = DEFAULT, types: Mapping[str, str] | None = None
) -> WordLists:
    """The words of each text label of the samples.

    `types` says, for the reading `types`, to which label each entity type belongs; without it a type belongs to the
    label of its own name. Raises Refusal where no sample has both levels, or no type belongs to a label.

    >>> from pointline.sample import Entity
    >>> samples = [Sample("1", "good tea", labels=["up"], entities=[Entity("up", "good", 0, 4)]),
    ...            Sample("2", "bad tea", labels=["down"], entities=[Entity("down", "bad", 0, 3)])]
    >>> word_lists(samples).words
    {'down': {'bad': 1.0}, 'up': {'good': 1.0}}
    """
    labels: set[str] = set()
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sample in samples:
        labels.update(sample.labels or ())
        for wording, kind in wordings(sample):
            owners = list(sample.labels or ()) if settings.reading == "texts" else [(types or {}).get(kind, kind)]
            cut = [wording.casefold()] if settings.whole else list(words(wording, sample.lang))
            for owner in owners:
                counts[owner].update(cut)
    known = {label: counts[label] for label in sorted(labels) if counts[label]}
    if not known:
        told = "no type belongs to a label; say which by types" if settings.reading == "types" else "no words"
        raise Refusal(f"no text label has words: {told}")
    weighed = _weighed(known, settings.weight)
    held = {label: _heaviest(found, settings.size) for label, found in weighed.items()}
    times = Counter(word for found in held.values() for word in found)
    shared = sorted(word for word, count in times.items() if count > 1)
    if not settings.shared:
        held = {label: {w: weight for w, weight in found.items() if times[w] == 1} for label, found in held.items()}
    return WordLists({label: held.get(label, {}) for label in sorted(labels)}, shared)


def wordings(sample: Sample) -> Iterator[tuple[str, str]]:
    """(wording, type) of everything annotated at the word level: entities, ends of relations, parts of events."""
    for entity in sample.entities or ():
        yield entity.text, entity.type
    for relation in sample.relations or ():
        for end in (relation.head, relation.tail):
            yield end.text, relation.type
    for event in sample.events or ():
        for span in [event.trigger] if event.trigger else []:
            yield span.text, event.type
        for argument in event.arguments:
            yield argument.text, event.type


def words(text: str, lang: str | None = None) -> Iterator[str]:
    """The words of a text, case folded, without marks: Japanese and Chinese by morphemes where an analyser is there.

    >>> list(words("Play Free-Jazz!"))
    ['play', 'free', 'jazz']
    """
    told = language(text, lang)
    analyser: Literal["sudachi", "jieba"] | None = {"ja": "sudachi", "zh": "jieba"}.get(told or "")  # type: ignore[assignment]
    if analyser is not None and available(analyser):
        places = [(each.start, each.end) for each in morphemes(text, analyser)]
    else:
        places = tokens(text)
    for start, end in places:
        word = text[start:end]
        if any(char.isalnum() for char in word):
            yield word.casefold()


def _heaviest(found: Mapping[str, float], size: int) -> dict[str, float]:
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return dict(ranked[:size])


def _weighed(counts: Mapping[str, Counter[str]], weight: Weight) -> dict[str, dict[str, float]]:
    if weight == "frequency":
        return {label: {word: float(count) for word, count in found.items()} for label, found in counts.items()}
    if weight == "tfidf":
        spread = Counter(word for found in counts.values() for word in found)
        return {
            label: {word: count * math.log(1 + len(counts) / spread[word]) for word, count in found.items()}
            for label, found in counts.items()
        }
    return {label: _log_odds(label, counts) for label in counts}


def _log_odds(label: str, counts: Mapping[str, Counter[str]]) -> dict[str, float]:
    """The z score of the log-odds ratio of each word in a label against all others (Monroe et al. 2008, eq. 16-22)."""
    everywhere: Counter[str] = Counter()
    for found in counts.values():
        everywhere.update(found)
    own, total = counts[label], sum(everywhere.values())
    n, rest_n = sum(own.values()), total - sum(own.values())
    prior = PRIOR * total
    out = {}
    for word, count in own.items():
        share = PRIOR * everywhere[word]
        rest = everywhere[word] - count
        here, there = count + share, rest + share
        odds = math.log(here / (n + prior - here)) if n + prior > here else math.inf
        others = math.log(there / (rest_n + prior - there)) if rest_n + prior > there > 0 else -math.inf
        if math.isfinite(odds) and math.isfinite(others):
            out[word] = (odds - others) / math.sqrt(1 / here + 1 / there)
    return {word: z for word, z in out.items() if z > 0}
