"""TCREE's loop on text that the project writes itself: candidates, review, training, the next batch, round by round."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from msgspec.structs import replace

from pointline import jsonl
from pointline.annotate.autolabel import BatchSettings, label
from pointline.annotate.candidates import CandidateReport, candidates
from pointline.annotate.documents import DocumentSettings
from pointline.annotate.roles import as_entities, from_entities
from pointline.annotate.rounds import Book, decided, read_book, record
from pointline.annotate.rules import read_rules
from pointline.errors import InputFault, MissingExtra, SettingsFault
from pointline.models.extractor import Extractor, load
from pointline.recipes.tcree_text import HEADER, Truth, write_documents
from pointline.resume import exclusive
from pointline.sample import Sample
from pointline.score import score

Tell = Callable[[str, int, int], None]
RULES = Path(__file__).with_name("tcree_rules")
BATCH = 16
"""A first round has some seventy samples: larger batches would be passes over all of them."""
HELD_OUT = 5
"""One document of so many is held out for test, by a hash of its name."""


class TcreeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How large the story is."""

    seed: int = 0
    """Fixes text, weights and the random first batch."""
    per_task: int = 300
    """Texts of each kind and language in the documents."""
    first: int = 150
    """Candidates that are reviewed before there is a model."""
    size: int = 150
    """Samples that each later round's queue holds."""
    rounds: int = 2
    """Rounds with a model, after the first."""
    order: str = "uncertain"
    """Which samples a model's round looks at: uncertain, random or file."""
    steps: int = 250
    """Training steps of each round's model."""

    def __post_init__(self) -> None:
        if min(self.per_task, self.first, self.size, self.rounds, self.steps) < 1 or self.per_task < 10:
            raise SettingsFault("first, size, rounds and steps must be at least 1, per_task at least 10")


class Tcree(msgspec.Struct):
    """What the story came to. `scores`: after each training, figures on the held-out gold, per cent, by level."""

    settings: TcreeSettings
    candidates: CandidateReport
    pool: int
    test: int
    book: Book
    trained_on: list[int]
    scores: list[dict[str, float]]
    sure: int
    sure_right: float | None


def tcree(out: str | Path, settings: TcreeSettings = TcreeSettings(), tell: Tell | None = None) -> Tcree:  # noqa: B008
    """Tell the whole story in the folder `out`; returns what was found, also in `out/result.json`.

    Leaves `documents/`, `candidates/`, a folder a round (`round-1/`: what was queued, reviewed, learned from, and the
    model), `test.jsonl` (held-out documents, reviewed) and `rounds.json`. A person's review is simulated by the truth
    that the documents were written from. Sentences are made from templates: the figures say that every step works,
    and nothing about real text. Raises MissingExtra without the extra `train`.
    """
    folder, say = Path(out), tell or (lambda stage, step, steps: None)
    if importlib.util.find_spec("torch") is None:
        raise MissingExtra("train", "torch")
    with exclusive(folder):
        say("documents and candidates", 0, 1)
        truth = write_documents(folder / "documents", settings.seed, settings.per_task)
        rules = read_rules(*sorted(RULES.glob("*.toml")))
        found = candidates(folder / "documents", rules, folder / "candidates", DocumentSettings(header=HEADER))
        test, pool = _parted(folder, truth)
        (folder / "rounds.json").unlink(missing_ok=True)
        story = _Story(folder, settings, truth, say)
        story.first()
        for number in range(2, settings.rounds + 2):
            story.next(number)
        sure, right = story.judge_sure()
        result = Tcree(
            settings=settings,
            candidates=found,
            pool=pool,
            test=test,
            book=read_book(folder / "rounds.json"),
            trained_on=story.trained_on,
            scores=story.scores,
            sure=sure,
            sure_right=right,
        )
        with jsonl.writing(folder / "result.json") as file:
            file.write(msgspec.json.format(msgspec.json.encode(result), indent=2) + b"\n")
    say("done", 1, 1)
    return result


def _parted(folder: Path, truth: Truth) -> tuple[int, int]:
    """Write `test.jsonl` (candidates of held-out documents, reviewed) and `pool.jsonl` (those of the others)."""

    def held(sample: Sample) -> bool:
        name = str(sample.meta["annotate"]["document"])
        return hashlib.sha256(name.encode()).digest()[0] % HELD_OUT == 0

    made = list(jsonl.read(folder / "candidates" / "candidates.jsonl"))
    reviewed = [truth.review(sample) for sample in made if held(sample)]
    test = [sample for sample in reviewed if sample.meta["review"]["status"] != "rejected"]
    shown = {sample.text for sample in test}
    pool = [sample for sample in made if not held(sample) and sample.text not in shown]
    if not test or not pool:
        raise InputFault("no candidate is left for test or pool", path=folder, fix="raise per_task")
    jsonl.write(folder / "test.jsonl", test)
    return len(test), jsonl.write(folder / "pool.jsonl", pool)


