"""Carries the trainings of a study out: each in a folder of its own, none twice, several at once."""

from __future__ import annotations

import functools
import gc
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.errors import InputFault, Refusal
from pointline.sample import Sample
from pointline.shards.engines import in_processes
from pointline.studies.identity import claim
from pointline.studies.mre.arms import ARMS, dressed, undressed
from pointline.studies.mre.informants import informants
from pointline.studies.mre.learners import Learner
from pointline.studies.mre.plan import Run, part_of, plan
from pointline.studies.mre.settings import MreSettings
from pointline.train.split import split_dev

ANSWERS, DEV, MODEL = "answers.jsonl", "dev.jsonl", "model"


class Study(msgspec.Struct, frozen=True):
    """What is studied, as plain data: files, learner, settings."""

    train: str
    dev: str | None
    test: str
    out: str
    learner: Learner
    settings: MreSettings

    def folder(self, run: Run) -> Path:
        """Where a run's answers lie."""
        return Path(self.out, "runs", run.name)


class Data(msgspec.Struct):
    """The samples of a study."""

    train: list[Sample]
    dev: list[Sample]
    test: list[Sample]
    left_out: int = 0
    """Test samples whose label is derived from their words."""
    seen: int = 0
    """Test samples whose text stands in train too."""

    @classmethod
    def read(cls, study: Study) -> Data:
        """The files; test samples whose label is derived from their words are left out.

        Raises InputFault for a file at fault, Refusal where a level or every test sample is missing.
        """
        train, test = list(jsonl.read(study.train)), list(jsonl.read(study.test))
        train, dev = split_dev(train) if study.dev is None else (train, list(jsonl.read(study.dev)))
        kept = [sample for sample in test if not sample.meta.get("label_derived")]
        for samples, path in ((train, study.train), (dev, study.dev or study.train), (test, study.test)):
            if not any(sample.labels is not None for sample in samples):
                raise InputFault("no sample has a text label", path=path, fix="give samples with both levels")
            if all(s.entities is None and s.relations is None and s.events is None for s in samples):
                raise InputFault("no sample has a word level", path=path, fix="give samples with both levels")
        if not kept:
            what = f"{study.test}: every text label is derived from the words (meta.label_derived)"
            raise Refusal(f"{what}: one level cannot help the other where it is the other")
        texts = {sample.text for sample in train}
        return cls(train, dev, kept, len(test) - len(kept), sum(sample.text in texts for sample in kept))


def carry_out(study: Study) -> Iterator[tuple[Run, int]]:
    """Train and answer everything that is not there yet; yields (run, runs in all) as each is done.

    Raises Refusal where the folder holds runs of another study.
    """
    Data.read(study)
    told = {"learner": msgspec.to_builtins(study.learner), "folds": study.settings.folds}
    claim(study.out, (study.train, study.dev, study.test), told)
    waves = plan(study.settings)
    total = sum(map(len, waves))
    for wave in waves:
        due = []
        for run in wave:
            if (study.folder(run) / ANSWERS).is_file():
                yield run, total
            else:
                due.append(run)
        for run in _trained(study, due):
            yield run, total


def _trained(study: Study, due: Sequence[Run]) -> Iterator[Run]:
    workers, work = min(study.settings.workers, len(due)), functools.partial(train_one, study)
    yield from in_processes(work, due, workers) if workers > 1 else map(work, due)


def train_one(study: Study, run: Run) -> Run:
    """Train one model and write what it answers; the model itself is not kept."""
    data, settings, folder = Data.read(study), study.settings, study.folder(run)
    arm = ARMS[run.arm]
    part, held = part_of(data.train, run, settings.folds)
    seen = {}
    for name, samples in (("train", part), ("dev", data.dev), ("test", held or data.test)):
        known = {} if arm.given is None else informants(samples, arm.given, run.seed, _predicted(study, run, name))
        seen[name] = dressed(samples, arm, known)
    model = study.learner(seen["train"], seen["dev"], (arm.levels, run.seed), folder / MODEL)
    if not held:
        jsonl.write(folder / DEV, undressed(model.predict(seen["dev"]), data.dev))
    jsonl.write(folder / ANSWERS, undressed(model.predict(seen["test"]), held or data.test))
    shutil.rmtree(folder / MODEL, ignore_errors=True)
    del model
    gc.collect()  # worker processes do not collect by themselves
    return run


def answers(study: Study, run: Run) -> list[Sample]:
    """What a run answered."""
    return list(jsonl.read(study.folder(run) / ANSWERS))


def _predicted(study: Study, run: Run, split: str) -> Mapping[str, Sample]:
    """The other level as models of it predict it: of train each sample by a model that did not see it."""
    told_by = [told for told in run.told_by(study.settings.folds) if (told.fold is not None) == (split == "train")]
    name = DEV if split == "dev" else ANSWERS
    return {sample.id: sample for told in told_by for sample in jsonl.read(study.folder(told) / name)}
