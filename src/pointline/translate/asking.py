"""The questions about one sample as requests, and the answers read: parsing stands apart from paying."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Generator, Mapping
from typing import TypeAlias, TypeVar

from pointline.llm import Answer, Request
from pointline.translate import prompt
from pointline.translate.languages import Pair
from pointline.translate.marks import Names, Read, names_for, read, unwrap
from pointline.translate.outcome import Spent
from pointline.translate.settings import TranslateSettings
from pointline.translate.units import Place

T = TypeVar("T")
Steps: TypeAlias = Generator[list[Request], list[Answer], T]
"""A computation that yields requests and is sent their answers, in the same order."""
Prompts: TypeAlias = list[tuple[str, str]]
"""(kind, prompt): the kind and a hash of the prompt are part of the request's id, which no two requests share."""
THOUGHTS = re.compile(r"\s*<think>.*?</think>\s*", re.DOTALL)


class Asking:
    """Asks about one sample. No question is put twice in the same words: a repeat is a further attempt at it."""

    def __init__(self, id: str, pair: Pair, settings: TranslateSettings) -> None:
        self.pair, self.back, self.spent = pair, pair.back(), Spent()
        self._id, self._settings = id, settings
        self._attempts: Counter[tuple[str, str]] = Counter()

    def ask(self, prompts: Prompts) -> Steps[list[Answer]]:
        """Put questions at once; of each answer the thoughts of a reasoning model are left out."""
        requests = []
        for kind, said in prompts:
            attempt = self._attempts[kind, said]
            self._attempts[kind, said] += 1
            name = hashlib.blake2b(said.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
            requests.append(Request(f"{self._id}#{kind}-{name}", said, attempt, self._settings.sampling(attempt)))
        answers = yield requests
        for answer in answers:
            self.spent.add(answer)
        return answers

    def draft(self, text: str, places: Mapping[int, Place]) -> Steps[tuple[Read | None, str]]:
        """A translation with its marks, or None and why not."""
        names = names_for(text)
        [answer] = yield from self.ask([("draft", prompt.draft(self.pair, text, places, names))])
        said, why = _unwrapped(answer, names)
        if said is None:
            return None, why
        marked = read(said, names)
        kept = {number: place for number, place in marked.places.items() if number in places}
        return _stripped(marked._replace(places=kept)), ""

    def reverse(self, translation: str) -> Steps[str | None]:
        """The translation translated back, or None."""
        names = names_for(translation)
        [answer] = yield from self.ask([("reverse", prompt.plain(self.back, translation, names))])
        return _unwrapped(answer, names)[0]

    def residue(self, text: str, translation: str, place: Place) -> Steps[str | None]:
        """What must stand in place of words that were not translated, or None."""
        names = names_for(text, translation)
        [answer] = yield from self.ask([("residue", prompt.residue(self.pair, text, translation, place, names))])
        said = _unwrapped(answer, names)[0]
        return None if said is None else read(said, names).text.strip()


def _stripped(marked: Read) -> Read:
    """The text without spaces at its edges, places moved along."""
    gone = len(marked.text) - len(marked.text.lstrip())
    places = {number: (a - gone, b - gone) for number, (a, b) in marked.places.items()}
    return Read(marked.text.strip(), places, marked.broken)


def _unwrapped(answer: Answer, names: Names) -> tuple[str | None, str]:
    if answer.fault is not None:
        return None, answer.fault
    return unwrap(said(answer), names)


def said(answer: Answer) -> str:
    """What a model said behind its thoughts; nothing where the request failed."""
    if answer.fault is not None:
        return ""
    thought = THOUGHTS.match(answer.text)
    return answer.text[thought.end() :] if thought else answer.text


def inserted(answer: Answer, names: Names) -> Read | None:
    """A finished translation as an answer marks it (which may have changed it), or None."""
    text, _ = _unwrapped(answer, names)
    return None if text is None else _stripped(read(text, names))


def located(answer: Answer, names: Names) -> dict[int, str]:
    """The words that an answer names by mark; a mark that is not answered whole, or twice, has none."""
    mark = rf"[<＜]\s*{names.mark}\s*(\d{{1,9}})\s*[>＞]"
    end = rf"[<＜]\s*[/／]\s*{names.mark}\s*\1\s*[>＞]"
    found: dict[int, set[str]] = {}
    for match in re.finditer(f"{mark}([^\n]*?){end}", said(answer), re.IGNORECASE):
        found.setdefault(int(match[1]), set()).add(match[2].strip())
    return {number: next(iter(words)) for number, words in found.items() if len(words) == 1}
