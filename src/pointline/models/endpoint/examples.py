"""The examples in context: drawn by a seed, or those that share most character n-grams with the text."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from pointline.errors import Refusal
from pointline.formats.ask import parse_tasks
from pointline.formats.problems import CannotHold
from pointline.formats.words import language
from pointline.models.endpoint.settings import EndpointSettings
from pointline.models.generator.questions import Question
from pointline.sample import Sample
from pointline.text.normalize import fold_name

GRAMS = (2, 3)
"""Lengths of the character n-grams, in code points: right for words and for scripts without spaces."""


class Shown(NamedTuple):
    """One example as its format writes it."""

    prompt: str
    completion: str


class Examples:
    """A pool of annotated samples to choose from; never shows a text itself, nor one text twice.

    Samples of the same language come first; a sample whose `meta.task` names another task is left out.
    """

    def __init__(self, samples: Iterable[Sample], settings: EndpointSettings) -> None:
        self._settings = settings
        ranked = ((_rank(settings.seed, sample), i, sample) for i, sample in enumerate(samples))
        self._pool = [sample for _, _, sample in heapq.nsmallest(settings.pool, ranked, key=lambda row: row[:2])]
        self._langs = [_lang(sample) for sample in self._pool]
        self._folded = [fold_name(sample.text) for sample in self._pool]
        self._near = Near(self._folded) if settings.choose == "similar" and settings.shots else None
        self._written: dict[tuple[tuple[str, ...], str, int], Shown | None] = {}

    def digest(self) -> str:
        """A hash over the pool."""
        return hashlib.sha256(msgspec.json.encode(self._pool)).hexdigest()[:12]

    def choose(self, sample: Sample, question: Question, told: bool) -> list[Shown]:
        """The `shots` examples for a question, the nearest last; `told` says that the task was named for all samples.

        Raises Refusal where the pool holds too few that the format can write.
        """
        return [shown for _, shown in self._chosen(sample, question, told)]

    def one(self, sample: Sample, question: Question, told: bool) -> Sample:
        """The sample behind a single example."""
        return self._pool[self._chosen(sample, question, told)[-1][0]]

    def _chosen(self, sample: Sample, question: Question, told: bool) -> list[tuple[int, Shown]]:
        found: list[tuple[int, Shown]] = []
        texts = {fold_name(sample.text)}
        for i in self._order(sample):
            if len(found) == self._settings.shots:
                break
            if self._folded[i] in texts:
                continue
            shown = self._shown(i, question, told)
            if shown is not None:
                texts.add(self._folded[i])
                found.append((i, shown))
        if len(found) < self._settings.shots:
            raise Refusal(
                f"{sample.id}: only {len(found)} of {self._settings.shots} examples for the task "
                f"{question.named!r} are there; give a larger file of examples, or fewer shots"
            )
        return found[::-1] if self._near else found

    def _order(self, sample: Sample) -> Iterator[int]:
        order = self._near.order(fold_name(sample.text)) if self._near else range(len(self._pool))
        lang = _lang(sample)
        yield from (int(i) for i in order if self._langs[i] == lang)
        yield from (int(i) for i in order if self._langs[i] != lang)

    def _shown(self, i: int, question: Question, told: bool) -> Shown | None:
        key = (question.tasks, question.named, i)
        if key not in self._written:
            self._written[key] = self._write(self._pool[i], question, told)
        return self._written[key]

    def _write(self, example: Sample, question: Question, told: bool) -> Shown | None:
        own = example.meta.get("task")
        try:
            if not told and isinstance(own, str) and not {*question.tasks} - {"labels"} <= {*parse_tasks(own)}:
                return None
            for pair in question.codec.encode(example):
                if pair.task == question.named:
                    return Shown(pair.prompt, pair.completion)
        except CannotHold:
            pass
        return None


class Near:
    """Texts by how many n-grams they share with another (Dice's coefficient).

    >>> [int(i) for i in Near(["play some jazz", "東京に行く", "book a table"]).order("東京へ行った")][0]
    1
    """

    def __init__(self, texts: list[str]) -> None:
        grams = [_grams(text) for text in texts]
        self._sizes = np.array([len(each) for each in grams], dtype=np.int64)
        places: dict[str, list[int]] = {}
        for i, each in enumerate(grams):
            for gram in each:
                places.setdefault(gram, []).append(i)
        self._places = {gram: np.array(held, dtype=np.int32) for gram, held in places.items()}

    def order(self, text: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The texts' indices, the nearest first, equally near ones as they stand."""
        grams = _grams(text)
        held = [self._places[gram] for gram in grams if gram in self._places]
        shared = np.bincount(np.concatenate(held), minlength=len(self._sizes)) if held else np.zeros(len(self._sizes))
        return np.argsort(-2 * shared / (self._sizes + max(len(grams), 1)), kind="stable")


def _grams(text: str) -> dict[str, None]:
    padded = f" {text} "
    return {padded[i : i + n]: None for n in GRAMS for i in range(len(padded) - n + 1)}


def _lang(sample: Sample) -> str:
    return (sample.lang or language(sample.text)).split("-")[0].lower()


def _rank(seed: int, sample: Sample) -> bytes:
    said = f"{seed}\0{sample.id}\0{sample.text}"
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest()
