"""Features of single characters: what they are, their neighbours, and the run of one script they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pointline.models.tagger.hashing import all_hashed, normal
from pointline.models.tagger.tokens import Token
from pointline.text.scripts import script

_EDGE = "\x02"
_RUNS = frozenset({"latin", "digit", "katakana"})


def place(i: int, start: int, end: int) -> str:
    """Where `i` lies in a unit: S fills it, B begins, E ends it, M in the middle.

    >>> [place(i, 2, 5) for i in (2, 3, 4)]
    ['B', 'M', 'E']
    """
    if end - start == 1:
        return "S"
    return "B" if i == start else "E" if i == end - 1 else "M"


def character_ids(text: str, tokens: Sequence[Token], digits: bool) -> list[tuple[int, ...]]:
    """Ids for every token (one character and its marks): unigrams to trigrams, scripts, runs of letters or digits."""
    chars = [_EDGE, _EDGE, *(normal(text[t.start : t.end], digits) for t in tokens), _EDGE, _EDGE]
    kinds = [_EDGE, _EDGE, *(_kind(text[t.start]) for t in tokens), _EDGE, _EDGE]
    ids = [
        all_hashed(
            (
                f"u={now}",
                f"u-={before}",
                f"u+={after}",
                f"b-={before}{now}",
                f"b+={now}{after}",
                f"t-={chars[i]}{before}{now}",
                f"t0={before}{now}{after}",
                f"t+={now}{after}{chars[i + 4]}",
                f"k={kinds[i + 2]}",
                f"k3={'.'.join(kinds[i + 1 : i + 4])}",
                f"k5={'.'.join(kinds[i : i + 5])}",
            )
        )
        for i, (before, now, after) in enumerate(zip(chars[1:], chars[2:-2], chars[3:], strict=False))
    ]
    for start, end, kind in _runs(tokens, kinds[2:-2]):
        form = "".join(chars[start + 2 : end + 2])
        for i in range(start, end):
            where = place(i, start, end)
            ids[i] += all_hashed((f"run={where}{kind}", f"run length={min(8, end - start)}", f"run={where}{form}"))
    return ids


def inside_ids(
    text: str, tokens: Sequence[Token], parents: Sequence[int], units: Sequence[tuple[int, int, str]], digits: bool
) -> list[tuple[int, ...]]:
    """Ids for every token inside words: its place there, the word's class, itself and its two neighbours.

    `units[parents[i]]` is the (start, end, class) of the word that holds token i.
    """
    chars = [_EDGE, *(normal(text[t.start : t.end], digits) for t in tokens), _EDGE]
    ids = []
    for i, (token, parent) in enumerate(zip(tokens, parents, strict=True)):
        start, end, kind = units[parent]
        where = place(token.start, start, end)
        ids.append(
            all_hashed(
                (
                    f"in={where}",
                    f"in={where}{min(6, end - start)}",
                    f"in={where}{chars[i + 1]}",
                    f"in={where}{kind}",
                    f"in-={chars[i]}",
                    f"in+={chars[i + 2]}",
                )
            )
        )
    return ids


def _kind(char: str) -> str:
    return "upper" if char.isupper() else script(char)


def _runs(tokens: Sequence[Token], kinds: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Stretches of touching tokens of one script that writes words with many characters."""
    start = 0
    for i in range(1, len(tokens) + 1):
        kind = _script(kinds[start])
        if i == len(tokens) or _script(kinds[i]) != kind or tokens[i].start != tokens[i - 1].end:
            if kind in _RUNS:
                yield start, i, kind
            start = i


def _script(kind: str) -> str:
    return "latin" if kind == "upper" else kind
