"""The simulated translator without its server: a prompt in, the gold answer out, damaged as the draws say.

It remembers where the entities are in what it said, as one who translates does; of a text that is not its own it knows
what the difference from gold tells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from simulation import wording
from simulation.faults import Draw, Planted, Rates
from simulation.gold import Both, Drift, Gold, Side
from simulation.reading import Asked, Place, Tagged, read

WORDS = ("paraphrase", "residue", "dropped", "untranslated")
"""Faults of words where nothing marks them."""
MARKS = ("lost_mark", "swapped", "shifted")


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


class Draft(NamedTuple):
    """A translation being written: the text with marks, without, and where each entity is."""

    marked: str
    text: str
    spans: dict[int, Place | None]


class Translator:
    """Translates what stands in the gold pairs, in the form that a prompt asks for."""

    def __init__(self, gold: Gold, rates: Rates) -> None:
        self.gold, self.rates = gold, rates
        self._said: dict[tuple[str, str, str], dict[int, Place | None]] = {}

    def answer(self, prompt: str, key: str) -> Reply:
        """Answer a prompt; `key` (with the seed) decides every fault."""
        asked = read(prompt)
        draw = Draw(self.rates, "answer", hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest())
        if asked is None:
            return Reply("I do not know what to do.", "stop", "unknown", [])
        reply = getattr(self, f"_{asked.form}")(asked, draw)
        return reply if reply.form == "unknown" else _whole(reply, draw)

    def _draft(self, asked: Asked, draw: Draw) -> Reply:
        text = asked.tagged("Text")
        both = self.gold.find(text.text, asked.ways, text.places.values())
        if both is None:
            return _unknown(asked)
        there = self._places(both, both.source, text.text)
        numbers = _numbers(text, there)
        kinds = (*WORDS, *MARKS) if numbers else WORDS
        faults = draw.of_entities(dict(enumerate(both.types)), _fit(kinds, both))
        words = {entity: self._translated(both, entity, text.text[slice(*place)]) for entity, place in there.items()}
        draft = self._written(
            both.target.text, dict(enumerate(both.target.spans)), words, numbers, faults, both, draw, text
        )
        return _reply(asked, both, text.wrapped(draft.marked), faults.values(), self._remembered(both, draft))

    def _insert(self, asked: Asked, draw: Draw) -> Reply:
        text = asked.tagged("Text")
        other = asked.tagged("Translation", text)
        both = self.gold.find(text.text, asked.ways, text.places.values(), other.text)
        if both is None:
            return _unknown(asked)
        places = self._places(both, both.target, other.text)
        there = {entity: place for entity, place in places.items() if place[0] < place[1]}
        faults = draw.of_entities({entity: both.types[entity] for entity in there}, _fit((*WORDS, *MARKS), both))
        words = {entity: other.text[slice(*place)] for entity, place in there.items()}
        draft = self._written(other.text, there, words, _numbers(text, self._places(both, both.source, text.text)), faults, both, draw, text)
        return _reply(asked, both, text.wrapped(draft.marked), faults.values(), self._remembered(both, draft))

    def _locate(self, asked: Asked, draw: Draw) -> Reply:
        text = asked.tagged("Text")
        other = asked.tagged("Translation", text)
        both = self.gold.find(text.text, asked.ways, text.places.values(), other.text)
        if both is None:
            return _unknown(asked)
        words = [other.text[slice(*place)] for place in self._places(both, both.target, other.text).values()]
        numbers = _numbers(text, self._places(both, both.source, text.text))
        present = {entity: both.types[entity] for entity in numbers if words[entity]}
        faults = draw.of_entities(present, _fit((*WORDS, *MARKS), both))
        lines = []
        for number in text.places:
            entity = next((entity for entity, held in numbers.items() if number in held), None)
            said = "" if entity is None else words[entity]
            planted = faults.get(-1 if entity is None else entity)
            if planted is not None and planted.kind == "dropped":
                continue
            if planted is not None and planted.kind == "swapped":
                said = words[planted.other or 0]
            elif planted is not None:
                said = self._wrong(planted, both, other.text, said, draw)
            lines.append(text.marked(number, said))
        return _reply(asked, both, "\n".join(lines), faults.values())

    def _residue(self, asked: Asked, draw: Draw) -> Reply:
        text, other = asked.tagged("Text"), asked.tagged("Translation")
        both = self.gold.find(text.text, asked.ways, (), other.text)
        if both is None or not other.places:
            return _unknown(asked)
        [place] = list(other.places.values())[:1]
        words = both.target.text[slice(*Drift(other.text, both.target.text).place(*place))]
        faults = draw.of_entities({0: ""} if words else {}, _fit(("paraphrase", "residue", "dropped"), both))
        said = self._wrong(faults[0], both, "", words, draw) if faults else words
        # Which entity the words belong to, for the log alone.
        entity = next((i for i in range(len(both.types)) if words and words in both.target.words(i)), None)
        self._mended(both, other.text, place, said)
        return _reply(asked, both, other.wrapped(said), [Planted(f.kind, entity) for f in faults.values()])

    def _paper(self, asked: Asked, draw: Draw) -> Reply:
        source, slash, word = asked.parts["Input"].rpartition("/")
        both = self.gold.find(source, asked.ways)
        if both is None:
            return _unknown(asked)
        faults = draw.of_entities(dict(enumerate(both.types)), _fit((*WORDS, *MARKS), both))
        in_text = {entity: both.target.words(entity) for entity in range(len(both.types))}
        listed = dict(in_text)
        head, points = _points(asked.parts["Output"], word, [both.source.words(i) for i in in_text])
        for entity, planted in faults.items():
            if planted.kind not in ("dropped", "swapped", "lost_mark"):
                listed[entity] = self._wrong(planted, both, both.target.text, in_text[entity], draw)
            if planted.kind in ("residue", "untranslated"):
                in_text[entity] = listed[entity]
            elif (
                planted.kind == "dropped"
                and both.target.text.count(in_text[entity]) == 1
                and draw.random.random() < 0.5
            ):
                in_text[entity] = ""
            elif planted.kind == "dropped":
                points.pop(entity, None)
            elif planted.kind == "swapped" and planted.other in points and entity in points:
                points[entity], points[planted.other] = points[planted.other], points[entity]
        draft = self._written(both.target.text, dict(enumerate(both.target.spans)), in_text, {}, {}, both, draw, None)
        for entity, point in sorted(points.items()):
            lost = entity in faults and faults[entity].kind == "lost_mark"
            head += point + ("" if lost else ";") + listed[entity]
        said = f"Input: {draft.text}{slash}{word}\nOutput: {head}"
        return _reply(asked, both, said, faults.values(), draft)

    def _places(self, both: Both, side: Side, text: str) -> dict[int, Place]:
        """Where each entity is in a text: as it was said, else by what differs from gold; empty = nowhere."""
        told = self._said.get((both.number, side.lang, text))
        if told is not None:
            return {entity: place or (0, 0) for entity, place in told.items()}
        drift = Drift(side.text, text)
        return {entity: drift.place(*span) for entity, span in enumerate(side.spans)}

    def _mended(self, both: Both, text: str, place: Place, words: str) -> None:
        """Remember where entities are in a text after some of its words are replaced."""
        changed = text[: place[0]] + words + text[place[1] :]
        shift = len(changed) - len(text)
        spans: dict[int, Place | None] = {}
        for entity, (start, end) in self._places(both, both.target, text).items():
            moved = start + shift * (start >= place[1]), end + shift * (end >= place[1])
            spans[entity] = moved if moved[0] < moved[1] else None
        self._said.setdefault((both.number, both.target.lang, changed), spans)

    def _remembered(self, both: Both, draft: Draft) -> Draft:
        self._said.setdefault((both.number, both.target.lang, draft.text), draft.spans)
        return draft

    def _translated(self, both: Both, entity: int, now: str) -> str:
        """An entity's translation, as far as its words in the text at hand say the same as gold."""
        gold = both.source.words(entity)
        if not now or now == gold or set(now.casefold()) & set(gold.casefold()):
            return both.target.words(entity) if now else ""
        alike = self.gold.alternatives(Both(both.number, both.types, both.target, both.source), entity)
        return both.target.words(entity) if now in alike else wording.garbled(now)

    def _wrong(self, planted: Planted, both: Both, text: str, words: str, draw: Draw) -> str:
        """What stands in place of an entity's words."""
        match planted.kind:
            case "paraphrase":
                entity = planted.entity or 0
                others = self.gold.alternatives(both, entity) if entity < len(both.types) and text else []
                return wording.paraphrase(words, both.target.lang, others, text or words, draw.random)
            case "residue":
                return wording.kana(draw.random)
            case "untranslated":
                return both.source.words(planted.entity or 0)
            case "dropped" | "lost_mark":
                return ""
            case "shifted":
                return words[1:] if len(words) > 1 else words
        return words

    def _written(
        self,
        gold: str,
        places: Mapping[int, Place],
        words: Mapping[int, str],
        numbers: Mapping[int, list[int]],
        faults: Mapping[int, Planted],
        both: Both,
        draw: Draw,
        marks: Tagged | None,
    ) -> Draft:
        """A text anew with other words at its places, and marks around them."""
        swaps = {}
        for entity, planted in faults.items():
            if planted.kind == "swapped" and planted.other is not None:
                swaps |= {entity: planted.other, planted.other: entity}
        marked = text = ""
        at = 0
        spans: dict[int, Place | None] = dict.fromkeys(range(len(both.types)))
        for entity, (start, end) in sorted(places.items(), key=lambda item: item[1]):
            planted = faults.get(entity)
            kind = planted.kind if planted else ""
            said = words[entity]
            if planted is not None and said and kind in WORDS:
                said = self._wrong(planted, both, gold, said, draw)
            marked, text = marked + gold[at:start], text + gold[at:start]
            at = end
            if (not said or kind == "dropped") and text.endswith(" "):
                marked, text = marked[:-1], text[:-1]
            spans[entity] = (len(text), len(text) + len(said)) if said else None
            text += said
            held = numbers.get(swaps.get(entity, entity), []) if said else []
            if kind == "shifted" and held and len(said) > 1:
                marked, said = marked + said[0], said[1:]
            for number in held:
                assert marks is not None
                said = marks.marked(number, said)
                if kind == "lost_mark":
                    said = _half(said, marks.marked(number, ""), draw)
            marked += said
        return Draft(marked + gold[at:], text + gold[at:], spans)


