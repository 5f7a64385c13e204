"""Data and configuration for other trainers, as the verb export writes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from pointline import settings
from pointline.cli import console
from pointline.errors import Refusal
from pointline.formats.ask import parse_tasks
from pointline.sample import Pair
from pointline.schema import read_schema

TRAINERS = ("llama-factory", "axolotl", "trl")
_RUN = {
    "llama-factory": "llamafactory-cli train {out}/train.yaml",
    "axolotl": "axolotl train {out}/train.yaml",
    "trl": "trl sft --config {out}/train.yaml",
}


class Recipe(NamedTuple):
    """What the options say: `words` are settings of the training."""

    model: str | None
    task: str | None
    schema: str | None
    end: str | None
    words: list[str]
    strict: bool
    as_json: bool


class _Counted:
    """Pairs, counted; with `strict` a sample that the format refuses is a fault, found before anything is moved."""

    def __init__(self, pairs: Iterator[Pair], refused: Counter[str], strict: bool) -> None:
        self._pairs, self._refused, self._strict = pairs, refused, strict
        self.pairs = 0

    def __iter__(self) -> Iterator[Pair]:
        for pair in self._pairs:
            self.pairs += 1
            yield pair
        if self._strict and self._refused:
            reasons = ", ".join(f"{count} {reason}" for reason, count in self._refused.items())
            raise Refusal(f"the format cannot hold every sample ({reasons}); leave --strict away to count them")


def for_trainer(data: str, to: str, out: Path, recipe: Recipe) -> None:
    """Write samples, or pairs, for a trainer and say how to run it."""
    from pointline.train.generator.data import pairs_of
    from pointline.train.generator.settings import GeneratorTraining
    from pointline.train.generator.tools import train_files

    if recipe.model is None:
        raise Refusal(f"--to {to} writes a recipe: say by --model which model is to be trained")
    chosen = settings.load(GeneratorTraining, None, recipe.words)
    chosen = msgspec.structs.replace(chosen, model=recipe.model, tasks=parse_tasks(recipe.task or "") or chosen.tasks)
    refused: Counter[str] = Counter()
    pairs = pairs_of(data, chosen, read_schema(recipe.schema) if recipe.schema else None, refused)
    counted = _Counted(pairs, refused, recipe.strict)
    files = train_files(counted, to, out, chosen, recipe.end)
    run = _RUN[to].format(out=out)
    if recipe.as_json:
        document = {"out": str(out), "written": counted.pairs, "files": files, "refused": dict(refused)}
        console.document({**document, "run": run})
        return
    for reason, count in refused.items():
        console.note(f"{count:>7,}  samples that {chosen.format} cannot hold ({reason})")
    console.note(f"{counted.pairs:,} pairs in {out}: {', '.join(files)}")
    console.note(f"train with: {run}")
