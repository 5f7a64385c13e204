"""Tag schemes: tags of tokens to spans of tokens and back, with the repairs that real files need.

IO     I or the bare type inside, O outside (neighbours of one type run together)
BIO    B begins, I goes on
IOB1   I begins and goes on, B only parts neighbours of one type (Ramshaw and Marcus 1995)
BMES   B begins, M middle, E end, S single
BILOU  B begins, I inside, L last, U unit
BIOES  B begins, I inside, E end, S single
each   every tag other than O is a span of its own token (parts of speech)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias, get_args

from pointline.errors import SettingsFault

Scheme: TypeAlias = Literal["IO", "BIO", "IOB1", "BMES", "BILOU", "BIOES", "each"]
TokenSpan: TypeAlias = tuple[int, int, str]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)

_PREFIXES = {"IO": "I", "BIO": "BI", "IOB1": "BI", "BMES": "BMES", "BILOU": "BILU", "BIOES": "BIES", "each": ""}
_OUTSIDE = ("O", "o", "_", "")
_CLOSING = ("BMES", "BILOU", "BIOES")


def parts(tag: str) -> tuple[str, str]:
    """The prefix ("" where there is none) and the type of a tag; ("O", "") outside.

    >>> parts("B-PER"), parts("I_Time"), parts("PER"), parts("O")
    (('B', 'PER'), ('I', 'Time'), ('', 'PER'), ('O', ''))
    """
    if tag in _OUTSIDE:
        return "O", ""
    if len(tag) > 2 and tag[1] in "-_" and tag[0] in "BIMESLU":
        return tag[0], tag[2:]
    return "", tag


def detect(sentences: Iterable[Sequence[str]]) -> Scheme:
    """The scheme that tags show. Spans do not depend on BIO against IOB1, the count of repairs does.

    >>> detect([["B-X", "I-X", "O"], ["O"]]), detect([["I-X", "O", "I-Y"]]), detect([["X", "O"]])
    ('BIO', 'IO', 'IO')
    """
    tally: Counter[str] = Counter()
    begun: Counter[str] = Counter()
    for tags in sentences:
        tally.update(tags)
        if tags.count("O") == len(tags):
            continue
        last = ("O", "")
        for tag in tags:
            this = ("O", "") if tag == "O" else parts(tag)
            if this[0] in "BI" and this[1] != last[1]:
                begun[this[0]] += 1
            last = this
    seen: Counter[str] = Counter()
    for tag, count in tally.items():
        seen[parts(tag)[0]] += count
    if seen[""] > sum(seen[prefix] for prefix in "BIMESLU"):
        return "IO"
    if seen["L"] or seen["U"]:
        return "BILOU"
    if seen["M"]:
        return "BMES"
    if seen["E"] or seen["S"]:
        return "BIOES"
    if not seen["B"]:
        return "IO"
    return "IOB1" if begun["I"] > begun["B"] else "BIO"


class Decoder:
    """Reads tags of one scheme; remembers what it had to repair in the last sentence.

    >>> decoder = Decoder("BIO")
    >>> decoder(["O", "I-PER", "I-PER", "B-PER"]), decoder.repairs
    ([(1, 3, 'PER'), (3, 4, 'PER')], [('orphan_tag', 1)])
    """

    def __init__(self, scheme: Scheme) -> None:
        if scheme not in SCHEMES:
            raise SettingsFault(f"unknown tag scheme {scheme!r}; known: auto, {', '.join(SCHEMES)}")
        self.scheme = scheme
        self.repairs: list[tuple[str, int]] = []
        self._known: dict[str, tuple[str, str]] = {}

    def __call__(self, tags: Sequence[str]) -> list[TokenSpan]:
        """Spans (first token, behind the last, type) in order; raises SettingsFault for a tag of another scheme."""
        if self.scheme == "each":
            return [(i, i + 1, tag) for i, tag in enumerate(tags) if tag not in _OUTSIDE]
        if self.repairs:
            self.repairs = []
        spans: list[TokenSpan] = []
        start, kind, last = -1, "", -1
        known, closing = self._known, self.scheme in _CLOSING
        for i in [i for i, tag in enumerate(tags) if tag != "O"]:
            prefix, new = known.get(tags[i]) or self._learn(tags[i])
            if start >= 0:
                if prefix in "IE" and new == kind and i == last + 1:
                    last = i
                    if prefix == "E":
                        spans.append((start, i + 1, kind))
                        start = -1
                    continue
                spans.append((start, last + 1, kind))
                start = -1
                if closing:
                    self.repairs.append(("unclosed_tag", last))
            last = i
            if prefix == "?":
                self.repairs.append(("unreadable_tag", i))
            elif prefix == "1":
                spans.append((i, i + 1, new))
            elif prefix != "O":
                if prefix != "B" and self.scheme not in ("IO", "IOB1"):
                    self.repairs.append(("orphan_tag", i))
                start, kind = i, new
                if prefix == "E":
                    spans.append((i, i + 1, new))
                    start = -1
        if start >= 0:
            spans.append((start, last + 1, kind))
            if closing:
                self.repairs.append(("unclosed_tag", last))
        return spans

    def _learn(self, tag: str) -> tuple[str, str]:
        """The tag's part (O, B, I, E, 1 single, ? unreadable) and type."""
        prefix, kind = parts(tag)
        if self.scheme == "IO":
            found = ("O", "") if prefix == "O" else ("I", kind if prefix in ("I", "") else tag)
        elif prefix == "":
            found = ("?", "")
        elif prefix != "O" and prefix not in _PREFIXES[self.scheme]:
            raise SettingsFault(f"tag {tag!r} is not of the scheme {self.scheme}; set scheme= or mend the tag")
        else:
            found = ({"M": "I", "L": "E", "S": "1", "U": "1"}.get(prefix, prefix), kind)
        self._known[tag] = found
        return found


def encode(length: int, spans: Iterable[TokenSpan], scheme: Scheme = "BIO") -> list[str]:
    """The tags of `length` tokens; spans must not overlap (a later one that does is left out).

    >>> encode(4, [(0, 1, "A"), (1, 4, "B")], "BMES")
    ['S-A', 'B-B', 'M-B', 'E-B']
    """
    tags = ["O"] * length
    single, last = {"BMES": ("S", "E"), "BIOES": ("S", "E"), "BILOU": ("U", "L")}.get(scheme, ("B", "I"))
    middle = "M" if scheme == "BMES" else "I"
    for start, end, kind in sorted(spans):
        if any(tag != "O" for tag in tags[start:end]):
            continue
        if scheme == "each":
            tags[start:end] = [kind] * (end - start)
            continue
        size = end - start
        row = [single] if size == 1 else ["B", *[middle] * (size - 2), last]
        if scheme == "IO" or (scheme == "IOB1" and not (start and tags[start - 1][2:] == kind)):
            row[0] = "I"
        tags[start:end] = [f"{prefix}-{kind}" for prefix in row]
    return tags