class _Story:
    """The rounds: what was reviewed so far, and how good each round's model is."""

    def __init__(self, folder: Path, settings: TcreeSettings, truth: Truth, say: Tell) -> None:
        self.folder, self.settings, self.truth, self.say = folder, settings, truth, say
        self.trained_on: list[int] = []
        self.scores: list[dict[str, float]] = []
        self.done: list[Path] = []

    def first(self) -> None:
        """The rules' own candidates, drawn at random, are reviewed; the first model learns from them."""
        pool = list(jsonl.read(self.folder / "pool.jsonl"))
        pool.sort(key=lambda sample: hashlib.sha256(f"{self.settings.seed}\0{sample.id}".encode()).digest())
        jsonl.write(self._at(1) / "queue.jsonl", pool[: self.settings.first])
        self._review(1)
        record(self.folder / "rounds.json", self._at(1) / "queue.jsonl", self.done[-1])
        self._train(1)

    def next(self, number: int) -> None:
        """The last model labels the rest of the pool; its queue is reviewed; a model learns from all of it."""
        model = self._model(number - 1)
        chosen = msgspec.convert(
            {"size": self.settings.size, "order": self.settings.order, "seed": self.settings.seed}, BatchSettings
        )
        self.say(f"round {number}: label", 0, 1)
        done = tuple(str(path) for path in self.done)
        label(model, self.folder / "pool.jsonl", self._at(number), chosen, done=done)
        self._review(number)
        test = (self.folder / "test.jsonl", self._at(number - 1) / "test_answers.jsonl")
        record(self.folder / "rounds.json", self._at(number) / "queue.jsonl", self.done[-1], test)
        self._train(number)

    def judge_sure(self) -> tuple[int, float | None]:
        """How many samples the last queue left aside as sure, and per cent of them that are right as they stand.

        A person would have rejected some of these sentences; they count as wrong.
        """
        drafts = list(jsonl.read(self._at(self.settings.rounds + 1) / "sure.jsonl"))
        right = 0
        for draft in drafts:
            true = self.truth.review(draft)
            if true.meta["review"]["status"] != "rejected":
                found = score([true], [draft]).figures.get("ALL")
                right += found is not None and found.value == 100.0
        return len(drafts), round(100 * right / len(drafts), 1) if drafts else None

    def _at(self, number: int) -> Path:
        return self.folder / f"round-{number}"

    def _review(self, number: int) -> None:
        path = self._at(number) / "reviewed.jsonl"
        jsonl.write(path, map(self.truth.review, jsonl.read(self._at(number) / "queue.jsonl")))
        self.done.append(path)

    def _train(self, number: int) -> None:
        from pointline.train.record import Progress
        from pointline.train.tagger import fit
        from pointline.train.tagger.settings import TaggerTraining

        train = as_entities(sample for path in self.done for sample in decided(path))
        jsonl.write(self._at(number) / "train.jsonl", train)
        steps = self.settings.steps
        chosen = TaggerTraining(
            seed=self.settings.seed, preset="words", batch=BATCH, epochs=steps, max_steps=steps, patience=steps
        )

        def progress(told: Progress) -> None:
            self.say(f"round {number}: train", told.step, told.steps)

        fit(train, None, chosen, self._at(number) / "model", progress=progress)
        self.trained_on.append(len(train))
        answers = list(self._answers(self._model(number)))
        jsonl.write(self._at(number) / "test_answers.jsonl", answers)
        figures = score(jsonl.read(self.folder / "test.jsonl"), answers).figures
        self.scores.append({level: round(figure.value, 2) for level, figure in figures.items()})

    def _model(self, number: int) -> Extractor:
        return load(self._at(number) / "model")

    def _answers(self, model: Extractor) -> Iterator[Sample]:
        gold = list(jsonl.read(self.folder / "test.jsonl"))
        for sample, answer in zip(gold, model.predict(replace(one, meta={}) for one in gold), strict=True):
            yield from_entities(answer, sample.meta["task"])
