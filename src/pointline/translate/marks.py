"""Indexed inline marks: `<e1>..</e1>` around words of a text, in any script, nested or crossing, put in and read out.

A mark is a name and a number: `e1`. The wrapper `<t>..</t>` stands around a whole text, so that an answer that was cut
off is known by its missing end. Where a text holds the characters of a name, another name is chosen.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

NAMES = ("e", "m", "x", "k", "q")
"""Names of marks, the first that no text holds is taken."""
WRAPPERS = ("t", "text", "body", "whole")
"""Names of the wrapper, likewise."""


class Names(NamedTuple):
    """The name of the marks and that of the wrapper."""

    mark: str = "e"
    wrapper: str = "t"


class Read(NamedTuple):
    """A marked text read: the text without marks, the places by number, and what was wrong with the marks.

    broken: the numbers of marks that open or close alone, or stand twice; spans of theirs are not in `places`.
    """

    text: str
    places: dict[int, tuple[int, int]]
    broken: tuple[int, ...] = ()


def names_for(*texts: str) -> Names:
    """Names that none of the texts holds, in any case or width.

    >>> names_for("play jazz"), names_for("<e1>is</E1> a mark", "<t>")
    (Names(mark='e', wrapper='t'), Names(mark='m', wrapper='text'))
    """
    held = "\n".join(texts).casefold()
    return Names(
        _free(NAMES, lambda name: re.search(rf"[<＜]\s*[/／]?\s*{name}\s*\d", held) is None),
        _free(WRAPPERS, lambda name: re.search(rf"[<＜]\s*[/／]?\s*{name}\s*[>＞]", held) is None),
    )


def put(text: str, places: Mapping[int, tuple[int, int]], names: Names = Names()) -> str:  # noqa: B008 - a tuple
    """The text with a mark around each place (code points, half-open); nested marks close inside first.

    >>> put("New York Times", {1: (0, 14), 2: (0, 8)})
    '<e1><e2>New York</e2> Times</e1>'
    """
    opens: dict[int, list[tuple[int, int]]] = {}
    closes: dict[int, list[tuple[int, int]]] = {}
    for number, (start, end) in places.items():
        opens.setdefault(start, []).append((-end, number))
        closes.setdefault(end, []).append((-start, -number))
    out: list[str] = []
    for a, b in itertools.pairwise(sorted({0, len(text), *opens, *closes})):
        out += _at(a, opens, closes, names.mark)
        out.append(text[a:b])
    out += _at(len(text), opens, closes, names.mark)
    return "".join(out)


def read(marked: str, names: Names = Names()) -> Read:  # noqa: B008 - a tuple
    """Take the marks out again; never raises. Marks in other case or width, with spaces inside, are read too.

    Spaces at the edges of a marked place are left outside of it. A place without any words is broken.

    >>> read("< e1 >New York</e1> and <e2>LA")
    Read(text='New York and LA', places={1: (0, 8)}, broken=(2,))
    """
    parts: list[str] = []
    length = 0
    opened: dict[int, list[int]] = {}
    closed: dict[int, list[int]] = {}
    for piece, number, closing in _pieces(marked, names.mark):
        parts.append(piece)
        length += len(piece)
        if number is not None:
            (closed if closing else opened).setdefault(number, []).append(length)
    text = "".join(parts)
    places: dict[int, tuple[int, int]] = {}
    for number in sorted({*opened, *closed}):
        if len(opened.get(number, ())) == len(closed.get(number, ())) == 1:
            place = trimmed(text, opened[number][0], closed[number][0])
            if place[0] < place[1]:
                places[number] = place
    return Read(text, places, tuple(sorted({*opened, *closed} - {*places})))


def wrap(text: str, names: Names = Names()) -> str:  # noqa: B008 - a tuple
    """A whole text between its wrapper."""
    return f"<{names.wrapper}>{text}</{names.wrapper}>"


def unwrap(answer: str, names: Names = Names()) -> tuple[str | None, str]:  # noqa: B008 - a tuple
    """What an answer holds between the wrapper, whatever stands around it; or None and why not.

    The same answer given twice counts once; two different ones are none.

    >>> unwrap("Sure!```<t>去上海</t>```"), unwrap("<t>去上"), unwrap("I cannot help with that.")
    (('去上海', ''), (None, 'cut'), (None, 'no_translation'))
    """
    begin, end = (rf"[<＜]\s*{slash}{names.wrapper}\s*[>＞]" for slash in ("", r"[/／]\s*"))
    found = [match[1] for match in re.finditer(f"{begin}(.*?){end}", answer, re.DOTALL | re.IGNORECASE)]
    inner = {re.search(begin, text, re.IGNORECASE) is None for text in found}
    if found and inner == {True}:
        return (found[0].strip("\r\n"), "") if len(set(found)) == 1 else (None, "two_answers")
    opened = re.search(begin, answer, re.IGNORECASE) is not None
    return None, "cut" if opened else "no_translation"


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A place without the spaces at its edges.

    >>> trimmed("a bc d", 1, 5)
    (2, 4)
    """
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _pieces(marked: str, name: str) -> Iterator[tuple[str, int | None, bool]]:
    at = 0
    for match in re.finditer(rf"[<＜]\s*([/／])?\s*{name}\s*(\d{{1,9}})\s*[>＞]", marked, re.IGNORECASE):
        yield marked[at : match.start()], int(match[2]), match[1] is not None
        at = match.end()
    yield marked[at:], None, False


def _at(
    place: int, opens: Mapping[int, list[tuple[int, int]]], closes: Mapping[int, list[tuple[int, int]]], name: str
) -> list[str]:
    ending = [f"</{name}{-number}>" for _, number in sorted(closes.get(place, ()))]
    return ending + [f"<{name}{number}>" for _, number in sorted(opens.get(place, ()))]


def _free(names: Iterable[str], is_free: object) -> str:
    assert callable(is_free)
    for name in itertools.chain(names, (f"{first}{second}" for first in "efghk" for second in "vwyz")):
        if is_free(name):
            return name
    return "pointline"
