"""The stretches of one source text as bytes of a tokenizer: where a span may begin, go on and end, as bit masks."""

from __future__ import annotations

import json
from functools import lru_cache

from pointline.formats.grammar import Atom, Source
from pointline.models.constrain.vocabulary import UNKNOWN, Vocabulary


class Stretches:
    """A source written in a tokenizer's bytes. Bit p of a mask: the next byte to write is `data[p]`.

    opens: where a span may begin. closes: where one may end (the byte before p was its last). inner: where a span
    that has begun may go on. places: for each byte where it stands. begin, end: offsets in the raw text (code points)
    of a span that begins before, or ends behind, a place. `goes_on[p]`, `ends[p]`: inner and closes, place by place.
    """

    def __init__(self, source: Source, vocabulary: Vocabulary) -> None:
        self.begin: dict[int, int] = {}
        self.end: dict[int, int] = {}
        self._data, self._opens, self.ends, self.goes_on = bytearray(), bytearray(1), bytearray(1), bytearray(1)
        last: int | None = None
        space = unknown = False
        for atom in source.atoms:
            written = _written(source, atom.start, atom.end, vocabulary)
            touches = last == atom.start
            last = None if written is None else atom.end
            if written is None:
                continue
            spaces = space and written.isspace() and vocabulary.collapses
            again = touches and (spaces or (unknown and written == UNKNOWN))
            space, unknown = written.isspace(), written == UNKNOWN
            if written and not again:
                self._place(written, atom, touches)
            elif not again:
                last = atom.end if touches else None
            elif unknown:
                self.end[len(self._data)] = atom.end
                self.ends[-1] |= atom.closes
        self.farthest = self._trim()
        self.data = bytes(self._data)
        self.opens, self.closes, self.inner = _mask(self._opens), _mask(self.ends), _mask(self.goes_on)
        self.places = {byte: _mask(self.data.translate(_ONLY[byte])) for byte in sorted(set(self.data))}
        self.shortest = self.distance(self.opens) if self.opens else 0

    def _place(self, written: bytes, atom: Atom, touches: bool) -> None:
        at = len(self._data)
        self.begin[at], self.end[at + len(written)] = atom.start, atom.end
        self._opens[at], self.goes_on[at] = atom.opens, touches
        self._data += written
        self._opens += bytes(len(written))
        self.goes_on += b"\x01" * (len(written) - 1) + b"\x00"
        self.ends += bytes(len(written) - 1) + bytes([atom.closes])

    def _trim(self) -> int:
        """Take away what leads to no end: characters that the tokenizer lacks may cut a stretch anew.

        Returns how far the farthest place is from its end.
        """
        away = farthest = 0
        for p in range(len(self._data) - 1, -1, -1):
            if self.ends[p + 1]:
                away = 1
            elif self.goes_on[p + 1]:
                away += 1
            else:
                self._opens[p] = self.goes_on[p] = 0
                continue
            farthest = max(farthest, away)
        return farthest

    def distance(self, mask: int) -> int:
        """How many bytes the nearest end is away from any of these places."""
        steps = 0
        while mask:
            mask <<= 1
            steps += 1
            if mask & self.closes:
                return steps
            mask &= self.inner
        return steps


def _mask(flags: bytes | bytearray) -> int:
    """Flags (0 or 1, from place 0 on) as one number."""
    return int(flags[::-1].translate(_DIGITS) or b"0", 2)


_DIGITS = bytes([48, 49]) + bytes(254)
_ONLY = [bytes(int(i == byte) for i in range(256)) for byte in range(256)]


@lru_cache(maxsize=65536)
def _quoted(cluster: str) -> str:
    return json.dumps(cluster, ensure_ascii=False)[1:-1]


def _written(source: Source, start: int, end: int, vocabulary: Vocabulary) -> bytes | None:
    """How an atom is written; escaped where it stands in a JSON string."""
    cluster = source.text[start:end]
    said = _quoted(cluster) if source.quoted else cluster
    if said == cluster:
        return vocabulary.written(cluster)
    parts = [vocabulary.written(char) for char in said]
    return None if any(not part or part == UNKNOWN for part in parts) else b"".join(part or b"" for part in parts)
