"""The simulated translator without its server: a prompt in, the gold answer out, damaged as the draws say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from simulation import wording
from simulation.drafting import MARKS, WORDS, Draft, Hand
from simulation.faults import Draw, Planted, Rates
from simulation.gold import Drift, Gold
from simulation.listing import listed
from simulation.memory import Memory
from simulation.reading import Asked, Place, Tagged, read


class Reply(NamedTuple):
    """An answer, what was planted in it, and what it is about: for the log.

    text, spans: of a translation, without marks, and where each entity truly is in it (None: nowhere).
    """

    said: str
    finish: str
    form: str
    planted: list[Planted]
    pair: str = ""
    ways: tuple[str, str] = ("", "")
    text: str | None = None
    spans: dict[int, Place | None] | None = None


class Translator:
    """Translates what stands in the gold pairs, in the form that a prompt asks for."""

    def __init__(self, gold: Gold, rates: Rates) -> None:
        self.gold, self.rates = gold, rates
        self._memory = Memory()
        self._forms = {
            "draft": self._draft,
            "insert": self._insert,
            "locate": self._locate,
            "residue": self._residue,
            "paper": self._paper,
        }

    def answer(self, prompt: str, key: str) -> Reply:
        """Answer a prompt; `key` (with the seed) decides every fault."""
        asked = read(prompt)
        if asked is None:
            return Reply("I do not know what to do.", "stop", "unknown", [])
        text, other = asked.tagged("Text"), asked.tagged("Translation", asked.tagged("Text"))
        source = asked.parts["Input"].rpartition("/")[0] if asked.form == "paper" else text.text
        both = self.gold.find(source, asked.ways, text.places.values(), other.text)
        if both is None:
            return Reply("I do not know this text.", "stop", "unknown", [], ways=asked.ways)
        draw = Draw(self.rates, "answer", hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest())
        said, planted, draft = self._forms[asked.form](asked, Hand(self.gold, both, draw))
        if draft is not None:
            self._memory.said(both.number, both.target.lang, draft.text, draft.spans)
        told = (draft.text, draft.spans) if draft else (None, None)
        return _whole(Reply(said, "stop", asked.form, list(planted), both.number, asked.ways, *told), draw)

    def _draft(self, asked: Asked, hand: Hand) -> tuple[str, Iterable[Planted], Draft | None]:
        text, both = asked.tagged("Text"), hand.both
        there = self._memory.places(both, both.source, text.text)
        numbers = _numbers(text, there)
        words = {
            entity: (both.target.spans[entity], hand.translated(entity, text.text[slice(*place)]))
            for entity, place in there.items()
        }
        faults = hand.faults([entity for entity in words if words[entity][1]], (*WORDS, *MARKS) if numbers else WORDS)
        draft = hand.written(both.target.text, words, faults, text, numbers)
        return text.wrapped(draft.marked), faults.values(), draft

    def _insert(self, asked: Asked, hand: Hand) -> tuple[str, Iterable[Planted], Draft | None]:
        text, both = asked.tagged("Text"), hand.both
        other = asked.tagged("Translation", text).text
        places = self._memory.places(both, both.target, other)
        words = {entity: (place, other[slice(*place)]) for entity, place in places.items() if place[0] < place[1]}
        faults = hand.faults(words, (*WORDS, *MARKS))
        numbers = _numbers(text, self._memory.places(both, both.source, text.text))
        draft = hand.written(other, words, faults, text, numbers)
        return text.wrapped(draft.marked), faults.values(), draft

    def _locate(self, asked: Asked, hand: Hand) -> tuple[str, Iterable[Planted], Draft | None]:
        text, both = asked.tagged("Text"), hand.both
        other = asked.tagged("Translation", text).text
        words = [other[slice(*place)] for place in self._memory.places(both, both.target, other).values()]
        numbers = _numbers(text, self._memory.places(both, both.source, text.text))
        faults = hand.faults([entity for entity in numbers if words[entity]], (*WORDS, *MARKS))
        lines = []
        for number in text.places:
            entity = next((entity for entity, held in numbers.items() if number in held), None)
            said = "" if entity is None else words[entity]
            planted = None if entity is None else faults.get(entity)
            if planted is not None and planted.kind == "dropped":
                continue
            if planted is not None and planted.other is not None:
                said = words[planted.other]
            elif planted is not None:
                said = hand.wrong(planted, said, other)
            lines.append(text.marked(number, said))
        return "\n".join(lines), faults.values(), None

    def _residue(self, asked: Asked, hand: Hand) -> tuple[str, Iterable[Planted], Draft | None]:
        other, both = asked.tagged("Translation"), hand.both
        place = next(iter(other.places.values()), (0, 0))
        words = both.target.text[slice(*Drift(other.text, both.target.text).place(*place))]
        there = self._memory.places(both, both.target, other.text)
        hit = [entity for entity, (start, end) in there.items() if start < place[1] and place[0] < end][:1]
        if hit and there[hit[0]] == place:
            words = both.target.words(hit[0])
        faults = hand.faults(hit if words else [], ("paraphrase", "residue", "dropped"))
        said = next((hand.wrong(planted, words) for planted in faults.values()), words)
        return other.wrapped(said), faults.values(), Draft("", *self._memory.mended(both, other.text, place, said))

    def _paper(self, asked: Asked, hand: Hand) -> tuple[str, Iterable[Planted], Draft | None]:
        said, draft, planted = listed(asked, hand)
        return said, planted, draft


def _numbers(text: Tagged, there: Mapping[int, Place]) -> dict[int, list[int]]:
    """The numbers of the marks around each entity; marks around anything else have none."""
    found: dict[int, list[int]] = {}
    for number, (start, end) in text.places.items():
        shared = {entity: max(0, min(end, b) - max(start, a)) for entity, (a, b) in there.items()}
        best = max(shared, key=lambda entity: shared[entity], default=0)
        if shared and 2 * shared[best] > end - start:
            found.setdefault(best, []).append(number)
    return found


def _whole(reply: Reply, draw: Draw) -> Reply:
    """The answer as a whole: cut, fenced, refused, or given twice."""
    planted = draw.of_answer()
    if planted is None:
        return reply
    said, finish = reply.said, reply.finish
    match planted.kind:
        case "cut":
            said, finish = wording.cut(said, draw.random), "length"
        case "fence":
            said = wording.fenced(said, draw.random)
        case "refusal":
            said = draw.random.choice(wording.REFUSALS)
        case "duplicate":
            said = f"{said}\n{said}"
    return reply._replace(said=said, finish=finish, planted=[*reply.planted, planted])
