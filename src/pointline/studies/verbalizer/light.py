"""The light verbalizer: the embedded tagger's text level on the shots, and the list words found in the text."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from math import exp
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline.errors import MissingExtra, Refusal
from pointline.sample import Sample
from pointline.settings import fill
from pointline.studies.mre.arms import ARMS, dressed
from pointline.studies.verbalizer.finding import Finder
from pointline.studies.verbalizer.mixing import mixed, told, weight_of
from pointline.studies.verbalizer.shots import few_shots, held_back, label_of
from pointline.studies.verbalizer.words import WordLists

FEW = ("levels=text", "batch=32", "epochs=40", "patience=40", "min_steps=1")
"""Settings of the tagger for a few samples a class; epochs are chosen on the shots that are held back."""
HELD, TEST, MODEL = "held.jsonl", "test.jsonl", "model"


class Shots(msgspec.Struct, frozen=True):
    """The shots of one seed: those to learn from, those held back."""

    learn: list[Sample]
    held: list[Sample]

    @classmethod
    def drawn(cls, train: Sequence[Sample], shots: int, seed: int) -> Shots:
        """Draw them; raises Refusal where there are none."""
        if not shots:
            raise Refusal("the light version has nothing to ask without shots; say --shots 20, or give a model")
        return cls(*held_back(few_shots(train, shots, seed)))


def taught(shots: Shots, test: Sequence[Sample], folder: Path, words: Sequence[str], seed: int) -> None:
    """Train a tagger on the shots and write what it says of the held ones and of test into the folder.

    The plain few-shot classifier, and half of every light verbalizer. Raises MissingExtra without torch.
    """
    if (folder / TEST).is_file():
        return
    try:
        from pointline.models.tagger.tagger import Tagger
        from pointline.train.tagger import fit
        from pointline.train.tagger.settings import TaggerTraining
    except ModuleNotFoundError as error:
        raise MissingExtra("train", error.name or "torch") from None
    settings = fill(TaggerTraining, {}, (*FEW, *words, f"seed={seed}"))
    learn, held, asked = (dressed(part, ARMS["text"], {}) for part in (shots.learn, shots.held, test))
    fit(learn, held or None, settings, folder / MODEL, resume=True)
    tagger = Tagger.load(folder / MODEL)
    jsonl.write(folder / HELD, tagger.predict(held))
    jsonl.write(folder / TEST, tagger.predict(asked))
    shutil.rmtree(folder / MODEL, ignore_errors=True)


def verbalized(
    folder: Path, shots: Shots, test: Sequence[Sample], lists: WordLists, blind: WordLists
) -> tuple[list[Sample], float]:
    """(answers about test by tagger and word lists together, the weight of the words).

    `blind` are the lists as they are made without the held shots, on which the weight is chosen: with the lists of
    these very texts every word would seem to tell the label.
    """
    labels = list(lists.words)
    said = {name: told(list(jsonl.read(folder / name)), labels) for name in (HELD, TEST)}
    gold = [labels.index(label_of(sample)) for sample in shots.held]
    weight = weight_of(said[HELD], Finder(blind).counts(shots.held), gold)
    rows = mixed(said[TEST], Finder(lists).counts(test), weight)
    return answers(test, labels, rows.tolist()), weight


def answers(test: Sequence[Sample], labels: Sequence[str], rows: Sequence[Sequence[float]]) -> list[Sample]:
    """A prediction a sample from log probabilities (N, L); of equals the first label.

    >>> answers([Sample("1", "a")], ["x", "y"], [[-3.0, -0.05]])[0].labels
    ['y']
    """
    out = []
    for sample, row in zip(test, rows, strict=True):
        best = max(range(len(labels)), key=lambda at: row[at])
        scores = {label: round(exp(value), 4) for label, value in zip(labels, row, strict=True)}
        out.append(Sample(sample.id, sample.text, sample.lang, [labels[best]], label_scores=scores))
    return out
