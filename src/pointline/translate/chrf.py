"""chrF: how much two texts share in character n-grams, right for words and for scripts without spaces."""

from __future__ import annotations

from collections import Counter

from pointline.text.normalize import fold_name

ORDER = 6
BETA = 2.0


def chrf(said: str, reference: str) -> float:
    """The F2 score over character n-grams of 1 to 6, spaces left out, width and case folded; 0 to 1.

    Source: Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation".

    >>> chrf("play some jazz", "Play some jazz"), chrf("", "jazz"), round(chrf("play jazz", "play some jazz"), 2)
    (1.0, 0.0, 0.33)
    """
    a, b = ("".join(fold_name(text).split()) for text in (said, reference))
    if not a or not b:
        return float(a == b)
    precisions, recalls = [], []
    for n in range(1, ORDER + 1):
        one, other = _grams(a, n), _grams(b, n)
        if not one or not other:
            continue
        shared = (one & other).total()
        precisions.append(shared / one.total())
        recalls.append(shared / other.total())
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    if not precision and not recall:
        return 0.0
    return (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)


def _grams(text: str, n: int) -> Counter[str]:
    return Counter(text[i : i + n] for i in range(len(text) - n + 1))
