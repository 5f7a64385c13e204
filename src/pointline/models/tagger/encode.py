"""Between records and the network: samples become tokens and tags, tokens become batches, tags become spans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from pointline.models.tagger.example import Example
from pointline.models.tagger.features import FeatureSettings, Inside, featurize, word_forms
from pointline.models.tagger.gazetteer import Gazetteer, Spans
from pointline.models.tagger.linking import Linker
from pointline.models.tagger.structure import Structure, own_spans
from pointline.models.tagger.subwords import Subwords, word_places
from pointline.models.tagger.tokens import Token, tokenize
from pointline.sample import Entity, Sample

PADDING, UNKNOWN = 0, 1


class Inventory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the model knows by name: words, text labels and entity types (None: the level was not learned).

    gazetteer: counts of train's entities, as `Gazetteer.to_json` gives them; None: the model has no gazetteer.
    subwords: the `tokenizer.json` of the pretrained encoder; None: the model has none.
    structure: relations and events; not written where none were learned.
    """

    words: tuple[str, ...]
    labels: tuple[str, ...] | None
    types: tuple[str, ...] | None
    multi: bool = False
    gazetteer: dict[str, dict[str, int]] | None = None
    subwords: str | None = None
    structure: Structure | msgspec.UnsetType = msgspec.UNSET


class Encoder:
    """Turns samples into examples; counts in `lost` the gold spans that BIO tags over these tokens cannot hold."""

    def __init__(self, inventory: Inventory, settings: FeatureSettings) -> None:
        self.inventory = inventory
        self.settings = settings
        self.lost: Counter[str] = Counter()
        self._words = {word: i for i, word in enumerate(inventory.words, start=2)}
        self._labels = {label: i for i, label in enumerate(inventory.labels or ())}
        self._types = {name: i for i, name in enumerate(inventory.types or ())}
        self._gazetteer = None if inventory.gazetteer is None else Gazetteer.from_json(inventory.gazetteer)
        self._subwords = None if inventory.subwords is None else Subwords(inventory.subwords)
        self._structure = inventory.structure or None
        self._linker = Linker(self._structure) if self._structure else None

    def text(self, sample: Sample) -> Example:
        """The text alone, without its annotations. A text without tokens becomes one padding token."""
        example, words = self._read(sample)
        return self._with_known(example, words, None)

    def gold(self, sample: Sample) -> Example:
        """A train text with what is annotated of the levels that the inventory has."""
        example, words = self._read(sample)
        tags = labels = own = None
        if self._labels and sample.labels is not None:
            labels = [self._labels[label] for label in sample.labels if label in self._labels]
        if self._types and sample.entities is not None:
            placed = self._placed(sample.entities, example.tokens, self._types)
            tags = _tags(placed, example.size)
            names = self.inventory.types or ()
            parents = None if example.inside is None else example.inside.parents
            own = word_spans([(start, end, names[kind]) for start, end, kind in placed], parents)
        example = self._with_links(example._replace(tags=tags, labels=labels), sample)
        return self._with_known(example, words, own)

    def word_entities(self, sample: Sample) -> tuple[list[str], Spans]:
        """The words of a text and its entities as spans of words: what a gazetteer is built from."""
        tokens = tokenize(sample.text, sample.lang)
        words, parents = word_forms(sample.text, tokens, sample.lang, self.settings)
        names = self.inventory.types or ()
        placed = self._placed(sample.entities or (), tokens, self._types)
        return words, word_spans([(start, end, names[kind]) for start, end, kind in placed], parents)

    def _read(self, sample: Sample) -> tuple[Example, list[str]]:
        tokens = tokenize(sample.text, sample.lang)
        if not tokens:
            inside = Inside([0], [()]) if self.settings.layered else None
            pieces = None if self._subwords is None else self._subwords([], "")
            return Example([], [PADDING], [()], inside=inside, pieces=pieces), [""]
        words, ids, inside = featurize(sample.text, tokens, sample.lang, self.settings)
        numbers = [self._words.get(word, UNKNOWN) for word in words]
        pieces = None
        if self._subwords is not None:
            pieces = self._subwords(word_places(tokens, inside and inside.parents), sample.text)
        return Example(tokens, numbers, ids, inside=inside, pieces=pieces), words

    def _with_links(self, example: Example, sample: Sample) -> Example:
        """The tags of the layers, and what joins the spans of all tags."""
        if self._structure is None or self._linker is None:
            return example
        layers: list[list[int] | None] = []
        spans = [(start, end) for start, end, _ in tagged_spans(example.tags or ())]
        for layer in self._structure.layers:
            found = own_spans(sample, layer)
            if found is None:
                layers.append(None)
                continue
            placed = self._placed(found, example.tokens, {name: i for i, name in enumerate(layer.types)})
            spans += [(start, end) for start, end, _ in placed]
            layers.append(_tags(placed, example.size))
        links = self._linker(sample, example.tokens, spans, self.lost)
        return example._replace(layers=tuple(layers), links=links)

    def _with_known(self, example: Example, words: Sequence[str], own: Spans | None) -> Example:
        if self._gazetteer is None:
            return example
        return example._replace(known=self._gazetteer.lookup(words, own))

    def _placed(
        self, entities: Iterable[Entity], tokens: Sequence[Token], types: Mapping[str, int]
    ) -> list[tuple[int, int, int]]:
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
            kind = types.get(entity.type)
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


def word_spans(spans: Spans, parents: Sequence[int] | None) -> list[tuple[int, int, str]]:
    """Spans of tokens as spans of the words that hold them; those that begin or end inside a word are left out.

    `parents`: the number of each token's word; None where words are the tokens.

    >>> word_spans([(0, 2, "A"), (1, 3, "B"), (2, 3, "C")], [0, 0, 1])
    [(0, 1, 'A'), (1, 2, 'C')]
    """
    if parents is None:
        return list(spans)
    around = [-1, *parents, -1]
    return [
        (around[start + 1], around[end] + 1, kind)
        for start, end, kind in spans
        if around[start] != around[start + 1] and around[end] != around[end + 1]
    ]


def _tags(placed: Iterable[tuple[int, int, int]], size: int) -> list[int]:
    tags = [0] * size
    for start, end, kind in placed:
        tags[start:end] = [2 * kind + 1] + [2 * kind + 2] * (end - start - 1)
    return tags


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
