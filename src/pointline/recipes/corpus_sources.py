"""The first stage of a corpus recipe: each data set's own files to `samples/NAME/SPLIT.jsonl`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeAlias

import msgspec

from pointline import jsonl
from pointline.corpora.conversion import Report
from pointline.corpora.convert import Request, convert
from pointline.errors import InputFault
from pointline.recipes.corpus_settings import SPLITS, Opened, Source
from pointline.recipes.corpus_stages import Stages

Tell: TypeAlias = Callable[[str, int, int], None]
"""Told what is being done, how many steps of it are done, and of how many."""


def converted(opened: Opened, folder: Path, stages: Stages, say: Tell) -> dict[str, dict[str, Path]]:
    """`samples/NAME/SPLIT.jsonl` of every data set; files of samples are taken where they are."""
    made: dict[str, dict[str, Path]] = {}
    for number, source in enumerate(opened.recipe.corpus):
        say(f"convert: {source.title}", number, len(opened.recipe.corpus))
        if source.samples is not None:
            made[source.title] = {split: opened.folder / path for split, path in source.samples.items()}
            continue
        card, root = opened.cards[source.title], opened.data / (source.folder or opened.cards[source.title].name)
        if not root.is_dir():
            raise InputFault("no such folder", path=root, field=f"corpus {source.title}", fix=_where(source))
        told = {"card": card, "source": source, "files": _stamps(root)}
        into = folder / "samples" / source.title
        files = stages.stage(f"convert {source.title}", told, partial(_convert, opened, source, root, into))
        made[source.title] = {Path(path).stem: folder / path for path in files if path.endswith(".jsonl")}
    return made


def _where(source: Source) -> str:
    return f"name the data with --data, or say folder = ... (`pointline datasets fetch-help {source.card}`)"


def _stamps(root: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of all files below a folder: what tells that a source has changed."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return [(str(path.relative_to(root)), path.stat().st_size, path.stat().st_mtime_ns) for path in files]


def _convert(opened: Opened, source: Source, root: Path, into: Path) -> Iterable[Path]:
    request = Request(card=opened.cards[source.title], options=tuple(source.options))
    report = Report()
    encode, files = msgspec.json.Encoder().encode, dict[str, IO[bytes]]()
    with contextlib.ExitStack() as stack:
        for sample in convert([root], request, report):
            split = source.splits.get(sample.split or "", sample.split or "train")
            if split not in SPLITS:
                fix = f'say which of ours it is: splits = {{ "{split}" = "train" }}'
                raise InputFault(f"the card has a split {split!r}", field=f"corpus {source.title}", fix=fix)
            if split not in files:
                files[split] = stack.enter_context(jsonl.writing(into / f"{split}.jsonl"))
            sample.split = split
            files[split].write(encode(sample) + b"\n")
    told = {name: count for name, count in report.as_dict().items() if name != "places"}
    write_json(into / "report.json", told)
    return [into / "report.json", *(into / f"{split}.jsonl" for split in files)]


def write_json(path: Path, said: Any) -> None:
    """Write an indented JSON document beside its name and move it."""
    with jsonl.writing(path) as file:
        file.write(msgspec.json.format(msgspec.json.encode(said), indent=1) + b"\n")
