"""Raw documents in category folders: one file a text, the folder its label (the layout of livedoor's news corpus)."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from pointline.corpora.conversion import Report
from pointline.corpora.files import pieces
from pointline.errors import InputFault, SettingsFault


class DocumentSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How documents are read and which sentences may become candidates."""

    lang: str | None = None
    """The language of all texts; by default by their script, and what is neither Japanese nor Chinese by the rules."""
    encoding: str = "utf-8"
    """The files' encoding; `mixed` mends UTF-8 with stray bytes."""
    header: int = 0
    """Lines at the head of every file that are no text: livedoor has an address, a date and a title."""
    files: str = "*.txt"
    """Which files of a folder are documents."""
    skip: tuple[str, ...] = ("LICENSE.txt", "README.txt", "CHANGES.txt")
    """Which of them are none."""
    least: int = 4
    """Characters of a sentence, at least."""
    most: int = 400
    """Characters of a sentence, at most."""
    source: str = "candidates"
    """The name of the corpus; it opens the ids."""

    def __post_init__(self) -> None:
        if self.header < 0 or not 0 < self.least <= self.most:
            raise SettingsFault("header must not be negative, and 0 < least <= most")


class Document(NamedTuple):
    """A text without its header: its label and its file's name under the root."""

    label: str
    name: str
    text: str


def documents(folder: str | Path, chosen: DocumentSettings) -> Iterator[Document]:
    """Stream the documents of a folder, labels and files in order of their names.

    Raises InputFault where there is no category folder with a document, or a file cannot be read as `encoding`.
    """
    root = Path(folder)
    if not root.is_dir():
        raise InputFault("is no folder", path=root, fix="give the folder that holds the category folders")
    any_found = False
    for category in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")):
        for path in sorted(category.rglob(chosen.files)):
            if not path.is_file() or any(fnmatch.fnmatch(path.name, skip) for skip in chosen.skip):
                continue
            any_found = True
            name = path.relative_to(root).as_posix()
            if not name.isprintable():
                # A name in another encoding would stop the writing of the output much later.
                raise InputFault("its name is not UTF-8, or has control characters", path=repr(name), fix="rename it")
            text = "".join(pieces(path, Report(), chosen.encoding)).replace("\r", "\n")
            for _ in range(chosen.header):
                text = text.partition("\n")[2]
            yield Document(category.name, name, text)
    if not any_found:
        fix = "one folder a label, one file a text; --set 'files=\"*.html\"' names other files"
        raise InputFault(f"holds no document {chosen.files} in a category folder", path=root, fix=fix)
