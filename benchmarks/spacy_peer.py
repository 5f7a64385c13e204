"""The peer of the tagger's benchmark: spaCy's blank pipeline, recommended CPU configuration, given the tokens."""

from __future__ import annotations

import copy
import random
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence

import spacy
from spacy.cli.init_config import init_config
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import load_model_from_config, registry

from pointline.sample import Entity, Sample

Cut = Callable[[Sample], list[tuple[int, int]]]
CHECKS = 8


class Peer:
    """A spaCy pipeline that is trained for a given wall time; `cut` gives a sample's tokens."""

    def __init__(self, cut: Cut, seed: int) -> None:
        self.cut = cut
        self.seed = seed

    def fit(self, train: Sequence[Sample], dev: Sequence[Sample], seconds: float, judge: Callable[..., float]) -> None:
        """Train until `seconds` are over, look at dev eight times on the way, keep the best."""
        stop = time.perf_counter() + seconds
        spacy.util.fix_random_seed(self.seed)
        both = any(sample.labels is not None for sample in train)
        config = init_config(
            lang="xx", pipeline=["ner", *(["textcat"] if both else [])], optimize="efficiency", gpu=False
        )
        self.nlp = load_model_from_config(config, auto_fill=True)
        self.labels = sorted({label for sample in train for label in sample.labels or ()})
        examples = [self._example(sample) for sample in train]
        optimizer = self.nlp.initialize(lambda: examples)
        settings = registry.resolve(self.nlp.config["training"], validate=False)
        batcher, optimizer = settings["batcher"], settings["optimizer"]
        best, weights, check = -1.0, self.nlp.to_bytes(), 1
        for batch in batcher(self._endless(examples)):
            self.nlp.update(batch, drop=settings["dropout"], sgd=optimizer)
            now = time.perf_counter()
            if now < stop and now < stop - seconds + check * seconds / CHECKS:
                continue
            check += 1
            with self.nlp.use_params(optimizer.averages):
                if dev and (found := judge(dev, list(self.extract(dev)))) > best:
                    best, weights = found, self.nlp.to_bytes()
            if time.perf_counter() >= stop:
                break
        self.nlp.from_bytes(weights)

    def extract(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        """Predictions in order."""
        held = list(samples)
        cuts = [self.cut(sample) for sample in held]
        docs = [self._doc(sample, cut) for sample, cut in zip(held, cuts, strict=True)]
        for sample, cut, doc in zip(held, cuts, self.nlp.pipe(docs, batch_size=64), strict=True):
            spans = [(cut[ent.start][0], cut[ent.end - 1][1], ent.label_) for ent in doc.ents]
            entities = [Entity(kind, sample.text[start:end], start, end) for start, end, kind in spans]
            labels = [max(doc.cats, key=lambda name: doc.cats[name])] if doc.cats else None
            yield Sample(sample.id, sample.text, sample.lang, labels, entities)

    def size(self) -> int:
        """Bytes of the model."""
        return len(self.nlp.to_bytes(exclude=["vocab"]))

    def _doc(self, sample: Sample, cut: Sequence[tuple[int, int]]) -> Doc:
        return Doc(self.nlp.vocab, words=[sample.text[start:end] for start, end in cut])

    def _example(self, sample: Sample) -> Example:
        cut = self.cut(sample)
        starts = {start: i for i, (start, _) in enumerate(cut)}
        ends = {end: i for i, (_, end) in enumerate(cut)}
        tags = ["O"] * len(cut)
        for entity in sample.entities or ():
            start, end = starts.get(entity.start or 0), ends.get(entity.end or 0)
            if start is None or end is None or any(tag != "O" for tag in tags[start : end + 1]):
                continue
            inside = [f"I-{entity.type}"] * (end - start - 1)
            tags[start : end + 1] = (
                [f"U-{entity.type}"] if start == end else [f"B-{entity.type}", *inside, f"L-{entity.type}"]
            )
        gold: dict[str, object] = {"entities": tags}
        if self.labels:
            gold["cats"] = {label: float(label in (sample.labels or ())) for label in self.labels}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Example.from_dict(self._doc(sample, cut), gold)

    def _endless(self, examples: Sequence[Example]) -> Iterator[Example]:
        order = list(copy.copy(examples))
        draw = random.Random(self.seed)
        while True:
            draw.shuffle(order)
            yield from order
