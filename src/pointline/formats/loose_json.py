"""Reading JSON that a model wrote: cut off, fenced, with text around it, wrong quotes, trailing or missing commas.

Objects come back as `Pairs` (a list of key and value), so a key that is said twice is not lost. Nothing raises.
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

from pointline.formats.problems import CODE_FENCE, LOOSE_JSON, NOT_JSON, TEXT_AFTER, TEXT_BEFORE, TRUNCATED, Notes

DEEPEST = 64
"""Values nested deeper than this are left out."""
OPENERS = {'"': '"', "'": "'", "“": "”", "‘": "’", "「": "」", "`": "`"}
BARE = re.compile(r"[^\s,:{}\[\]\"'“”]+")
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
FENCE = re.compile(r"```[^\n`{\[]*\n?")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
CONSTANTS = {"null": None, "None": None, "true": True, "True": True, "false": False, "False": False}


class Pairs(list[tuple[str, Any]]):
    """A JSON object as its pairs, in written order, repeats kept."""


def loads(raw: str, notes: Notes) -> Any:
    """The JSON value in an output: strictly where that works, else as much as can be read; None where there is none.

    >>> notes = Notes()
    >>> loads('Here: ```json\\n{"a": ["x", "y",], \\'b\\': {"c": "d', notes)
    [('a', ['x', 'y']), ('b', [('c', 'd')])]
    >>> notes.found()
    ['text_before', 'code_fence', 'loose_json', 'truncated']
    """
    if not SURROGATE.search(raw):
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(raw, object_pairs_hook=Pairs)
    start = min((i for i in (raw.find("{"), raw.find("[")) if i >= 0), default=-1)
    if start < 0:
        notes.add(NOT_JSON)
        return None
    before = raw[:start]
    if FENCE.sub("", before).strip():
        notes.add(TEXT_BEFORE)
    if "```" in raw:
        notes.add(CODE_FENCE)
    reader = _Reader(raw, start, notes)
    value = reader.value(0)
    if raw[reader.at :].replace("```", "").strip():
        notes.add(TEXT_AFTER)
    return value


class _Reader:
    """A recursive reader with a depth limit that takes what it finds and moves forward at every step."""

    def __init__(self, raw: str, start: int, notes: Notes) -> None:
        self.raw, self.at, self.notes = raw, start, notes

    def value(self, depth: int) -> Any:
        self._space()
        char = self._peek()
        if char in "{[" and char and depth < DEEPEST:
            self.at += 1
            return self._object(depth + 1) if char == "{" else self._list(depth + 1)
        if char in OPENERS and char:
            return self._string()
        return self._bare()

    def _object(self, depth: int) -> Pairs:
        pairs = Pairs()
        while self._more("}]"):
            key = self._string() if self._peek() in OPENERS else self._bare()
            self._space()
            mark = self._peek()
            self._note_if(mark != ":")
            if mark in (":", "：") and mark:
                self.at += 1
                value = self.value(depth)
            elif mark in ("[", "{"):
                value = self.value(depth)
            else:
                value = None
            if key is not None:
                pairs.append((str(key), value))
        return pairs

    def _list(self, depth: int) -> list[Any]:
        values: list[Any] = []
        while self._more("]}"):
            begin = self.at
            values.append(self.value(depth))
            if self.at == begin:
                self.notes.add(LOOSE_JSON)
                values.pop()
                self.at += 1
        return values

    def _more(self, closers: str) -> bool:
        """Step over commas; False (and past the closing mark) where the object or list ends."""
        self._space()
        commas = 0
        while self._peek() in (",", "，") and self.at < len(self.raw):
            self._note_if(self._peek() != ",")
            commas += 1
            self.at += 1
            self._space()
        if self.at >= len(self.raw):
            self.notes.add(TRUNCATED)
            return False
        if self._peek() in closers:
            self._note_if(commas > 0 or self._peek() != closers[0])
            self.at += self._peek() == closers[0]
            return False
        self._note_if(commas > 1)
        return True

    def _string(self) -> str:
        opener = self._peek()
        closer = OPENERS[opener]
        self._note_if(opener != '"')
        self.at += 1
        if self.raw.startswith(opener, self.at) and not self._closes(self.at + 1):
            self.notes.add(LOOSE_JSON)
            self.at += 1
        out: list[str] = []
        while self.at < len(self.raw):
            char = self.raw[self.at]
            if char == "\\":
                out.append(self._escape())
                continue
            self.at += 1
            if char == closer:
                if self.raw.startswith(closer, self.at) and self._closes(self.at + 1):
                    self.notes.add(LOOSE_JSON)
                    self.at += 1
                    return "".join(out)
                if self._closes(self.at):
                    return "".join(out)
                self.notes.add(LOOSE_JSON)
            out.append(char)
        self.notes.add(TRUNCATED)
        return "".join(out)

    def _closes(self, at: int) -> bool:
        """True where a quote before `at` may end a string: a mark of JSON or the end follows."""
        while at < len(self.raw) and self.raw[at].isspace():
            at += 1
        return at >= len(self.raw) or self.raw[at] in ",:[]{}，：`"

    def _escape(self) -> str:
        code = self.raw[self.at + 1 : self.at + 2]
        self.at += 2
        if code != "u":
            return ESCAPES.get(code, code)
        high = _hex(self.raw[self.at : self.at + 4])
        if high is None:
            self.notes.add(LOOSE_JSON)
            return "u"
        self.at += 4
        low = _hex(self.raw[self.at + 2 : self.at + 6]) if self.raw.startswith("\\u", self.at) else None
        if 0xD800 <= high < 0xDC00 and low is not None and 0xDC00 <= low < 0xE000:
            self.at += 6
            return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
        return "\ufffd" if 0xD800 <= high < 0xE000 else chr(high)

    def _bare(self) -> Any:
        match = BARE.match(self.raw, self.at)
        if match is None:
            self.notes.add(LOOSE_JSON)
            self.at += self.at < len(self.raw) and self.raw[self.at] not in "]},:"
            if self._peek() == ":":
                self.at += 1
            return None
        self.at = match.end()
        word = match[0]
        if word in CONSTANTS:
            return CONSTANTS[word]
        self.notes.add(LOOSE_JSON)
        return word

    def _space(self) -> None:
        while self.at < len(self.raw) and self.raw[self.at].isspace():
            self.at += 1

    def _peek(self) -> str:
        return self.raw[self.at] if self.at < len(self.raw) else ""

    def _note_if(self, wrong: bool) -> None:
        if wrong:
            self.notes.add(LOOSE_JSON)


def _hex(digits: str) -> int | None:
    return int(digits, 16) if re.fullmatch("[0-9a-fA-F]{4}", digits) else None
