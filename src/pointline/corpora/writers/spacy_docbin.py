"""spaCy DocBin: documents with entities, categories and ids, tokens cut so that every entity fits."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

from pointline.corpora.conversion import Report
from pointline.corpora.cutting import cut, flat
from pointline.corpora.writing import WriterSettings, left_out
from pointline.errors import MissingExtra
from pointline.jsonl import writing
from pointline.sample import Sample


class SpacyDocBin(WriterSettings, frozen=True, kw_only=True):
    """Where overlapping entities go."""

    spans_key: str = "sc"
    """The span group that holds all entities, overlapping ones too."""


def write(samples: Iterable[Sample], out: Path, settings: SpacyDocBin, report: Report) -> int:
    """Write a .spacy file (with the extra `spacy`); it is built in memory. Returns how many samples were written.

    A category that is not the sample's stands with 0.0 for every label met in the file, as spaCy's training wants it.
    """
    try:
        from spacy.tokens import DocBin
        from spacy.vocab import Vocab
    except ImportError:
        raise MissingExtra("spacy", "spacy") from None
    held = list(samples)
    labels = sorted({label for sample in held for label in sample.labels or ()})
    vocab = Vocab()
    docs = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
    for sample in held:
        left_out(sample, ("labels", "entities"), report)
        docs.add(_doc(sample, labels, vocab, settings, report))
    with writing(out) as file:
        file.write(docs.to_bytes())
    return len(held)


def _doc(sample: Sample, labels: list[str], vocab: Any, settings: SpacyDocBin, report: Report) -> Any:
    from spacy.tokens import Doc, Span

    found = cut(sample, report)
    words, spaces, shift = _words(sample.text, found.places)
    doc = Doc(vocab, words=words, spaces=spaces)
    doc.user_data["id"] = sample.id
    if sample.labels is not None:
        doc.cats = {label: float(label in sample.labels) for label in labels}
    if sample.entities is not None:
        kept = flat(found.spans, report)
        doc.set_ents([Span(doc, shift[a], shift[b - 1] + 1, label=kind) for a, b, kind in kept], default="outside")
        spans = [Span(doc, shift[a], shift[b - 1] + 1, label=kind) for a, b, kind in found.spans]
        doc.spans[settings.spans_key] = spans
        if twins := len(found.spans) - len(set(found.spans)):
            report.notice("twin_left_out", sample.id, twins)
    return doc


def _words(text: str, places: list[tuple[int, int]]) -> tuple[list[str], list[bool], list[int]]:
    """Words and trailing spaces that give the very text again; what is not one space is a word of its own."""
    words: list[str] = []
    spaces: list[bool] = []
    shift: list[int] = []
    borders = [(0, 0), *places, (len(text), len(text))]
    for (_, end), (start, behind) in pairwise(borders):
        gap = text[end:start]
        if gap.startswith(" ") and words and end:
            spaces[-1] = True
            gap = gap[1:]
        if gap:
            words.append(gap)
            spaces.append(False)
        if behind > start:
            shift.append(len(words))
            words.append(text[start:behind])
            spaces.append(False)
    return words, spaces, shift
