"""Carries a verbalizer study out: every arm and seed answers test, none twice; a killed study goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from pointline import jsonl
from pointline.errors import InputFault, Refusal, SettingsFault
from pointline.sample import Sample
from pointline.studies.identity import claim
from pointline.studies.verbalizer import light
from pointline.studies.verbalizer.finding import Finder
from pointline.studies.verbalizer.listing import Sources, lists_of, named
from pointline.studies.verbalizer.record import RunRecord
from pointline.studies.verbalizer.settings import Arm, VerbalizerSettings
from pointline.studies.verbalizer.shots import few_shots, label_of, labelled
from pointline.studies.verbalizer.words import WordLists

ANSWERS, RECORD = "answers.jsonl", "run.json"
LIGHT = "light"
FREE = ("arms", "seeds", "smallest", "alpha")
"""Settings that may change from one run in a folder to the next."""


class Study(msgspec.Struct, frozen=True):
    """What is studied: files, model (`light` or a Hugging Face folder or name), settings, where word lists come from.

    tagger: `key=value` settings of the light version's tagger.
    """

    train: str
    test: str
    out: str
    model: str = LIGHT
    settings: VerbalizerSettings = VerbalizerSettings()
    sources: Sources = Sources()
    tagger: tuple[str, ...] = ()

    def folder(self, arm: Arm, seed: int) -> Path:
        """Where the answers of one arm and seed lie."""
        return Path(self.out, "runs", f"{arm}-seed{seed}")


class Data(NamedTuple):
    """The samples of a study, each with one label.

    left_out: test samples whose label is derived from their words. seen: those whose text stands in train too.
    """

    train: list[Sample]
    test: list[Sample]
    labels: list[str]
    left_out: int
    seen: int

    @classmethod
    def read(cls, study: Study) -> Data:
        """Read the files; raises InputFault for a file at fault, Refusal where nothing can be asked of the samples."""
        train = labelled(jsonl.read(study.train), study.train)
        test = labelled(jsonl.read(study.test), study.test)
        kept = [sample for sample in test if not sample.meta.get("label_derived")]
        if not kept:
            raise Refusal(f"{study.test}: every text label is derived from the words (meta.label_derived)")
        texts = {sample.text for sample in train}
        seen = sum(sample.text in texts for sample in kept)
        return cls(train, kept, sorted({label_of(sample) for sample in train}), len(test) - len(kept), seen)


def carry_out(study: Study) -> Iterator[tuple[str, int]]:
    """Answer everything that is not answered yet; yields (run, runs in all) as each is done.

    Raises Refusal where the folder holds runs of another study, SettingsFault where `origin` has no lists.
    """
    if "origin" in study.settings.arms and study.sources.lists is None:
        raise SettingsFault("the lists of `origin` are told: give --told FILE, or --ask ENDPOINT to have them made")
    data, settings = Data.read(study), study.settings
    fixed = {name: value for name, value in msgspec.to_builtins(settings).items() if name not in FREE}
    files = (study.train, study.test, study.sources.lists, study.sources.types)
    claim(study.out, files, {"model": study.model, "tagger": study.tagger, "settings": fixed})
    total = settings.seeds * len(settings.arms)
    for seed in range(settings.seeds):
        for arm in settings.arms:
            folder = study.folder(arm, seed)
            if not (folder / ANSWERS).is_file():
                said, record = (_light if study.model == LIGHT else _prompted)(study, data, (arm, seed))
                with jsonl.writing(folder / RECORD) as file:
                    file.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
                jsonl.write(folder / ANSWERS, said)
            yield f"{arm}-seed{seed}", total


def answers(study: Study, arm: Arm, seed: int) -> list[Sample]:
    """What a run answered; raises InputFault where it was not carried out."""
    return list(jsonl.read(study.folder(arm, seed) / ANSWERS))


def record(study: Study, arm: Arm, seed: int) -> RunRecord:
    """What a run noted of itself; raises InputFault where it was not carried out."""
    path = study.folder(arm, seed) / RECORD
    try:
        return msgspec.json.decode(path.read_bytes(), type=RunRecord)
    except (OSError, msgspec.DecodeError) as error:
        raise InputFault(f"is no record of a run ({error})", path=path, fix="remove the folder, run again") from None


def _light(study: Study, data: Data, run: tuple[Arm, int]) -> tuple[list[Sample], RunRecord]:
    arm, seed = run
    settings = study.settings
    shots = light.Shots.drawn(data.train, settings.shots, seed)
    folder = Path(study.out, "taggers", f"seed{seed}")
    light.taught(shots, data.test, folder, study.tagger, seed)
    count = len(shots.learn) + len(shots.held)
    if arm == "plain":
        return list(jsonl.read(folder / light.TEST)), RunRecord(arm, seed, count)
    pool = data.train if settings.source == "train" else [*shots.learn, *shots.held]
    away = {sample.id for sample in shots.held}
    blind = [sample for sample in pool if sample.id not in away]
    lists, unseen = (lists_of(arm, part, data.labels, settings, study.sources) for part in (pool, blind))
    said, weight = light.verbalized(folder, shots, data.test, lists, unseen)
    told = _of_lists(arm, seed, count, lists)
    covered = float(np.mean(Finder(lists).counts(data.test).any(axis=1)))
    return said, msgspec.structs.replace(told, weight=weight, covered=round(covered, 4))


def _prompted(study: Study, data: Data, run: tuple[Arm, int]) -> tuple[list[Sample], RunRecord]:
    from pointline.studies.verbalizer.prompting import Prompted

    arm, seed = run
    settings = study.settings
    few = few_shots(data.train, settings.shots, seed)
    pool = data.train if settings.source == "train" else few
    lists, bare = named(lists_of(arm, pool, data.labels, settings, study.sources))
    asker = Prompted.opened(study.model, lists, (data.train, seed), settings)
    if few:
        asker.fit(few, seed)
    rows = asker.predict(data.test)
    told = _of_lists(arm, seed, len(few), lists)
    found = msgspec.structs.replace(told, named=bare, pieces=asker.pieces.report(), cut=asker.cut)
    return light.answers(data.test, data.labels, rows), found


def _of_lists(arm: Arm, seed: int, shots: int, lists: WordLists) -> RunRecord:
    return RunRecord(arm, seed, shots, {label: len(held) for label, held in lists.words.items()}, len(lists.dropped))
