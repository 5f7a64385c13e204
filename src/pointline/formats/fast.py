"""The short way through clean outputs: where nothing is ambiguous, labels and entities are read without a search."""

from __future__ import annotations

from pointline.formats.ask import Ask
from pointline.formats.cut import Names
from pointline.sample import Entity, Sample
from pointline.text.locate import SPACED_BELOW, cuts_word


class FastPoints:
    """Reads `{label}/{IW}/:{type};{entity}...` where every mark is a mark and every entity stands in order.

    What it reads is what the search would read; anything else is left to the search (None).
    """

    def __init__(self, ask: Ask) -> None:
        self._levels = ask.levels()
        names = Names(ask.schema.names("entities") or (), open=False)
        self._types = frozenset(names.all)
        self._labels = frozenset(name for name in ask.schema.names("labels") or () if "," not in name)
        self._words = frozenset(ask.words.readable("entities"))
        self._usable = self._levels in (("labels", "entities"), ("entities",)) and not names.odd

    def read(self, raw: str, text: str, id: str) -> Sample | None:
        """The sample, or None where the search must decide."""
        parts = raw.split("/")
        if len(parts) != 3 or parts[1] not in self._words or not self._usable:
            return None
        said = parts[0]
        labels = [said] if said in self._labels else said.split(",") if said else []
        if not self._labels.issuperset(labels) or (said and self._levels[0] != "labels"):
            return None
        entities = self._entities(parts[2], text)
        if entities is None:
            return None
        return Sample(id, text, None, labels if self._levels[0] == "labels" else None, entities, raw=raw)

    def _entities(self, block: str, text: str) -> list[Entity] | None:
        entities: list[Entity] = []
        if not block:
            return entities
        pieces = iter(block.split(":"))
        if next(pieces):
            return None
        types, find, add = self._types, text.find, entities.append
        end, size = 0, len(text)
        for piece in pieces:
            kind, _, surface = piece.partition(";")
            start = find(surface, end)
            if start < 0 or not surface or kind not in types or ";" in surface:
                return None
            end = start + len(surface)
            if (
                (surface[0] < SPACED_BELOW or surface[-1] < SPACED_BELOW)
                and ((start and text[start - 1].isalnum()) or (end < size and text[end].isalnum()))
                and cuts_word(text, start, end)
            ):
                return None
            add(Entity(kind, surface, start, end))
        return entities
