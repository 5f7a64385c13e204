"""What annotations show about labels: their mentions, the words around them, and which occur together."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from pointline.instruct.labels import LEVEL_OF, Label, Task, keys_in, triple_key
from pointline.sample import AnySpan, Relation, Sample

WINDOW = 10
SCENE = 120


class Shown(msgspec.Struct):
    """What the annotations show of one label: counts of (slot, mention), of (slot, piece) and of words around."""

    mentions: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    pieces: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)
    contexts: Counter[str] = msgspec.field(default_factory=Counter)
    roles: Counter[str] = msgspec.field(default_factory=Counter)


class Evidence(msgspec.Struct):
    """Annotations counted by label key, and in how many samples two labels stand together."""

    shown: dict[str, Shown]
    together: Counter[tuple[str, str]]
    samples: dict[str, int]


def gather(samples: Iterable[Sample], labels: Iterable[Label], task: Task, limit: int = 20_000) -> Evidence:
    """Count what up to `limit` samples show of each label; the rest is not read, so memory stays flat.

    >>> from pointline.sample import Entity
    >>> spans = [Entity("genre", "jazz", 0, 4), Entity("artist", "Davis", 8, 13)]
    >>> labels = [Label("genre", "genre"), Label("artist", "artist")]
    >>> found = gather([Sample("1", "jazz by Davis", entities=spans)], labels, "ner")
    >>> found.shown["genre"].mentions, found.together
    (Counter({('', 'jazz'): 1}), Counter({('artist', 'genre'): 1}))
    """
    shown = {label.key: Shown() for label in labels}
    together: Counter[tuple[str, str]] = Counter()
    count: dict[str, int] = dict.fromkeys(shown, 0)
    for sample in itertools.islice(samples, limit):
        present = sorted(key for key in keys_in(sample, task) if key in shown)
        together.update(itertools.combinations(present, 2))
        for key in present:
            count[key] += 1
        for key, spans, context in _scenes(sample, task):
            if key in shown:
                _add(shown[key], spans, context)
    return Evidence(shown, together, count)


def confusions(
    gold: Iterable[Sample], answers: Mapping[str, Sample], task: Task
) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Count in a dev run (gold label, label given instead) over the same span, pair or trigger; and gold labels.

    `answers` are the predictions by id; a sample without one counts as answered with nothing.

    >>> from pointline.sample import Entity
    >>> gold, said = (Sample("1", "jazz", entities=[Entity(kind, "jazz", 0, 4)]) for kind in ("genre", "album"))
    >>> confusions([gold], {"1": said}, "ner")
    (Counter({('genre', 'album'): 1}), Counter({'genre': 1}))
    """
    taken: Counter[tuple[str, str]] = Counter()
    totals: Counter[str] = Counter()
    for sample in gold:
        right = {(surface, key) for key, surface in _surfaces(sample, task)}
        said = {(s, key) for key, s in _surfaces(answers[sample.id], task)} if sample.id in answers else set()
        totals.update(key for _, key in right)
        wrong = sorted(said - right)
        taken.update((key, other) for surface, key in sorted(right - said) for at, other in wrong if at == surface)
    return taken, totals


def _surfaces(sample: Sample, task: Task) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (label key, the mentions that carry it): an entity, both ends of a relation, an event's trigger."""
    for key, spans, _ in _scenes(sample, task):
        yield key, tuple(text for slot, text in spans if not slot.startswith("role:"))


def words(text: str) -> list[str]:
    """Words of a spaced script in lower case; character pairs of any other.

    >>> words("Play JAZZ now"), words("音楽家")
    (['play', 'jazz', 'now'], ['音楽', '楽家'])
    """
    found: list[str] = []
    for word in text.lower().split():
        found += [word] if word.isascii() or len(word) < 2 else [word[i : i + 2] for i in range(len(word) - 1)]
    return found


def _add(shown: Shown, spans: list[tuple[str, str]], context: str) -> None:
    shown.mentions.update(spans)
    for slot, mention in spans:
        if slot.startswith("role:"):
            shown.roles[slot] += 1
        pieces = mention.lower().split() if mention.isascii() else [mention[:2], mention[-2:], mention[-1:]]
        shown.pieces.update((slot.partition(":")[0], piece) for piece in pieces)
    shown.contexts.update(set(words(context)))


def _scenes(sample: Sample, task: Task) -> Iterator[tuple[str, list[tuple[str, str]], str]]:
    """Yield (label key, [(slot, mention)], the words around) for each annotation of a sample."""
    if task == "ner":
        for entity in sample.entities or ():
            yield entity.type, [("", entity.text)], _around(sample.text, entity)
    elif LEVEL_OF[task] == "relations":
        for relation in sample.relations or ():
            ends = [("head", relation.head.text), ("tail", relation.tail.text)]
            yield _key(relation, task), ends, _between(sample.text, relation)
    else:
        for event in sample.events or ():
            spans = [("trigger", event.trigger.text)] if event.trigger else []
            spans += [(f"role:{argument.role}", argument.text) for argument in event.arguments]
            yield event.type, spans, sample.text[:SCENE]


def _key(relation: Relation, task: Task) -> str:
    if task == "re":
        return relation.type
    if task == "kg":
        return relation.head.type or ""
    return triple_key(relation.head.type, relation.type, relation.tail.type)


def _around(text: str, span: AnySpan) -> str:
    if span.start is None or span.end is None:
        return ""
    return f"{text[max(0, span.start - WINDOW) : span.start]} {text[span.end : span.end + WINDOW]}"


def _between(text: str, relation: Relation) -> str:
    """The words between the ends of a relation; the scene's beginning where the ends have no offsets."""
    borders = sorted(b for span in (relation.head, relation.tail) for b in (span.start, span.end) if b is not None)
    return text[borders[1] : borders[2]][:SCENE] if len(borders) == 4 else text[:SCENE]
