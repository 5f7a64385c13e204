"""One form for a label's spellings: case, width, spaces, hyphens, `&`, English plurals."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pointline.text.normalize import fold_name

BREAKS = re.compile(r"[\s_/\-‐-―・·]+")
EDGES = re.compile(r"^[\W_]+|[\W_]+$")
SINGULAR = {"news", "series", "species", "sos", "gas", "bus", "chaos", "atlas", "canvas", "christmas", "bias", "lens"}
"""English words on -s that are no plurals, beside -ss, -us, -is and -ics."""


def key(name: str) -> str:
    """What two spellings of one label have in common; "" for a name without a letter or digit.

    >>> key("Health-Care  Services"), key("ｈｅａｌｔｈ care service"), key("Food & Drinks"), key("医療・健康")
    ('health care service', 'health care service', 'food and drink', '医療 健康')
    >>> [key(name) for name in ("Politics", "News", "Studies", "Buses", "Business")]
    ['politics', 'news', 'study', 'bus', 'business']
    """
    folded = EDGES.sub("", fold_name(name).replace("&", " and "))
    return " ".join(map(_singular, BREAKS.sub(" ", folded).split()))


def _singular(word: str) -> str:
    if not word.isascii() or len(word) < 4 or word in SINGULAR or word.endswith(("ss", "us", "is", "ics")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "uses")):
        return word[:-2]
    return word.removesuffix("s")


class Names:
    """The name that stands for every spelling: the most frequent one, or what a merging table says.

    merge: old name -> new name; "" takes a label out. A name that the table holds exactly goes before its other
    spellings, so `Arts = "Arts"` keeps it apart from `Art`.

    >>> names = Names({"technology": 2, "Technologies": 1, "Tech": 1}, {"Tech": "technology"})
    >>> names("Technologies"), names("tech"), names("Art")
    ('technology', 'technology', 'Art')
    """

    def __init__(self, seen: Mapping[str, int], merge: Mapping[str, str] | None = None) -> None:
        self._exact = dict(merge or {})
        moved = {old: new for old, new in self._exact.items() if old != new}
        self._merged = {key(old): new for old, new in reversed(list(moved.items()))}
        held: dict[str, tuple[int, str]] = {}
        for name, count in sorted(seen.items(), key=lambda item: (-item[1], item[0])):
            held.setdefault(key(name), (count, name))
        self._shown = {form: name for form, (_, name) in held.items()}
        self._shown.update({key(new): new for new in moved.values() if new})

    def __call__(self, name: str) -> str:
        """The name that stands for this one; "" where it is taken out."""
        if name in self._exact:
            return self._exact[name]
        form = key(name)
        return self._merged.get(form, self._shown.get(form, name))
