"""What every model can do, and how a saved one is opened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import cast, overload

import msgspec

from pointline.errors import MissingExtra, ModelFault
from pointline.sample import Ids, Sample
from pointline.schema import Schema


class Extractor(ABC):
    """A model that reads texts and says their labels and spans."""

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """A hash that changes whenever the model does."""

    def known(self) -> Schema | None:
        """What the model can be asked; None where it does not say."""
        return None

    @abstractmethod
    def predict(
        self, samples: Iterable[Sample], schema: Schema | None = None, batch_size: int = 64
    ) -> Iterator[Sample]:
        """Yield one prediction a sample, in order; `schema` narrows what is asked.

        Raises Refusal if the schema asks for what the model does not know.
        """

    @overload
    def extract(  # type: ignore[overload-overlap]
        self, texts: str | Sample, schema: Schema | None = None, batch_size: int = 64
    ) -> Sample: ...

    @overload
    def extract(  # type: ignore[overload-overlap]
        self, texts: list[str] | list[Sample], schema: Schema | None = None, batch_size: int = 64
    ) -> list[Sample]: ...

    @overload
    def extract(
        self, texts: Iterable[str | Sample], schema: Schema | None = None, batch_size: int = 64
    ) -> Iterator[Sample]: ...

    def extract(
        self, texts: str | Sample | Iterable[str | Sample], schema: Schema | None = None, batch_size: int = 64
    ) -> Sample | list[Sample] | Iterator[Sample]:
        """Predict for a text (gives a sample), a list of texts (a list) or any iterable (an iterator, as they come).

        Raises Refusal if the schema asks for what the model does not know.
        """
        single = isinstance(texts, str | Sample)
        ids = Ids(None, None)
        samples = (
            text if isinstance(text, Sample) else Sample(ids(text), text)
            for text in (cast("list[str | Sample]", [texts]) if single else cast("Iterable[str | Sample]", texts))
        )
        answers = self.predict(samples, schema, batch_size)
        if single:
            return next(answers)
        return list(answers) if isinstance(texts, list) else answers


def load(path: str | Path) -> Extractor:
    """Open a model folder by the kind that its `model.json` names.

    Raises ModelFault where the folder is no model, damaged, or of another version.
    """
    folder = Path(path)
    kind = read_card(folder).get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ModelFault(f"{folder / 'model.json'}: unknown kind of model {kind!r}; known: {', '.join(_KINDS)}")
    return _KINDS[kind](folder)


def read_card(folder: Path) -> dict[str, object]:
    """The content of a model folder's `model.json`; raises ModelFault."""
    path = folder / "model.json"
    try:
        card = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        raise ModelFault(
            f"{folder} is no model folder: it holds no model.json; give a folder that `train` wrote"
        ) from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelFault(f"{path} cannot be read ({error}); train the model again") from None
    if not isinstance(card, dict):
        raise ModelFault(f"{path} is not a JSON object; train the model again")
    return card


def _tagger(folder: Path) -> Extractor:
    try:
        from pointline.models.tagger.tagger import Tagger
    except ModuleNotFoundError as error:
        raise MissingExtra("train", error.name or "torch") from error
    return Tagger.load(folder)


def _generator(folder: Path) -> Extractor:
    try:
        from pointline.models.generator.generator import Generator
    except ModuleNotFoundError as error:
        raise MissingExtra("hf", error.name or "transformers") from error
    return Generator.load(folder)


def _endpoint(folder: Path) -> Extractor:
    from pointline.models.endpoint.remote import Remote

    return Remote.load(folder)


_KINDS: dict[str, Callable[[Path], Extractor]] = {"tagger": _tagger, "generator": _generator, "endpoint": _endpoint}
