"""A file looked over before anything is asked: its names, its languages, how many samples it has."""

from __future__ import annotations

from pathlib import Path

from pointline import jsonl
from pointline.errors import InputFault, Refusal
from pointline.translate.labels import Inventory
from pointline.translate.languages import Pair, pair, primary
from pointline.translate.settings import TranslateSettings


def looked_over(path: str | Path) -> tuple[Inventory, dict[str | None, str], int]:
    """One reading of the file: its names, its languages with a sample of each, how many samples there are."""
    if str(path) == "-":
        raise InputFault("is read more than once", path=path, fix="write the samples to a file")
    inventory, count = Inventory(), 0
    langs: dict[str | None, str] = {}
    for count, sample in enumerate(jsonl.read(path), 1):  # noqa: B007
        inventory.add(sample)
        langs.setdefault(sample.lang, sample.id)
    if not count:
        raise InputFault("holds no sample", path=path, fix="give a file with at least one JSON line")
    return inventory, langs, count


def pair_for(
    path: str | Path, source: str | None, target: str, langs: dict[str | None, str], settings: TranslateSettings
) -> Pair:
    """The pair of languages; raises Refusal where the source is unknown, mixed, or the target itself."""
    if source is None:
        if len(langs) > 1:
            told = ", ".join(f"{lang or 'none'} ({id})" for lang, id in langs.items())
            raise Refusal(f"{path}: samples of several languages: {told}; split the file, or say --from")
        source = next(iter(langs))
    if source is None:
        raise Refusal(f"{path}: the samples name no language; say --from")
    if source == target:
        raise Refusal(f"{path}: the samples are in {target} already; name another --to")
    if not primary(source).isalpha() or not primary(target).isalpha():
        raise Refusal(f"{source!r} to {target!r}: write language codes, such as ja or zh-Hant")
    return pair(source, target, settings.glossary, settings.constraints)
