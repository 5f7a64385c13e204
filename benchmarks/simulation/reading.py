"""A prompt read as a person reads it: the two languages, the parts behind their names, a text without its tags."""

from __future__ import annotations

import re
from typing import NamedTuple

LANGUAGES = {"English": "en", "Chinese": "zh", "Japanese": "ja"}
WAYS = re.compile(r"from (\w+) into (\w+)|in (\w+) and its translation into (\w+)")
TAG = re.compile(r"<(/?)([a-zA-Z]+)(\d*)>")
Place = tuple[int, int]


class Tagged(NamedTuple):
    """A text without its tags, the places of numbered ones, and the names of the tags as they were written."""

    text: str
    places: dict[int, Place]
    mark: str = "e"
    wrapper: str = ""

    def wrapped(self, text: str) -> str:
        """A text in the wrapper that this one had."""
        return f"<{self.wrapper}>{text}</{self.wrapper}>" if self.wrapper else text

    def marked(self, number: int, words: str) -> str:
        """Words in a mark such as this text has."""
        return f"<{self.mark}{number}>{words}</{self.mark}{number}>"


class Asked(NamedTuple):
    """What a prompt asks for: the form of the answer, the languages, and its last parts by their names."""

    form: str
    ways: tuple[str, str]
    parts: dict[str, str]

    def tagged(self, part: str, near: Tagged | None = None) -> Tagged:
        """A part without its tags; its mark is called as that of `near` where it has none."""
        return untagged(self.parts.get(part, ""), near)


def read(prompt: str) -> Asked | None:
    """Read a prompt; None where it asks for nothing that a translator knows."""
    ways = WAYS.search(prompt)
    names = [name for name in ways.groups() if name] if ways else []
    lines = [line for line in prompt.rstrip().splitlines() if line.strip()]
    if len(names) != 2 or not set(names) <= set(LANGUAGES) or not lines:
        return None
    parts = dict(re.findall(r"^(Text|Translation|Marks|Input|Output): (.*)$", prompt, re.M))
    last = lines[-1].strip()
    form = {"Translation:": "draft", "Marked translation:": "insert", "Words:": "residue"}.get(last, "")
    if last.startswith("Marks:"):
        form = "locate"
    elif last == f"{names[1]}:" and {"Input", "Output"} <= set(parts):
        form = "paper"
    ends = LANGUAGES[names[0]], LANGUAGES[names[1]]
    return Asked(form, ends, parts) if form else None


def untagged(said: str, near: Tagged | None = None) -> Tagged:
    """Take tags out of a text.

    >>> untagged("<t>play <e1>jazz</e1></t>")
    Tagged(text='play jazz', places={1: (5, 9)}, mark='e', wrapper='t')
    """
    text, at = "", 0
    opened: dict[int, int] = {}
    places: dict[int, Place] = {}
    mark, wrapper = near.mark if near else "e", ""
    for tag in TAG.finditer(said):
        text += said[at : tag.start()]
        at = tag.end()
        if not tag[3]:
            wrapper = tag[2]
            continue
        mark = tag[2]
        if tag[1]:
            places[int(tag[3])] = (opened.pop(int(tag[3]), len(text)), len(text))
        else:
            opened[int(tag[3])] = len(text)
    return Tagged(text + said[at:], places, mark, wrapper)
