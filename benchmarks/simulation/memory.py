"""Where entities are in texts that a translator has said, and in those that it has not."""

from __future__ import annotations

from simulation.gold import Both, Drift, Side
from simulation.reading import Place


class Memory:
    """Remembers the places of entities in every text that was said; of others it knows what differs from gold."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str, str], dict[int, Place | None]] = {}

    def said(self, number: str, lang: str, text: str, spans: dict[int, Place | None]) -> None:
        """Remember a text of the pair `number`."""
        self._said.setdefault((number, lang, text), spans)

    def places(self, both: Both, side: Side, text: str) -> dict[int, Place]:
        """Where each entity is in a text of one side; empty where it is not."""
        told = self._said.get((both.number, side.lang, text))
        if told is not None:
            return {entity: place or (0, 0) for entity, place in told.items()}
        drift = Drift(side.text, text)
        return {entity: drift.place(*span) for entity, span in enumerate(side.spans)}

    def mended(self, both: Both, text: str, place: Place, words: str) -> tuple[str, dict[int, Place | None]]:
        """A translation after some of its words are replaced, and where its entities are then."""
        changed = text[: place[0]] + words + text[place[1] :]
        shift = len(changed) - len(text)
        spans: dict[int, Place | None] = {}
        for entity, (start, end) in self.places(both, both.target, text).items():
            moved = start + shift * (start >= place[1]), end + shift * (end >= place[1])
            spans[entity] = moved if moved[0] < moved[1] else None
        return changed, spans
