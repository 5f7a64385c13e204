"""`model.json` of a generator: the format it writes, what it was asked in training, how its folder is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from pointline import jsonl
from pointline.errors import ModelFault, Refusal
from pointline.formats.ask import Ask, parse_tasks
from pointline.formats.table import codec
from pointline.models.extractor import read_card
from pointline.schema import Schema
from pointline.version import __version__

CARD = "model.json"


class GeneratorCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a generator's folder says beside Hugging Face's own files.

    format: the name of the string format, as in `pointline.formats.FORMATS`.
    schema: what it was trained to answer, and what is asked where nobody says otherwise.
    architecture: "causal" or "seq2seq".
    tasks: the word-level tasks asked; None = those of the sample or the schema.
    lang: the language of the instruction words; None = the sample's.
    max_length: tokens of prompt and completion together (causal) or of the prompt (seq2seq); None = the model's.
    settings: settings of the generator that differ from the defaults.
    training: what training wants to remember; not read here.

    >>> import tempfile
    >>> card = GeneratorCard(format="oiellm", schema=Schema().entities(["PER"]), architecture="causal")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     card.write(folder)
    ...     GeneratorCard.read(folder) == card
    True
    """

    format: str
    schema: Schema
    architecture: Literal["causal", "seq2seq"]
    tasks: tuple[str, ...] | None = None
    lang: str | None = None
    max_length: int | None = None
    settings: dict[str, Any] = {}
    training: dict[str, Any] = {}
    kind: Literal["generator"] = "generator"
    version: str = __version__

    def ask(self, schema: Schema | None = None) -> Ask:
        """The question that the card puts; `schema` takes the place of its own."""
        return Ask(self.schema if schema is None else schema, self.tasks or (), lang=self.lang)

    def write(self, folder: str | Path) -> None:
        """Write `model.json`, beside its name and moved; write it last, it vouches for the rest."""
        with jsonl.writing(Path(folder) / CARD) as file:
            file.write(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")

    @classmethod
    def read(cls, folder: str | Path) -> GeneratorCard:
        """Read a folder's `model.json`; raises ModelFault with the field at fault."""
        path = Path(folder) / CARD
        try:
            card = msgspec.convert(read_card(Path(folder)), cls)
            parse_tasks(",".join(card.tasks or ()))
            codec(card.format, card.ask())
        except msgspec.ValidationError as error:
            raise ModelFault(f"{path}: {error}; mend the field, or train the model again") from None
        except Refusal as refusal:
            raise ModelFault(f"{path}: {refusal}") from None
        return card
