"""Sentences: where each one of a text in any script begins and ends, as offsets."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from pointline.text.scripts import UNSPACED, script, spaced
from pointline.text.segment import Place

FULL = "。！？｡。।॥؟۔።"
"""Marks that end a sentence whatever stands behind them."""
HALF = ".!?…．"
"""Marks that end one only where what stands behind them begins another."""
CLOSE = "\"'”’»›）)］]】｝}」』〉》〕"
BRACKETS = dict(zip("「『（(“《〈【［〔", "」』）)”》〉】］〕", strict=True))
ABBREVIATIONS = """
mr mrs ms mx dr prof sr jr st inc ltd co corp bros gen col capt lt sgt rev hon gov sen rep pres vs no vol fig nr
jan feb mar apr jun jul aug sep sept oct nov dec e.g i.e cf approx dept est al
"""
ABBREVIATED = frozenset(ABBREVIATIONS.split())
_GAP = re.compile(r"\n[^\S\n]*\n\s*|\r\r\s*")
_LINE = re.compile(r"[\n\r\u2028\u2029]\s*")
_END = re.compile(f"[{re.escape(FULL)}]+[{re.escape(FULL + HALF)}]*|[{re.escape(HALF)}]+[{re.escape(FULL + HALF)}]*")
_INK = re.compile(r"\S")
_FIRST = re.compile(r"[^\s\"'“‘«(\[]")
_CLOSED = frozenset(BRACKETS.values())
_BRACKET = re.compile(f"[{re.escape(''.join([*BRACKETS, *BRACKETS.values()]))}]")
LONGEST_ABBREVIATION = 12
_WORD_BEFORE = re.compile(r"[\w.]+\Z")


def sentences(text: str, lang: str | None = None) -> list[Place]:
    """Places (start, end) of the sentences of `text`: in order, disjoint, without blanks at their edges.

    Every character that is no blank stands in one. Blank lines part sentences; in scripts without spaces every line
    break does, in others only behind a mark that ends one, as texts may be wrapped. A mark inside brackets or
    quotation marks ends nothing, nor does the full stop of an abbreviation, an initial or a number.

    >>> text = "Dr. Vale of St. Orla paid 4.5 million. Why? 「雨だ。」と言った。次の文！"
    >>> [text[start:end] for start, end in sentences(text)]
    ['Dr. Vale of St. Orla paid 4.5 million.', 'Why?', '「雨だ。」と言った。', '次の文！']
    """
    wrapped = spaced(text, lang)
    found: list[Place] = []
    for start, end in _parts(text, 0, len(text), _GAP):
        for left, right in [(start, end)] if wrapped else _parts(text, start, end, _LINE):
            cuts = [left, *_cuts(text, left, right), right]
            places = (_trimmed(text, a, b) for a, b in pairwise(cuts))
            found += [(a, b) for a, b in places if a < b]
    return found


def _parts(text: str, start: int, end: int, gap: re.Pattern[str]) -> Iterator[Place]:
    for match in gap.finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end


def _cuts(text: str, start: int, end: int) -> Iterator[int]:
    """Where one sentence ends and the next begins, within one paragraph."""
    inside = _enclosed(text, start, end)
    for match in _END.finditer(text, start, end):
        cut = match.end()
        while cut < end and text[cut] in CLOSE and not (text[cut] in "\"'" and _opens(text, cut, end)):
            cut += 1
        after = _INK.search(text, cut, end)
        if after is None:
            return
        quoted = _within(inside, match.start())
        # What is quoted ends with its sentence only where the next quotation follows at once.
        if quoted and (quoted[1] > cut or after[0] not in BRACKETS or text[cut - 1] not in _CLOSED):
            continue
        if any(mark in FULL for mark in match[0]) or _begins(text, match, cut, end):
            yield cut


def _opens(text: str, at: int, end: int) -> bool:
    """Whether a straight quotation mark stands before a word and behind a blank, so that it opens."""
    return text[at - 1].isspace() and at + 1 < end and not text[at + 1].isspace()


def _begins(text: str, mark: re.Match[str], cut: int, end: int) -> bool:
    """Whether a new sentence begins behind a mark that does not always end one."""
    before = text[mark.start() - 1] if mark.start() else ""
    if not text[cut].isspace():
        # No space: only where the script writes none, `すごい!でも`.
        return (mark[0][-1] in "!?…" or mark[0] == "．") and script(text[cut]) in UNSPACED and not before.isdigit()
    first = _FIRST.search(text, cut, end)
    if first is not None and first[0].islower():
        return False
    if mark[0] != ".":
        return True
    word = _WORD_BEFORE.search(text, max(0, mark.start() - LONGEST_ABBREVIATION), mark.start())
    said = word[0].casefold() if word else ""
    initial = len(said) == 1 and said.isalpha() and said != "i"
    return not (said in ABBREVIATED or initial or ("." in said and len(said.rsplit(".", 1)[-1]) == 1))


def _enclosed(text: str, start: int, end: int) -> list[Place]:
    """Outermost brackets and quotation marks that are closed again in the same paragraph."""
    found: list[Place] = []
    opened: list[int] = []
    waiting = Counter[str]()
    for match in _BRACKET.finditer(text, start, end):
        at = match.start()
        if match[0] in BRACKETS:
            opened.append(at)
            waiting[BRACKETS[match[0]]] += 1
            continue
        if not waiting[match[0]]:
            continue
        while True:
            left = opened.pop()
            waiting[BRACKETS[text[left]]] -= 1
            if BRACKETS[text[left]] == match[0]:
                break
        while found and found[-1][0] > left:
            found.pop()
        found.append((left, at + 1))
    return found


def _within(places: list[Place], at: int) -> Place | None:
    """The bracket that a character stands in."""
    row = bisect_right(places, (at, at)) - 1
    return places[row] if row >= 0 and at < places[row][1] else None


def _trimmed(text: str, start: int, end: int) -> Place:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end
