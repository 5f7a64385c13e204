"""Data cards: one TOML file describes one data set and how it is read; a card holds no sentence of it."""

from __future__ import annotations

import difflib
import glob as globbing
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.labelmap import LabelMap
from pointline.errors import InputFault, Refusal
from pointline.settings import read_toml


class CardFiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The files of one split."""

    glob: str
    """Which files (or folders), relative to the data set's root."""
    split: str | None = None
    """train, dev or test; none where the source has no splits."""
    lang: str | None = None
    """The language of these files, where the data set has several."""
    samples: int | None = None
    """How many samples they hold when whole."""
    optional: bool = False
    """Whether they may be absent: parts that many copies of the data set lack."""
    options: dict[str, Any] = {}
    """Reader options of these files only."""


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One data set."""

    name: str
    """Short name, lower case; the `source` of its samples."""
    title: str
    """Its name as people write it."""
    task: str
    """What is annotated: `labels + entities`, `entities`, `relations`, `events`, ..."""
    langs: list[str]
    """Languages (BCP 47)."""
    licence: str
    """The licence as its home states it."""
    domain: str = ""
    """What the texts are about."""
    home: str = ""
    """Where it is to be had."""
    fetch: str = ""
    """How to get it, where that takes more than following `home`."""
    reader: str | None = None
    """The reader's name; none for a card that only describes."""
    options: dict[str, Any] = {}
    """Options of the reader."""
    map: LabelMap = LabelMap()
    """New names by level: [map.labels], [map.entities], [map.relations], [map.events], [map.roles]."""
    files: list[CardFiles] = []
    """The files, split by split."""
    sizes: dict[str, int] = {}
    """Published sizes by split, where they are not counted in `files`."""
    collections: list[str] = []
    """Collections it belongs to: iepile, mmm."""
    published: dict[str, dict[str, int]] = {}
    """Sizes and numbers of types as a collection's paper prints them, after its own cleaning."""
    inventory: dict[str, list[str]] = {}
    """Closed sets of names by level (labels, entities, relations, events), where they are known without the data."""
    joint: bool = False
    """Whether both a text level and a word level are annotated."""
    notes: str = ""
    """What to know: how tokens are joined, what is odd, what was decided."""


def names() -> list[str]:
    """The names of all cards that ship."""
    folder = resources.files("pointline.corpora") / "cards"
    return sorted(entry.name[: -len(".toml")] for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load(name: str | Path) -> Card:
    """Read a card by its name, or from a TOML file.

    Raises InputFault where there is none, or where it does not say what a card says.

    >>> load("snips_slotgated").reader
    'parallel'
    """
    path = Path(name)
    if path.suffix != ".toml":
        known = names()
        if str(name) not in known:
            near = [one for one in known if str(name) in one] or difflib.get_close_matches(str(name), known, n=1)
            fix = f"did you mean {near[0]!r}?" if near else "`pointline datasets list` lists them; a file ends in .toml"
            raise InputFault(f"there is no card {str(name)!r}", fix=fix)
        path = Path(str(resources.files("pointline.corpora") / "cards" / f"{name}.toml"))
    values = read_toml(path)
    try:
        card = msgspec.convert(values, Card)
    except msgspec.ValidationError as error:
        what, _, at = str(error).partition(" - at `$")
        raise InputFault(
            what, path=path, field=at.rstrip("`").lstrip(".") or None, fix="see the docs on cards"
        ) from None
    for entry in card.files:
        if Path(entry.glob).is_absolute() or ".." in Path(entry.glob).parts:
            raise InputFault(
                f"{entry.glob!r} leaves the data set's folder", path=path, field="files.glob", fix="use a path below it"
            )
    return card


def of_source(source: str | None) -> Card | None:
    """The card that bears a sample's source as its name; None where none does.

    >>> of_source("snips_slotgated").domain, of_source("my own file")
    ('voice assistant requests', None)
    """
    return load(source) if source in names() else None


def root_of(card: Card, root: Path) -> Path:
    """The folder with a card's files: `root` itself, the folder in it that bears the card's name, or one that has them.

    Raises InputFault where several folders in `root` hold such files, Refusal for a card that names no files.
    """
    if not card.files:
        fix = f"name the files yourself: pointline convert FILE... --card {card.name}"
        raise Refusal(f"the card {card.name} does not know the names of its files; {fix}")
    inside = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    for folders in ([root / card.name], [root], inside):
        holding = [folder for folder in folders if _holds(card, folder)]
        if len(holding) > 1:
            what = f"{' and '.join(path.name for path in holding)} hold files of the names that {card.name} has"
            raise InputFault(what, path=root, fix="name the folder itself")
        if holding:
            return holding[0]
    return root / card.name if (root / card.name).is_dir() else root


def _holds(card: Card, folder: Path) -> bool:
    wanted = [entry.glob for entry in card.files if not entry.optional] or [entry.glob for entry in card.files]
    return all(any(globbing.iglob(glob, root_dir=folder, recursive=True)) for glob in wanted)


def files_of(card: Card, entry: CardFiles, root: Path, report: Report) -> list[Path]:
    """The files of one entry under `root`, sorted; a missing one is a fault unless the card lets it be absent."""
    found = [root / name for name in sorted(globbing.glob(entry.glob, root_dir=root, recursive=True))]
    if not found:
        report.at(root / entry.glob)
        if not entry.optional:
            fix = f"get it from {card.home}" if card.home else "name the data set's own folder"
            raise report.fault(f"the card {card.name} wants this and it is not here", fix=fix)
        report.notice("file_missing", entry.split or "")
    return found
