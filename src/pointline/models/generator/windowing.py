"""Texts that a model has no room for: cut where no word is cut, answered window by window, put together again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from pointline.errors import Refusal
from pointline.models.generator import seams
from pointline.models.windows import Window, windows
from pointline.sample import Sample, span_key, spans_of
from pointline.text.locate import inside_word
from pointline.text.normalize import clusters

Fits = Callable[[str], bool]


def cut(text: str, fits: Fits, overlap: float) -> list[Window]:
    """Windows of a text, in code points, each of which fits; raises Refusal where even a word does not.

    >>> cut("one two three", lambda part: len(part) <= 7, 0.4)
    [Window(start=0, end=4, own_start=0, own_end=4), Window(start=4, end=8, own_start=4, own_end=7), \
Window(start=7, end=13, own_start=7, own_end=13)]
    """
    units = _units(text)
    size = len(units)
    while size:
        shared = min(size - 1, int(size * overlap))
        found = [_points(window, units) for window in windows(len(units), size, shared)]
        if all(fits(text[window.start : window.end]) for window in found):
            return found
        size = min(size - 1, size * 3 // 4)
    raise Refusal("the model has no room for a single word of the text beside the question")


def head(text: str, fits: Fits) -> str:
    """The longest beginning of a text that fits and cuts no word."""
    units = _units(text)
    low, high = 0, len(units)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(text[: units[middle - 1][1]]):
            low = middle
        else:
            high = middle - 1
    if not low:
        raise Refusal("the model has no room for a single word of the text beside the question")
    return text[: units[low - 1][1]]


def _units(text: str) -> list[tuple[int, int]]:
    """What is not cut: words of scripts that write spaces, else characters."""
    starts = [start for start, _ in clusters(text) if not inside_word(text, start)]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def _points(window: Window, units: list[tuple[int, int]]) -> Window:
    first, last = units[window.start], units[window.end - 1]
    return Window(first[0], last[1], units[window.own_start][0], units[window.own_end - 1][1])


def joined(sample: Sample, found: Sequence[tuple[Window, Sample]]) -> Sample:
    """The answers of all windows as one, offsets counted in the whole text.

    `meta.windows` lists the windows; two places at most `meta.together` characters apart, counted from the first to the
    last character, stood in one of them.
    """
    whole = Sample(sample.id, sample.text, raw="\n".join(answer.raw or "" for _, answer in found))
    answers = [answer for _, answer in found]
    moved = [(window, _moved(answer, window.start)) for window, answer in found]
    if any(answer.entities is not None for answer in answers):
        whole.entities = sorted(seams.entities(sample.text, moved), key=span_key)
    if any(answer.relations is not None for answer in answers):
        whole.relations = seams.relations(moved)
    if any(answer.events is not None for answer in answers):
        whole.events = seams.events(moved)
    if any(answer.labels is not None for answer in answers):
        whole.labels, whole.label_scores = _vote(found)
    problems = dict.fromkeys(problem for answer in answers for problem in answer.problems or ())
    whole.problems = list(problems) or None
    cut = [window for window, _ in found]
    whole.meta["windows"] = [[window.start, window.end] for window in cut]
    whole.meta["together"] = seams.together(cut)
    return whole


def _moved(answer: Sample, by: int) -> Sample:
    """A copy whose spans stand `by` characters further right."""
    copy = msgspec.convert(msgspec.to_builtins(answer), Sample)
    for _, span in spans_of(copy):
        if span.start is not None and span.end is not None:
            span.start, span.end = span.start + by, span.end + by
            if span.fragments is not None:
                span.fragments = [(a + by, b + by) for a, b in span.fragments]
    return copy


def _vote(found: Sequence[tuple[Window, Sample]]) -> tuple[list[str], dict[str, float] | None]:
    """Labels that windows with at least half of the text say, or else the one that most of it says."""
    weights: dict[str, float] = {}
    scores: dict[str, float] = {}
    total = sum(window.own_end - window.own_start for window, _ in found)
    for window, answer in found:
        share = (window.own_end - window.own_start) / total
        for label in answer.labels or ():
            weights[label] = weights.get(label, 0.0) + share
            scores[label] = scores.get(label, 0.0) + share * (answer.label_scores or {}).get(label, 1.0)
    chosen = [label for label, weight in weights.items() if weight >= 0.5]
    if not chosen and weights:
        chosen = [max(weights, key=lambda label: weights[label])]
    scored = any(answer.label_scores for _, answer in found)
    return chosen, {label: round(scores[label], 4) for label in chosen} if scored else None
