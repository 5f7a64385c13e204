"""Samples that the review tests share, all written for them."""

from __future__ import annotations

from pathlib import Path

from pointline.review.item import Item
from pointline.review.ledger import Ledger, ReviewSettings
from pointline.review.store import Store
from pointline.sample import Entity, Sample

TEXT = "Halima Quill plays the lute in Orvane"
JAPANESE = "田中さんは東京でりんごを食べた"


def entity(text: str, kind: str, words: str, at: int | None = None) -> Entity:
    start = text.index(words) if at is None else at
    return Entity(kind, words, start, start + len(words))


def draft(number: int = 1, text: str = TEXT) -> Sample:
    entities = [entity(text, "person", "Halima Quill"), entity(text, "place", "Orvane")] if text == TEXT else []
    return Sample(f"s/{number}", text, lang="en", labels=["music"], entities=entities)


def items(count: int) -> list[Item]:
    return [Item(draft(number), origin="s.jsonl", reasons=("low_confidence",)) for number in range(1, count + 1)]


class Clock:
    """A clock that a test winds."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        self.time += 1
        return self.time


def new_store(folder: Path, count: int = 3, overlap: int = 1) -> Store:
    store = Store(Ledger(folder / "r.sqlite", ReviewSettings(overlap), Clock()))
    store.add(items(count))
    return store


def store_of(folder: Path, *samples: Sample) -> Store:
    store = Store(Ledger(folder / "r.sqlite"))
    store.add([Item(sample) for sample in samples])
    return store


def entities(store: Store, pos: int = 1) -> list[tuple[str, str, int | None]]:
    """Type, words and start of every span of an item as it stands."""
    return [(one.type, one.text, one.start) for one in store.result(pos).entities or ()]
