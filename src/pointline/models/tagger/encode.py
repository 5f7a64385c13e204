"""Between records and the network: samples become tokens and tags, tokens become batches, tags become spans."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import torch
from torch import Tensor

from pointline.models.tagger.batch import Batch, InsideBatch
from pointline.models.tagger.features import FeatureSettings, Inside, featurize
from pointline.models.tagger.tokens import Token, tokenize
from pointline.sample import Entity, Sample

PADDING, UNKNOWN = 0, 1


class Inventory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model knows by name: words, text labels and entity types (None: the level was not learned)."""

    words: tuple[str, ...]
    labels: tuple[str, ...] | None
    types: tuple[str, ...] | None
    multi: bool = False


class Example(NamedTuple):
    """One text for the network; `tags` and `labels` are None where the level is not annotated or not wanted.

    Words are the tokens, or hold them as `inside` says; tags belong to tokens.
    """

    tokens: Sequence[Token]
    words: list[int]
    features: list[tuple[int, ...]]
    tags: list[int] | None = None
    labels: list[int] | None = None
    inside: Inside | None = None

    @property
    def size(self) -> int:
        """How many places the tags have: at least one, also for a text without tokens."""
        return len(self.words if self.inside is None else self.inside.parents)

    def part(self, start: int, end: int) -> Example:
        """Tokens `start` to `end` alone, as one window of a long text, with the words that hold them."""
        if start == 0 and end == self.size:
            return self
        tags = None if self.tags is None else cut_tags(self.tags, start, end)
        first, last, inside = start, end, None
        if self.inside is not None:
            parents = self.inside.parents[start:end]
            first, last = parents[0], parents[-1] + 1
            inside = Inside([parent - first for parent in parents], self.inside.ids[start:end])
        return Example(
            self.tokens[start:end], self.words[first:last], self.features[first:last], tags, self.labels, inside
        )


class Encoder:
    """Turns samples into examples; counts in `lost` the gold spans that BIO tags over these tokens cannot hold."""

    def __init__(self, inventory: Inventory, settings: FeatureSettings) -> None:
        self.inventory = inventory
        self.settings = settings
        self.lost: Counter[str] = Counter()
        self._words = {word: i for i, word in enumerate(inventory.words, start=2)}
        self._labels = {label: i for i, label in enumerate(inventory.labels or ())}
        self._types = {name: i for i, name in enumerate(inventory.types or ())}

    def text(self, sample: Sample) -> Example:
        """The text alone, without its annotations. A text without tokens becomes one padding token."""
        tokens = tokenize(sample.text, sample.lang)
        if not tokens:
            return Example([], [PADDING], [()], inside=Inside([0], [()]) if self.settings.layered else None)
        words, ids, inside = featurize(sample.text, tokens, sample.lang, self.settings)
        known = self._words.get
        return Example(tokens, [known(word, UNKNOWN) for word in words], ids, inside=inside)

    def gold(self, sample: Sample) -> Example:
        """The text with what is annotated of the levels that the inventory has."""
        example = self.text(sample)
        tags = labels = None
        if self._labels and sample.labels is not None:
            labels = [self._labels[label] for label in sample.labels if label in self._labels]
        if self._types and sample.entities is not None:
            tags = [0] * example.size
            for start, end, kind in self._placed(sample.entities, example.tokens):
                tags[start:end] = [2 * kind + 1] + [2 * kind + 2] * (end - start - 1)
        return example._replace(tags=tags, labels=labels)

    def _placed(self, entities: Iterable[Entity], tokens: Sequence[Token]) -> list[tuple[int, int, int]]:
        """Token spans with their type's number: those that fit the tokens and do not overlap, longest first."""
        first = {token.start: i for i, token in enumerate(tokens)}
        last = {token.end: i + 1 for i, token in enumerate(tokens)}
        free = [True] * len(tokens)
        placed = []
        for entity in sorted(entities, key=lambda e: ((e.start or 0) - (e.end or 0), e.start or 0, e.type)):
            if entity.start is None or entity.end is None:
                self.lost["without offsets"] += 1
                continue
            start, end = first.get(entity.start), last.get(entity.end)
            kind = self._types.get(entity.type)
            if entity.fragments is not None and len(entity.fragments) > 1:
                self.lost["discontinuous"] += 1
            elif kind is None:
                self.lost["of an unknown type"] += 1
            elif start is None or end is None:
                self.lost["not on token borders"] += 1
            elif not all(free[start:end]):
                self.lost["overlapping a longer one"] += 1
            else:
                free[start:end] = [False] * (end - start)
                placed.append((start, end, kind))
        return placed


def collate(examples: Sequence[Example], labels: int) -> Batch:
    """Pad examples into one batch; `labels` is the size of the label inventory."""
    inside = _inside_batch(examples)
    features, offsets = _bags([example.features for example in examples])
    wanted = np.zeros((len(examples), labels), np.float32)
    for row, example in enumerate(examples):
        if example.labels is not None:
            wanted[row, example.labels] = 1
    return Batch(
        words=_padded([example.words for example in examples]),
        features=features,
        offsets=offsets,
        lengths=torch.tensor([len(example.words) for example in examples]),
        labels=torch.from_numpy(wanted),
        has_labels=torch.tensor([example.labels is not None for example in examples]),
        tags=_padded([example.tags or [0] * example.size for example in examples]),
        has_tags=torch.tensor([example.tags is not None for example in examples]),
        inside=inside,
    )


def _inside_batch(examples: Sequence[Example]) -> InsideBatch | None:
    insides = [example.inside for example in examples if example.inside is not None]
    if not insides:
        return None
    features, offsets = _bags([inside.ids for inside in insides])
    lengths = torch.tensor([len(inside.parents) for inside in insides])
    return InsideBatch(_padded([inside.parents for inside in insides]), features, offsets, lengths)


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Rows of numbers as one matrix, zeros behind the shorter ones."""
    matrix = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for place, row in enumerate(rows):
        matrix[place, : len(row)] = row
    return torch.from_numpy(matrix)


def _bags(rows: Sequence[Sequence[tuple[int, ...]]]) -> tuple[Tensor, Tensor]:
    """All ids one after another, and where each place's ids begin, padded places included."""
    counts = np.zeros((len(rows), max(map(len, rows))), np.int64)
    for place, row in enumerate(rows):
        counts[place, : len(row)] = [len(ids) for ids in row]
    chained = itertools.chain.from_iterable(itertools.chain.from_iterable(rows))
    features = np.fromiter(chained, np.int64, int(counts.sum()))
    flat = counts.reshape(-1)
    return torch.from_numpy(features), torch.from_numpy(np.cumsum(flat) - flat)


def tagged_spans(tags: Sequence[int]) -> list[tuple[int, int, int]]:
    """Read (start, end, type) token spans off one row of tags.

    >>> tagged_spans([0, 1, 2, 1, 3])
    [(1, 3, 0), (3, 4, 0), (4, 5, 1)]
    """
    spans: list[tuple[int, int, int]] = []
    for place, tag in enumerate(tags):
        if tag % 2:
            spans.append((place, place + 1, tag // 2))
        elif tag:
            start, _, kind = spans[-1]
            spans[-1] = (start, place + 1, kind)
    return spans


def cut_tags(tags: Sequence[int], start: int, end: int) -> list[int]:
    """The tags of one window; a span that the cut opens begins anew.

    >>> cut_tags([1, 2, 2, 0], 1, 4)
    [1, 2, 0]
    """
    part = list(tags[start:end])
    if part and part[0] and part[0] % 2 == 0:
        part[0] -= 1
    return part
