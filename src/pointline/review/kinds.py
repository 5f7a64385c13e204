"""Which type of the original is which type of the translation, learned from how often they stand side by side."""

from __future__ import annotations

import itertools
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator

from pointline.review.item import Item
from pointline.sample import Sample


def kinds(items: Iterable[Item]) -> dict[str, str]:
    """For each entity type of the drafts the type of the sources that it translates; a type of both is itself.

    Two types belong together where items hold them equally often, the more so where repairs name them together or
    they stand at like places of the two texts; the strongest pairs are taken first, each once.

    >>> from pointline.sample import Entity, Sample
    >>> original = Sample("1", "a", entities=[Entity("人名", "a", 0, 1)])
    >>> kinds([Item(Sample("1/en", "b", entities=[Entity("person", "b", 0, 1)]), original)])
    {'person': '人名'}
    """
    together: Counter[tuple[str, str]] = Counter()
    apart: dict[tuple[str, str], float] = {}
    here: Counter[str] = Counter()
    there: Counter[str] = Counter()
    for item in items:
        if item.source is None:
            continue
        drafts, sources = _places(item.draft), _places(item.source)
        here.update(drafts.keys())
        there.update(sources.keys())
        for a, b in itertools.product(drafts, sources):
            if len(drafts[a]) == len(sources[b]):
                together[a, b] += 1
                far = abs(statistics.fmean(drafts[a]) - statistics.fmean(sources[b]))
                apart[a, b] = apart.get((a, b), 0.0) + far
        together.update(_repaired(item))
    found = {name: name for name in sorted(here) if name in there}
    strength = {
        (a, b): 2 * n / (here[a] + there[b]) - 0.5 * apart.get((a, b), 0.0) / n for (a, b), n in together.items()
    }
    for a, b in sorted(together, key=lambda pair: (-strength[pair], pair)):
        if a not in found and b not in found.values():
            found[a] = b
    return dict(sorted(found.items()))


def _places(sample: Sample) -> dict[str, list[float]]:
    """Where in the text the entities of each type stand, from 0 to 1."""
    found: dict[str, list[float]] = {}
    for entity in sample.entities or ():
        found.setdefault(entity.type, []).append((entity.start or 0) / max(1, len(sample.text)))
    return found


def _repaired(item: Item) -> Iterator[tuple[str, str]]:
    """Types of spans that a repair names together."""
    sources = {entity.text: entity.type for entity in (item.source.entities if item.source else None) or ()}
    drafts = {entity.text: entity.type for entity in item.draft.entities or ()}
    for repair in item.repairs:
        if repair.target in drafts and repair.source in sources:
            yield drafts[repair.target], sources[repair.source]
