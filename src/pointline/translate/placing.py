"""Every unit's place in a finished translation: the draft's marks, questions forward and backward, until all hold."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pointline.llm import Answer
from pointline.text.normalize import fold_name
from pointline.translate import prompt
from pointline.translate.asking import Asking, Steps, inserted, located
from pointline.translate.finding import find
from pointline.translate.marks import names_for
from pointline.translate.settings import TranslateSettings
from pointline.translate.units import Place
from pointline.translate.voices import Voices

AGAIN = 2
"""Rounds of questions about a text that a further draft says again."""


class Placing:
    """The units of one source text in one translation. A draft that says the same text again adds its voices."""

    def __init__(self, source: str, places: Mapping[int, Place], text: str, settings: TranslateSettings) -> None:
        self.text = text
        self._source, self._places, self._settings = source, places, settings
        self.voices = {number: Voices(number, source[a:b]) for number, (a, b) in places.items()}
        self._surfaces = Counter(fold_name(voice.words) for voice in self.voices.values())
        self._names = names_for(source, text)
        self._asked = False

    def mark(self, marks: Mapping[int, Place]) -> None:
        """A draft of this text with these marks."""
        for number, place in marks.items():
            self.voices[number].mark(place)

    def settle(self, asking: Asking) -> Steps[bool]:
        """Ask until every unit has its place, one is hopeless, or the rounds are over; whether all have."""
        # a text that comes again has been asked about already: its new voices need little more
        for turn in range(AGAIN if self._asked else self._settings.rounds + 1):
            open_ = [voice for voice in self.voices.values() if not self._holds(voice)]
            if not open_ or any(voice.hopeless() for voice in open_):
                break
            together = self._settings.together if turn == 0 else 1
            self._asked = True
            yield from self._round(asking, open_, together)
        return all(self._holds(voice) for voice in self.voices.values())

    def found(self) -> dict[int, Place]:
        """The place of every unit that holds."""
        held = ((number, voice, voice.leader()) for number, voice in self.voices.items())
        return {n: leader for n, voice, leader in held if leader is not None and self._holds(voice)}

    def faults(self) -> list[str]:
        """What speaks against places that hold: borders in dispute, spans that overlap as they do not in the source.

        Spans that lie apart in the source may be the same words in the translation, yet not some of them.
        """
        wrong = ["border_disputed"] if any(voice.disputed() for voice in self.voices.values()) else []
        found = sorted((place, self._places[number]) for number, place in self.found().items())
        reach: list[tuple[Place, Place]] = []
        for place, source in found:
            reach = [held for held in reach if held[0][1] > place[0]]
            apart = (held for held in reach if held[0] != place and _apart(held[1], source))
            if next(apart, None) is not None:
                return [*wrong, "entities_overlap"]
            reach.append((place, source))
        return wrong

    def _holds(self, voice: Voices) -> bool:
        return voice.holds(self._settings.margin) and not voice.torn(self.text)

    def _round(self, asking: Asking, voices: Sequence[Voices], together: int) -> Steps[None]:
        clear: list[Voices] = []
        unclear: list[Voices] = []
        for voice in voices:
            (unclear if self._is_unclear(voice) else clear).append(voice)
        led = [voice for voice in voices if voice.leader() is not None] if self._settings.margin > 2 else []
        jobs = [("locate", part) for part in _parts(clear, together)]
        jobs += [("insert", part) for part in _parts(unclear, together)]
        # neighbours apart: two marks exchanged forward cannot be exchanged back in one and the same answer
        jobs += [("back", part) for half in (led[::2], led[1::2]) for part in _parts(half, together)]
        questions = [self._question(asking, kind, part) for kind, part in jobs]
        answers = yield from asking.ask([(kind, said) for (kind, _), (said, _) in zip(jobs, questions, strict=True)])
        for (kind, part), (_, order), answer in zip(jobs, questions, answers, strict=True):
            self._hear(kind, part, order, answer)

    def _is_unclear(self, voice: Voices) -> bool:
        """Whether words alone do not say which place is meant: they stand in source or translation more than once."""
        leader = voice.leader()
        twice = leader is not None and self.text.count(self.text[slice(*leader)]) > 1
        return voice.unclear or twice or self._surfaces[fold_name(voice.words)] > 1

    def _question(self, asking: Asking, kind: str, part: Sequence[Voices]) -> tuple[str, dict[int, Place]]:
        """A prompt, and the places it shows by number; backwards, numbers follow the translation and tell nothing."""
        if kind == "back":
            rising = sorted({leader for voice in part if (leader := voice.leader()) is not None})
            order = dict(enumerate(rising, 1))
            return prompt.locate(asking.back, self.text, order, self._source, self._names), order
        order = {voice.number: self._places[voice.number] for voice in part}
        form = prompt.insert if kind == "insert" else prompt.locate
        return form(asking.pair, self._source, order, self.text, self._names), order

    def _hear(self, kind: str, part: Sequence[Voices], order: Mapping[int, Place], answer: Answer) -> None:
        if kind == "insert":
            self._hear_inserted(part, answer)
            return
        said = located(answer, self._names)
        if kind == "locate":
            for voice in part:
                if voice.number in said:
                    voice.named(self.text, said[voice.number], self._settings.fuzzy)
            return
        back = {place: said[number] for number, place in order.items() if number in said}
        for voice in part:
            leader = voice.leader()
            words = back.get(leader) if leader is not None else None
            # words that the source does not have are an answer gone astray, no voice
            if leader is not None and words is not None and (not words or self._says(words)):
                voice.back(leader, words, self._surfaces)

    def _says(self, words: str) -> bool:
        """Whether the source has these words, however they are spaced: tokens may stand apart in it."""
        return bool(find(self._source, words, 1.0).places) or "".join(words.split()) in "".join(self._source.split())

    def _hear_inserted(self, part: Sequence[Voices], answer: Answer) -> None:
        """Places where the answer left the text as it is, else the words alone."""
        marked = inserted(answer, self._names)
        if marked is None:
            return
        same = marked.text == self.text
        for voice in part:
            place = marked.places.get(voice.number)
            if same or place is None:
                voice.inserted(place)
            else:
                voice.named(self.text, marked.text[slice(*place)], self._settings.fuzzy)


def _apart(one: Place, other: Place) -> bool:
    return one[1] <= other[0] or other[1] <= one[0]


def _parts(voices: Sequence[Voices], size: int) -> Iterable[list[Voices]]:
    rest = iter(voices)
    return iter(lambda: list(itertools.islice(rest, size)), [])
