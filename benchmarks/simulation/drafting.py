"""A translation written with its planted faults: words said wrongly, marks lost, exchanged or shifted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from simulation import wording
from simulation.faults import Draw, Planted
from simulation.gold import Both, Gold
from simulation.reading import Place, Tagged

WORDS = ("paraphrase", "residue", "dropped", "untranslated")
"""Faults of words, whether anything marks them or not."""
MARKS = ("lost_mark", "swapped", "shifted")
"""Faults of what marks them."""


class Draft(NamedTuple):
    """A translation: the text with marks, without, and where each entity is in it (None: nowhere)."""

    marked: str
    text: str
    spans: dict[int, Place | None]


class Hand:
    """Writes about one pair for one request."""

    def __init__(self, gold: Gold, both: Both, draw: Draw) -> None:
        self.gold, self.both, self.draw = gold, both, draw

    def faults(self, entities: Iterable[int], kinds: Iterable[str]) -> dict[int, Planted]:
        """Draw the faults of some entities; kana are no residue in Japanese."""
        fit = [kind for kind in kinds if kind != "residue" or self.both.target.lang != "ja"]
        return self.draw.of_entities(self.both.number, {entity: self.both.types[entity] for entity in entities}, fit)

    def wrong(self, planted: Planted, words: str, text: str = "") -> str:
        """What is said in place of an entity's words; a paraphrase is one that does not stand in `text`."""
        entity, both = planted.entity or 0, self.both
        match planted.kind:
            case "paraphrase":
                others = self.gold.alternatives(both, entity) if text else []
                return wording.paraphrase(words, both.target.lang, others, text or words, self.draw.random)
            case "residue":
                return wording.kana(self.draw.random)
            case "untranslated":
                return both.source.words(entity)
            case "dropped" | "lost_mark":
                return ""
            case "shifted":
                return words[1:] if len(words) > 1 else words
        return words

    def translated(self, entity: int, now: str) -> str:
        """An entity's translation, as far as its words in the text at hand say the same as gold."""
        both = self.both
        if not now or set(now.casefold()) & set(both.source.words(entity).casefold()):
            return both.target.words(entity) if now else ""
        alike = self.gold.alternatives(both.back(), entity)
        return both.target.words(entity) if now in alike else wording.garbled(now)

    def written(
        self,
        text: str,
        words: Mapping[int, tuple[Place, str]],
        faults: Mapping[int, Planted],
        marks: Tagged,
        numbers: Mapping[int, list[int]],
    ) -> Draft:
        """A text anew: at each entity's place its words, with its faults and in its marks."""
        marked = new = ""
        at = 0
        spans: dict[int, Place | None] = dict.fromkeys(range(len(self.both.types)))
        swaps = _swaps(faults.values())
        for entity, ((start, end), said) in sorted(words.items(), key=lambda item: item[1][0]):
            marked, new = marked + text[at:start], new + text[at:start]
            at = end
            planted = faults.get(entity)
            if planted is not None and planted.kind in WORDS and said:
                said = self.wrong(planted, said, text)
            if not said and new.endswith(" "):
                marked, new = marked[:-1], new[:-1]
            spans[entity] = (len(new), len(new) + len(said)) if said else None
            new += said
            held = numbers.get(swaps.get(entity, entity), []) if said else []
            marked += self._marked(said, held, marks, planted.kind if planted else "")
        return Draft(marked + text[at:], new + text[at:], spans)

    def _marked(self, said: str, numbers: list[int], marks: Tagged, kind: str) -> str:
        before = ""
        if kind == "shifted" and numbers and len(said) > 1:
            before, said = said[0], said[1:]
        for number in numbers:
            tags = marks.marked(number, "")
            said = marks.marked(number, said)
            if kind == "lost_mark":
                lost = self.draw.random.choice(("opening", "closing", "both"))
                said = said.removeprefix(tags[: tags.index("</")]) if lost != "closing" else said
                said = said.removesuffix(tags[tags.index("</") :]) if lost != "opening" else said
        return before + said


def _swaps(faults: Iterable[Planted]) -> dict[int, int]:
    swaps: dict[int, int] = {}
    for planted in faults:
        if planted.kind == "swapped" and planted.entity is not None and planted.other is not None:
            swaps |= {planted.entity: planted.other, planted.other: planted.entity}
    return swaps
