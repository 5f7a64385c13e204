"""What a corpus recipe says: its data sets, and the settings of every stage."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from pointline.clean.rules import CleanSettings
from pointline.corpora.cards import Card, load
from pointline.errors import InputFault, PointlineError, SettingsFault
from pointline.formats.table import FORMATS
from pointline.instruct.hard_negatives import Mining
from pointline.instruct.labels import Task
from pointline.instruct.mixture import Share, rates
from pointline.instruct.pairs import Building
from pointline.settings import read_toml
from pointline.shards import Sharding

SPLITS = ("train", "dev", "test")
_NAME = re.compile(r"[\w][\w.+-]*")


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One data set of the recipe: a card, or sample files by split."""

    card: str | None = None
    """A card's name, or a TOML file beside the recipe."""
    samples: dict[str, str] | None = None
    """Sample files by split (train, dev, test), instead of a card; paths count from the recipe's folder."""
    name: str | None = None
    """What it is called in the corpus; by default the card's name."""
    folder: str | None = None
    """Its folder below the data folder; by default the card's name."""
    options: list[str] = []
    """`key=value` words for the card's reader."""
    splits: dict[str, str] = {}
    """Our splits for those of the card that are named otherwise, or meant for another use: {dev = "train"}."""
    task: Task | list[Task] | None = None
    """ner, re, spo, kg, ee, eet, eea, or several; by default one for each word level that is annotated."""
    schema: str | None = None
    """A schema as JSON, with descriptions perhaps; by default what the annotations show."""
    hard_negatives: str | None = None
    """A dictionary edited by hand: its labels win over what is mined."""
    source: str | None = None
    """The part of a published dictionary of several data sets."""
    split_num: int | None = None
    """Labels an instruction, instead of what [batches] says."""
    domain: str | None = None
    """For the data record; by default the card's."""
    weight: float = 1.0
    """Its weight in the mixture."""
    cap: int | None = None
    """How many training samples it may give at most."""

    def __post_init__(self) -> None:
        if (self.card is None) == (self.samples is None):
            raise SettingsFault("a [[corpus]] names either a card or samples")
        if self.samples is not None and not self.name:
            raise SettingsFault("a [[corpus]] of samples needs a name")
        wrong = [split for split in [*(self.samples or {}), *self.splits.values()] if split not in SPLITS]
        if wrong:
            raise SettingsFault(f"{wrong[0]!r} is no split; give train, dev, test")
        Share(self.title, 0, self.weight, self.cap)
        if not _NAME.fullmatch(self.title):
            raise SettingsFault(f"{self.title!r} is no name for a corpus; use letters, digits, '-' and '_'")

    @property
    def title(self) -> str:
        """What it is called."""
        return self.name or Path(self.card or "").stem


class Batches(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Labels an instruction, and pure negatives for each instruction with a positive label (see `Batching`)."""

    split_num: int | None = None
    negatives: float | None = None


class Mixture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How training samples of all corpora are mixed (see `instruct.mixture`)."""

    temperature: float = 1.0
    total: int | None = None

    def __post_init__(self) -> None:
        rates([], self.temperature)


class Confusable(Mining, frozen=True, forbid_unknown_fields=True):
    """How hard negatives are mined; `annotations`: from the training samples too, not from the schema alone."""

    annotations: bool = True


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A corpus of instructions, from data sets to shards."""

    name: str
    """Title of the corpus card."""
    corpus: list[Source]
    """The data sets, in the order in which they stand in every file."""
    data: str = "data"
    """The folder that holds the data sets' folders; counts from the recipe's folder."""
    seed: int = 0
    format: str = "iepile"
    clean: CleanSettings = CleanSettings()
    hard_negatives: Confusable = Confusable()
    batches: Batches = Batches()
    instructions: Building = Building(keep_id=True)
    mixture: Mixture = Mixture()
    shards: Sharding = Sharding(order="shuffled")
    held_out_shards: int = 1
    """Shards of dev and of test."""

    def __post_init__(self) -> None:
        if not self.corpus:
            raise SettingsFault("the recipe names no [[corpus]]")
        titles = [source.title for source in self.corpus]
        twice = [title for title in titles if titles.count(title) > 1]
        if twice:
            raise SettingsFault(f"two corpora are called {twice[0]!r}; give one a name of its own")
        if self.format not in FORMATS or self.format == "usa":
            known = ", ".join(name for name in FORMATS if name != "usa")
            raise SettingsFault(f"format={self.format!r}: a corpus is written as one of {known}")


class Opened(msgspec.Struct, frozen=True):
    """A recipe with its cards, its paths made whole."""

    recipe: Recipe
    folder: Path
    data: Path
    cards: dict[str, Card]


def read_recipe(path: str | Path, data: str | Path | None = None) -> Opened:
    """Read a recipe and the cards that it names; `data` wins over the recipe's data folder.

    Raises InputFault with path and field, in one line.
    """
    values = read_toml(path)
    try:
        recipe = msgspec.convert(_ordered(values), Recipe)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `$")
        field = at.rstrip("`").lstrip(".") or None
        fix = f"known: {', '.join(Recipe.__struct_fields__)}" if field is None else "see the docs on recipes"
        raise InputFault(what, path=path, field=field, fix=fix) from None
    except SettingsFault as fault:
        raise InputFault(str(fault), path=path, fix="see the docs on recipes") from None
    folder = Path(path).resolve().parent
    cards = {}
    for source in recipe.corpus:
        if source.card is not None:
            name = source.card if not source.card.endswith(".toml") else folder / source.card
            try:
                cards[source.title] = load(name)
            except PointlineError as fault:
                raise InputFault(str(fault), path=path, field=f"corpus {source.title}") from None
    return Opened(recipe, folder, Path(data) if data is not None else folder / recipe.data, cards)


def _ordered(values: dict[str, Any]) -> dict[str, Any]:
    """A recipe's rows are shuffled unless it says otherwise, and train rows keep their ids."""
    shards, instructions = values.get("shards", {}), values.get("instructions", {})
    if isinstance(shards, dict):
        values = {**values, "shards": {"order": "shuffled", **shards}}
    if isinstance(instructions, dict):
        values = {**values, "instructions": {"keep_id": True, **instructions}}
    return values
