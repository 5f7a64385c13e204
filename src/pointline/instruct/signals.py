"""Signals of closeness between labels: each turns n labels into an n x n matrix, 0 where it sees nothing in common."""

from __future__ import annotations

import difflib
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from pointline.instruct.evidence import Evidence
from pointline.instruct.labels import Label

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix: TypeAlias = NDArray[np.float64]

Embed: TypeAlias = Callable[[list[str]], Any]
LEAST_RATIO = 0.2

_WORD = re.compile(r"[^\W\d_]+|\d+")
_ENDINGS = ("ing", "ion", "ed", "es", "er", "or", "s")


def surface(labels: Sequence[Label]) -> list[Matrix]:
    """Closeness of names: character n-grams, words, edits, head nouns, common beginnings and ends."""
    names = [label.name.lower() for label in labels]
    heads = [_ends_of(name) for name in names]
    return [
        cosines([_character_grams(name) for name in names]),
        cosines([Counter(_stems(name)) for name in names]),
        _pairwise(names, _edit_ratio),
        _pairwise(names, _affix_ratio),
        _pairwise(heads, lambda a, b: (a[1] == b[1]) + 0.5 * (a[0] == b[0])),
    ]


def definitions(labels: Sequence[Label]) -> list[Matrix]:
    """Closeness of descriptions: words and character n-grams; nothing where fewer than two labels are described."""
    texts = [(label.description or "").lower() for label in labels]
    if sum(map(bool, texts)) < 2:
        return []
    return [cosines([Counter(_stems(text)) for text in texts]), cosines([_character_grams(text) for text in texts])]


def frames(labels: Sequence[Label], evidence: Evidence | None = None) -> list[Matrix]:
    """Closeness of what the schema sets beside a label: roles, argument types, the group in its name."""
    held = [Counter(label.frame) for label in labels]
    if evidence is not None and not any(label.frame for label in labels):
        held = [Counter(dict.fromkeys(evidence.shown[label.key].roles, 1)) for label in labels]
    pieces = [Counter(stem for part in row for stem in _stems(part.partition(":")[2].lower())) for row in held]
    return [cosines(held, sublinear=False), cosines(pieces)] if any(held) else []


def annotated(labels: Sequence[Label], evidence: Evidence) -> list[Matrix]:
    """Closeness of mention strings, of their pieces and of the words around them."""
    shown = [evidence.shown[label.key] for label in labels]
    counts: list[list[Counter[Any]]] = [
        [one.mentions for one in shown],
        [one.pieces for one in shown],
        [one.contexts for one in shown],
    ]
    return [cosines(kind) for kind in counts] if any(one.mentions for one in shown) else []


def co_occurrence(labels: Sequence[Label], evidence: Evidence) -> list[Matrix]:
    """How often two labels stand in one sample: count / sqrt(count of one x count of the other)."""
    return [_pair_counts(labels, evidence.together, evidence.samples)] if evidence.together else []


def confusion(labels: Sequence[Label], counts: Mapping[tuple[str, str], int], gold: Mapping[str, int]) -> list[Matrix]:
    """How often a model took one label for the other, both ways, over the geometric mean of their gold counts."""
    return [_pair_counts(labels, counts, gold)] if counts else []


def embeddings(labels: Sequence[Label], embed: Embed) -> list[Matrix]:
    """Cosine of sentence vectors of names (and descriptions); below zero is nothing in common."""
    import numpy as np

    texts = [f"{x.name}: {x.description}" if x.description else x.name for x in labels]
    vectors = np.asarray(embed(texts), dtype=np.float64)
    return [cosine(vectors).clip(min=0)]


def cosines(counts: Sequence[Counter[Any]], *, sublinear: bool = True) -> Matrix:
    """Cosine of tf-idf rows; a term that only one label has tells nothing and is left out."""
    import numpy as np

    frequency = Counter(term for row in counts for term in row)
    columns = {term: i for i, term in enumerate(sorted(t for t, n in frequency.items() if n > 1))}
    rows = np.zeros((len(counts), len(columns)))
    for i, row in enumerate(counts):
        for term, count in row.items():
            if term in columns:
                weight = 1 + math.log(count) if sublinear else count
                rows[i, columns[term]] = weight * math.log((1 + len(counts)) / frequency[term])
    return cosine(rows)


def cosine(rows: Matrix) -> Matrix:
    """Cosines of rows, shape (n, d) to (n, n), the diagonal 0."""
    import numpy as np

    length = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    unit = rows / np.where(length == 0, 1, length)
    close: Matrix = unit @ unit.T
    np.fill_diagonal(close, 0)
    return close


def _pairwise(things: Sequence[Any], close: Callable[[Any, Any], float]) -> Matrix:
    import numpy as np

    matrix = np.zeros((len(things), len(things)))
    for i, one in enumerate(things):
        for j in range(i):
            matrix[i, j] = matrix[j, i] = close(one, things[j])
    return matrix


def _pair_counts(labels: Sequence[Label], counts: Mapping[tuple[str, str], int], totals: Mapping[str, int]) -> Matrix:
    keys = [label.key for label in labels]

    def close(a: str, b: str) -> float:
        both = counts.get((a, b), 0) + counts.get((b, a), 0)
        return both / math.sqrt(max(totals.get(a, 0), 1) * max(totals.get(b, 0), 1))

    return _pairwise(keys, close)


def _character_grams(text: str) -> Counter[str]:
    """Pieces of 3 and 4 characters of a spaced script, 1 to 3 of any other."""
    padded, sizes = (f" {text} ", (3, 4)) if text.isascii() else (text, (1, 2, 3))
    return Counter(padded[i : i + n] for n in sizes for i in range(len(padded) - n + 1))


def _stems(text: str) -> list[str]:
    """Words without their English endings; characters where the script sets no spaces."""
    return [_stem(word) if word.isascii() else part for word in _WORD.findall(text) for part in _parts(word)]


def _parts(word: str) -> list[str]:
    return [word] if word.isascii() else list(word)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def _ends_of(name: str) -> tuple[str, str]:
    """The first word and the head noun of a name: what stands before `of`; the last characters without spaces."""
    if not name.isascii():
        return name[-2:], name[-1:]
    found = [_stem(word) for word in _WORD.findall(re.split(r"\b(?:of|or)\b", name)[0]) or _WORD.findall(name)]
    return (found[0], found[-1]) if found else (name, name)


def _edit_ratio(a: str, b: str) -> float:
    ratio = difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
    return ratio if ratio > LEAST_RATIO else 0.0


def _affix_ratio(a: str, b: str) -> float:
    start, end = _common(a, b), _common(a[::-1], b[::-1])
    return max(start, end) / max(1, min(len(a), len(b)))


def _common(a: str, b: str) -> int:
    """How many characters two strings begin with alike."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
