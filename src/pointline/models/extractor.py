"""What every model can do, and how a saved one is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from pointline.errors import MissingExtra, ModelFault
from pointline.sample import Sample
from pointline.schema import Schema


class Extractor(Protocol):
    """A model that reads texts and says their labels and spans."""

    @property
    def fingerprint(self) -> str:
        """A hash that changes whenever the model does."""
        ...

    def extract(
        self, texts: Iterable[Sample | str] | Sample | str, schema: Schema | None = None, batch_size: int = 64
    ) -> Iterator[Sample]:
        """Yield one prediction a text, in the order of the texts; `schema` narrows what is asked.

        Raises Refusal if the schema asks for what the model does not know.
        """
        ...


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


_KINDS: dict[str, Callable[[Path], Extractor]] = {"tagger": _tagger}