def _half(said: str, tags: str, draw: Draw) -> str:
    """Without one of its two tags, or without both."""
    middle = tags.index("</")
    opening, closing = tags[:middle], tags[middle:]
    lost = draw.random.choice(("open", "close", "both"))
    said = said.removeprefix(opening) if lost != "close" else said
    return said.removesuffix(closing) if lost != "open" else said


def _fit(kinds: Iterable[str], both: Both) -> list[str]:
    """Kana are no residue in Japanese; words that are the same in both languages cannot be left untranslated."""
    return [kind for kind in kinds if kind != "residue" or both.target.lang != "ja"]


def _numbers(text: Tagged, there: Mapping[int, Place]) -> dict[int, list[int]]:
    """The numbers of the marks around each entity; marks around anything else have none."""
    found: dict[int, list[int]] = {}
    for number, (start, end) in text.places.items():
        shared = {entity: max(0, min(end, b) - max(start, a)) for entity, (a, b) in there.items()}
        best = max(shared, key=lambda entity: shared[entity], default=0)
        if shared and 2 * shared[best] > end - start:
            found.setdefault(best, []).append(number)
    return found


def _points(output: str, word: str, words: list[str]) -> tuple[str, dict[int, str]]:
    """The output line up to its points, and `:type` of every point, whose words are known."""
    head = output[: output.find(f"/{word}/") + len(word) + 2] if f"/{word}/" in output else output
    at = len(head)
    found: dict[int, str] = {}
    for entity, said in enumerate(words):
        place = output.find(f";{said}", at)
        if place < 0:
            break
        found[entity] = output[at:place]
        at = place + 1 + len(said)
    return head, found


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


def _reply(asked: Asked, both: Both, said: str, planted: Iterable[Planted], draft: Draft | None = None) -> Reply:
    told = (draft.text, draft.spans) if draft else (None, None)
    return Reply(said, "stop", asked.form, list(planted), both.number, asked.ways, *told)


def _unknown(asked: Asked) -> Reply:
    return Reply("I do not know this text.", "stop", "unknown", [], ways=asked.ways)
