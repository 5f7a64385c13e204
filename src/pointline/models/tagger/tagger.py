"""The tagger as a model: extract from texts, save, load."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import torch

from pointline.errors import ModelFault
from pointline.models.extractor import Extractor
from pointline.models.tagger import storage
from pointline.models.tagger.answering import Answer, owned
from pointline.models.tagger.asking import Asked, asked, known_schema
from pointline.models.tagger.collate import collate
from pointline.models.tagger.encode import Encoder, Inventory, tagged_spans
from pointline.models.tagger.example import Example
from pointline.models.tagger.features import FeatureSettings
from pointline.models.tagger.joining import Joined, Joiner
from pointline.models.tagger.network import Network
from pointline.models.windows import Piece, Window, merge, windows
from pointline.sample import Entity, Sample
from pointline.schema import Schema

WINDOW = 512
OVERLAP = 128
_BATCHES_AHEAD = 16


class _Reading(NamedTuple):
    """What the network says of one window: label probabilities (or None), spans of tokens, what joins them."""

    labels: list[float] | None
    pieces: list[Piece]
    joined: Joined | None = None


_Found: TypeAlias = list[tuple[Window, _Reading]]


class Tagger(Extractor):
    """A trained network with its inventory: an Extractor for text labels, entities, relations and events."""

    def __init__(self, network: Network, inventory: Inventory, settings: FeatureSettings) -> None:
        self.network = network
        self.inventory = inventory
        self.encoder = Encoder(inventory, settings)
        structure = inventory.structure
        self.joiner = Joiner(network, inventory, structure) if structure else None

    def predict(
        self, samples: Iterable[Sample], schema: Schema | None = None, batch_size: int = 64
    ) -> Iterator[Sample]:
        """Yield one prediction a sample, in order; reads a few batches ahead to group by length.

        A text longer than 512 tokens is read in overlapping windows. `schema` narrows labels and types; a level that
        it does not ask for stays None. Raises Refusal if it asks for what the model does not know.
        """
        return self._predicted(iter(samples), asked(self.inventory, schema), batch_size)

    def save(self, folder: str | Path) -> None:
        """Write the model: `model.json`, `words.json` and `weights.safetensors` (half precision)."""
        storage.save(Path(folder), self.network, self.inventory, self.encoder.settings)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over weights, inventory and settings."""
        return storage.fingerprint(self.network, self.inventory, self.encoder.settings)

    def known(self) -> Schema:
        """The labels and types that it was trained on."""
        return known_schema(self.inventory)

    @classmethod
    def load(cls, folder: str | Path) -> Tagger:
        """Open a saved model; raises ModelFault if it is damaged or of another version."""
        settings, inventory, features, weights = storage.load(Path(folder))
        network = Network(settings)
        try:
            network.load_state_dict(weights)
        except RuntimeError:
            fix = "train it again or install the version that wrote it"
            raise ModelFault(f"{folder}: the weights do not fit the network that model.json describes; {fix}") from None
        network.eval()
        return cls(network, inventory, features)

    def _predicted(self, samples: Iterator[Sample], wanted: Asked, batch_size: int) -> Iterator[Sample]:
        while ahead := list(itertools.islice(samples, batch_size * _BATCHES_AHEAD)):
            examples = [self.encoder.text(sample) for sample in ahead]
            cuts = [windows(example.size, WINDOW, OVERLAP) for example in examples]
            parts = [e.part(w.start, w.end) for e, cut in zip(examples, cuts, strict=True) for w in cut]
            readings = iter(self._read(parts, batch_size))
            for sample, example, cut in zip(ahead, examples, cuts, strict=True):
                found = [(window, next(readings)) for window in cut]
                yield self._prediction(sample, example, found, wanted)

    def _read(self, parts: Sequence[Example], batch_size: int) -> list[_Reading]:
        """Run the network over all parts, grouped by length, results in the order of `parts`."""
        order = sorted(range(len(parts)), key=lambda i: parts[i].size)
        readings: dict[int, _Reading] = {}
        for chosen in _batched(order, batch_size):
            readings.update(zip(chosen, self._read_batch([parts[i] for i in chosen]), strict=True))
        return [readings[i] for i in range(len(parts))]

    @torch.inference_mode()
    def _read_batch(self, parts: Sequence[Example]) -> list[_Reading]:
        inventory, names = self.inventory, self.inventory.types or ()
        batch = collate(parts, len(inventory.labels or ()))
        said = self.network.outputs(batch)
        output = self.network.mean(said)
        labels: list[list[float] | None] = [None] * len(parts)
        if inventory.labels:
            labels = self.network.label_probabilities(output).tolist()
        pieces: list[list[Piece]] = [[] for _ in parts]
        if output.emissions is not None:
            crf, lengths = self.network.crf, batch.tag_lengths
            best = crf.decode(output.emissions, lengths)
            sure = crf.marginals(output.emissions, lengths).gather(2, best[..., None]).squeeze(-1)
            for row, (part, tags, scores) in enumerate(zip(parts, best.tolist(), sure.tolist(), strict=True)):
                for start, end, kind in tagged_spans(tags[: len(part.tokens)]):
                    score = sum(scores[start:end]) / (end - start)
                    pieces[row].append(Piece(start, end, names[kind], round(score, 4)))
        if self.joiner is None:
            return [_Reading(*row) for row in zip(labels, pieces, strict=True)]
        spans = [[piece[:3] for piece in row] for row in pieces]
        joined = self.joiner(batch, said, spans, [len(part.tokens) for part in parts])
        return [_Reading(*row) for row in zip(labels, pieces, joined, strict=True)]

    def _prediction(self, sample: Sample, example: Example, found: _Found, wanted: Asked) -> Sample:
        prediction = Sample(
            sample.id, sample.text, sample.lang, source=sample.source, split=sample.split, meta=dict(sample.meta)
        )
        if wanted.labels is not None:
            scores = self._label_scores(found, wanted.labels)
            prediction.label_scores = scores
            prediction.labels = self._chosen(scores)
        pieces = merge((window, reading.pieces) for window, reading in found)
        if wanted.types is not None:
            prediction.entities = [
                _entity(sample.text, example, piece) for piece in pieces if piece.type in wanted.types
            ]
        if wanted.relations is not None or wanted.events is not None:
            self._join(prediction, example, found, pieces, wanted)
        return prediction

    def _join(
        self, prediction: Sample, example: Example, found: _Found, pieces: Sequence[Piece], wanted: Asked
    ) -> None:
        """Write the relations and events into a prediction."""
        structure = self.inventory.structure
        assert structure
        assert self.joiner is not None
        entities = {(piece.start, piece.end, self.joiner.types[piece.type]) for piece in pieces}
        answer = Answer(
            structure, structure.kind_names(self.inventory.types), prediction.text, example.tokens, entities
        )
        joined = owned(((window, reading.joined) for window, reading in found), structure)
        if wanted.relations is not None:
            prediction.relations = answer.relations(joined, wanted.relations)
        if wanted.events is not None:
            prediction.events = answer.events(joined, wanted.events)

    def _label_scores(self, found: _Found, names: Sequence[str]) -> dict[str, float]:
        """Mean over the windows, weighted by the tokens they own, of the labels asked for."""
        assert self.inventory.labels is not None
        weights = [window.own_end - window.own_start for window, _ in found]
        rows = [reading.labels or [] for _, reading in found]
        total = sum(weights)
        mean = [sum(w * p for w, p in zip(weights, column, strict=True)) / total for column in zip(*rows, strict=True)]
        scores = dict(zip(self.inventory.labels, mean, strict=True))
        share = 1.0 if self.inventory.multi else sum(scores[name] for name in names) or 1.0
        return {name: round(scores[name] / share, 4) for name in names}

    def _chosen(self, scores: dict[str, float]) -> list[str]:
        if self.inventory.multi:
            return [name for name, score in scores.items() if score > 0.5]
        return [max(scores, key=lambda name: scores[name])] if scores else []


def _entity(text: str, example: Example, piece: Piece) -> Entity:
    start, end = example.tokens[piece.start].start, example.tokens[piece.end - 1].end
    return Entity(piece.type, text[start:end], start, end, score=piece.score)


def _batched(order: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (order[i : i + size] for i in range(0, len(order), size))
