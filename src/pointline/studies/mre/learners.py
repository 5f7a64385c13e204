"""Who learns: the embedded tagger, a Hugging Face model, or a served one that is shown examples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from pointline.errors import MissingExtra, Refusal
from pointline.models.extractor import Extractor
from pointline.sample import Sample
from pointline.schema import Schema
from pointline.settings import fill
from pointline.studies.mre.arms import Levels


class Learner(msgspec.Struct, frozen=True):
    """A kind of model and its settings, as plain data, so that a worker process can be told."""

    model: str = "tagger"
    """`tagger`, a Hugging Face folder or name, `new:causal`, `new:seq2seq`, or the folder of an endpoint's card."""
    words: tuple[str, ...] = ()
    """`key=value` settings of its training."""

    def __call__(
        self, train: Sequence[Sample], dev: Sequence[Sample], how: tuple[Levels, int], folder: Path
    ) -> Extractor:
        """Train on dressed samples with (levels, seed) and give the model; what an interrupted run left is used."""
        if self.model == "tagger":
            return self._tagger(train, dev, how, folder)
        if (Path(self.model) / "model.json").is_file():
            return self._endpoint(train, dev, how[1])
        return self._generator(train, dev, how, folder)

    def _tagger(
        self, train: Sequence[Sample], dev: Sequence[Sample], how: tuple[Levels, int], folder: Path
    ) -> Extractor:
        try:
            from pointline.models.tagger.tagger import Tagger
            from pointline.train.tagger import fit
            from pointline.train.tagger.settings import TaggerTraining
        except ModuleNotFoundError as error:
            raise MissingExtra("train", error.name or "torch") from None
        levels, seed = how
        settings = fill(TaggerTraining, {}, (*self.words, f"levels={levels}", f"seed={seed}"))
        fit(train, dev, settings, folder, resume=True)
        return Tagger.load(folder)

    def _generator(
        self, train: Sequence[Sample], dev: Sequence[Sample], how: tuple[Levels, int], folder: Path
    ) -> Extractor:
        try:
            from pointline.models.generator.generator import Generator
            from pointline.train.generator.fitting import train_generator
            from pointline.train.generator.settings import GeneratorTraining
        except ModuleNotFoundError as error:
            raise MissingExtra("hf", error.name or "transformers") from None
        words = (*self.words, f"model={self.model}", f"seed={how[1]}")
        settings = fill(GeneratorTraining, {}, words)
        train_generator(train, dev, settings, folder, resume=True, schema=Schema.of([*train, *dev]))
        return Generator.load(folder)

    def _endpoint(self, train: Sequence[Sample], dev: Sequence[Sample], seed: int) -> Extractor:
        from pointline.models.endpoint.card import EndpointCard
        from pointline.models.endpoint.remote import ANSWERS, Remote
        from pointline.models.endpoint.settings import EndpointSettings

        card = EndpointCard.read(self.model)
        settings = fill(EndpointSettings, msgspec.to_builtins(card.settings), (*self.words, f"seed={seed}"))
        if not settings.shots:
            raise Refusal("without examples an endpoint learns nothing; say --set shots=5")
        card = msgspec.structs.replace(card, settings=settings, schema=Schema.of([*train, *dev]))
        return Remote(card, train, settings.cache or Path(self.model) / ANSWERS)
