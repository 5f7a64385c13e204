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
    of a span that begins before, or ends behind, a place.
    """

    def __init__(self, source: Source, vocabulary: Vocabulary) -> None:
        self.text = source.text
        data = bytearray()
        self.begin: dict[int, int] = {}
        self.end: dict[int, int] = {}
        self.opens = self.closes = self.inner = 0
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
            at = len(data)
            if written and not again:
                self._place(at, len(written), atom, touches)
                data += written
            elif not again:
                last = atom.end if touches else None
            elif unknown:
                self.end[at] = atom.end
                self.closes |= atom.closes << at
        self.data = bytes(data)
        self.places: dict[int, int] = {}
        for p, byte in enumerate(self.data):
            self.places[byte] = self.places.get(byte, 0) | (1 << p)
        self.farthest = self._trim()
        self.shortest = self.distance(self.opens) if self.opens else 0

    def _place(self, at: int, size: int, atom: Atom, touches: bool) -> None:
        self.begin[at], self.end[at + size] = atom.start, atom.end
        self.opens |= atom.opens << at
        self.closes |= atom.closes << (at + size)
        self.inner |= (((1 << size) - 1) ^ (not touches)) << at

    def _trim(self) -> int:
        """Take away what leads to no end: characters that the tokenizer lacks may cut a stretch anew.

        Returns how far the farthest place is from its end.
        """
        alive = 0
        away, farthest = 0, 0
        for p in range(len(self.data) - 1, -1, -1):
            after = 1 << (p + 1)
            if self.closes & after:
                away = 1
            elif self.inner & alive & after:
                away += 1
            else:
                continue
            alive |= 1 << p
            farthest = max(farthest, away)
        self.opens &= alive
        self.inner &= alive
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
