"""How a model is to be opened, as plain data: what the command line says and what workers are sent."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pointline.errors import MissingExtra, Refusal
from pointline.models.extractor import Extractor, load, read_card
from pointline.schema import Schema
from pointline.settings import fill


class Opening(msgspec.Struct, frozen=True):
    """A model's name and what is said besides; calling it opens the model.

    >>> from pointline.errors import PointlineError
    >>> try:
    ...     Opening("no/such/folder")()
    ... except PointlineError as fault:
    ...     print(str(fault)[:36])
    no/such/folder is no model folder: i
    """

    name: str
    """A model folder; with `format`, any Hugging Face folder or hub name too."""
    words: tuple[str, ...] = ()
    """`key=value` settings of a generative model or an endpoint."""
    format: str | None = None
    """The string format of a model that has no `model.json`; it needs `schema`."""
    schema: Schema | None = None
    tasks: tuple[str, ...] | None = None
    lang: str | None = None

    def __call__(self) -> Extractor:
        """Open it. Raises ModelFault, Refusal for settings that the model has not, MissingExtra."""
        if self.format is None and not self.words:
            return load(self.name)
        kind = None if self.format else read_card(Path(self.name)).get("kind")
        if kind == "endpoint":
            from pointline.models.endpoint.remote import Remote

            return Remote.load(self.name, self.words)
        if self.format is None and kind != "generator":
            raise Refusal("the embedded model has no settings of its own: its answers are always in form")
        try:
            from pointline.models.generator.generator import Generator
            from pointline.models.generator.settings import GeneratorSettings
        except ModuleNotFoundError as error:
            raise MissingExtra("hf", error.name or "transformers") from error
        if self.format is None:
            own = read_card(Path(self.name)).get("settings") or {}
            table = own if isinstance(own, dict) else {}
            return Generator.load(Path(self.name), fill(GeneratorSettings, table, self.words))
        if self.schema is None:
            raise Refusal(f"{self.name}: say by --schema what a model that was not trained here is asked")
        settings = fill(GeneratorSettings, {}, self.words)
        return Generator.open(self.name, self.format, self.schema, settings, self.tasks, self.lang)
