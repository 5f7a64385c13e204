"""What a tagger is trained on: the split, the inventory, and the hash of it all."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
import xxhash
from torch import Tensor

from pointline.errors import Refusal
from pointline.models.tagger.encode import Encoder, Inventory
from pointline.models.tagger.features import FeatureSettings, word_forms
from pointline.models.tagger.gazetteer import Gazetteer
from pointline.models.tagger.pretrained import PretrainedSettings, open_pretrained
from pointline.models.tagger.tokens import tokenize
from pointline.sample import Sample
from pointline.train.split import split_dev
from pointline.train.tagger.settings import TaggerTraining, chosen
from pointline.train.tagger.structure import gather_structure


class TrainingData(NamedTuple):
    """Samples with something to learn, the settings filled in for them, and what is learned by name."""

    train: list[Sample]
    dev: list[Sample]
    settings: TaggerTraining
    inventory: Inventory
    features: FeatureSettings
    digest: str
    skipped: Counter[str]
    pretrained: PretrainedSettings | None = None
    weights: dict[str, Tensor] | None = None


def gather(train: Iterable[Sample], dev: Iterable[Sample] | None, settings: TaggerTraining) -> TrainingData:
    """Hold the samples, split dev off where none is given, and list words, labels and types.

    Raises Refusal where no sample is annotated on the levels wanted.
    """
    skipped: Counter[str] = Counter()
    given = list(train)
    joined = _joined_levels(given, settings)
    kept = list(_usable(given, settings, joined, skipped))
    held = list(_usable(dev, settings, joined, skipped)) if dev is not None else []
    if dev is None:
        kept, held = split_dev(kept)
    if not kept:
        fix = "give labels, entities, relations or events"
        raise Refusal(f"no sample to train on is annotated (levels: {settings.levels}); {fix}")
    filled = chosen(settings, kept)
    features = FeatureSettings()
    if settings.analysers == "installed":
        features = FeatureSettings.installed((sample.text, sample.lang) for sample in kept)
    inventory = _inventory(kept, filled, features)
    digest = hashlib.sha256(msgspec.json.encode((kept, held))).hexdigest()
    data = TrainingData(kept, held, filled, inventory, features, digest, skipped)
    return data if filled.encoder is None else _with_encoder(data, filled.encoder)


def _with_encoder(data: TrainingData, path: str) -> TrainingData:
    """Open the pretrained encoder; its weights are part of what the data's hash names."""
    pretrained, subwords, weights = open_pretrained(path)
    seen = xxhash.xxh3_64()
    for name in sorted(weights):
        seen.update(weights[name].contiguous().numpy().tobytes())
    inventory = msgspec.structs.replace(data.inventory, subwords=subwords)
    return data._replace(
        inventory=inventory, pretrained=pretrained, weights=weights, digest=f"{data.digest}-{seen.hexdigest()}"
    )


def _joined_levels(samples: Sequence[Sample], settings: TaggerTraining) -> frozenset[str]:
    """Which of relations and events train has any of, where they are wanted."""
    if settings.levels == "text" or settings.links == "none":
        return frozenset()
    return frozenset(level for level in ("relations", "events") if any(getattr(sample, level) for sample in samples))


def _usable(
    samples: Iterable[Sample], settings: TaggerTraining, joined: frozenset[str], skipped: Counter[str]
) -> Iterable[Sample]:
    """Samples with text and at least one of the levels wanted; the others are taken away."""
    for sample in samples:
        labels = sample.labels if settings.levels != "word" else None
        entities = sample.entities if settings.levels != "text" else None
        relations = sample.relations if "relations" in joined else None
        events = sample.events if "events" in joined else None
        if labels is None and entities is None and relations is None and events is None:
            skipped["without annotation"] += 1
        elif not sample.text.strip():
            skipped["without text"] += 1
        else:
            yield msgspec.structs.replace(sample, labels=labels, entities=entities, relations=relations, events=events)


def _inventory(samples: Sequence[Sample], settings: TaggerTraining, features: FeatureSettings) -> Inventory:
    words: Counter[str] = Counter()
    labels: set[str] = set()
    types: set[str] = set()
    single = True
    for sample in samples:
        tokens = tokenize(sample.text, sample.lang)
        words.update(word_forms(sample.text, tokens, sample.lang, features)[0])
        labels.update(sample.labels or ())
        types.update(entity.type for entity in sample.entities or ())
        single = single and (sample.labels is None or len(sample.labels) == 1)
    multi = settings.multi == "multi" or (settings.multi == "auto" and not single)
    if not single and not multi:
        raise Refusal("a sample has several text labels or none, but multi = single was asked for; set multi = multi")
    inventory = Inventory(
        words=tuple(sorted(word for word, count in words.items() if count >= settings.rare_words)),
        labels=tuple(sorted(labels)) or None,
        types=tuple(sorted(types)) or None,
        multi=multi and bool(labels),
        structure=gather_structure(samples, sorted(types)) or msgspec.UNSET,
    )
    if not settings.gazetteer or not types:
        return inventory
    encoder = Encoder(inventory, features)
    annotated = (encoder.word_entities(sample) for sample in samples if sample.entities is not None)
    return msgspec.structs.replace(inventory, gazetteer=Gazetteer.build(annotated).to_json())
