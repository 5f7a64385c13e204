"""The generator as a model: prompts by a format, answers held to its grammar, read back as samples."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from pointline import settings as filling
from pointline.errors import Refusal
from pointline.formats.answers import join
from pointline.formats.grammar import Limits
from pointline.formats.problems import TRUNCATED
from pointline.models.constrain.grounder import Grounder
from pointline.models.constrain.replay import replay
from pointline.models.constrain.row import Row
from pointline.models.extractor import Extractor
from pointline.models.generator.card import CARD, GeneratorCard
from pointline.models.generator.checking import INPUT_TRUNCATED, checked, once
from pointline.models.generator.confidence import score
from pointline.models.generator.opening import Opened, fingerprint, open_model
from pointline.models.generator.questions import Question, Questions
from pointline.models.generator.searching import Found, Search
from pointline.models.generator.settings import GeneratorSettings
from pointline.models.generator.windowing import cut, head, joined
from pointline.models.windows import Window
from pointline.sample import Sample
from pointline.schema import Schema

_BATCHES_AHEAD = 8
_ROOM = 64


class _Turn(NamedTuple):
    """A job's place in a batch: its grammar, and the most tokens of its answer."""

    job: int
    row: Row | None
    budget: int


class _Job(NamedTuple):
    """One prompt of one window of one sample of the buffer."""

    sample: int
    window: Window
    question: Question
    text: str
    ids: list[int]


class Generator(Extractor):
    """A Hugging Face model that answers in a format's strings; answers are grounded in the text unless told otherwise.

    A grounded answer always reads: its labels and types are the schema's, its spans stand in the text.
    """

    def __init__(self, opened: Opened, card: GeneratorCard, settings: GeneratorSettings, mark: str = "") -> None:
        self.card, self.settings = card, settings
        self.limit = card.max_length or opened.limit
        self._opened, self._mark = opened, mark
        self._search = Search(opened, settings)
        self._grounder = self._grounding(opened)

    @classmethod
    def load(cls, folder: str | Path, settings: GeneratorSettings | None = None) -> Generator:
        """Open a folder with a `model.json`; raises ModelFault."""
        card = GeneratorCard.read(folder)
        chosen = settings or filling.fill(GeneratorSettings, card.settings, path=Path(folder) / CARD)
        return cls(open_model(folder, chosen), card, chosen, fingerprint(folder))

    @classmethod
    def open(cls, name: str | Path, format: str, schema: Schema, settings: GeneratorSettings | None = None,
             tasks: tuple[str, ...] | None = None, lang: str | None = None) -> Generator:  # fmt: skip
        """Open a plain Hugging Face folder or hub name, told the format and the schema.

        Raises ModelFault, and Refusal for a chat model whose prompts nobody said how to give.
        """
        chosen = settings or GeneratorSettings()
        opened = open_model(name, chosen)
        if chosen.chat == "refuse" and getattr(opened.tokenizer, "chat_template", None):
            raise Refusal(
                f"{name} is a chat model that was not trained on the format {format!r}: train it, or say "
                "chat=template (its own prompt) or chat=raw"
            )
        card = GeneratorCard(format=format, schema=schema, architecture=opened.architecture, tasks=tasks, lang=lang)
        return cls(opened, card, chosen, fingerprint(name))

    def _grounding(self, opened: Opened) -> Grounder | None:
        """What holds answers to grammars; free ones are only scored by it, where it knows the tokenizer."""
        try:
            return Grounder(opened.tokenizer, opened.model.get_output_embeddings().weight.shape[0])
        except Refusal:
            if self.settings.grounded:
                raise
            return None

    @property
    def fingerprint(self) -> str:
        """A hash over the model's files, the card and the settings."""
        return f"{self._mark}-{hash_of((self.card, self.settings))}"

    def known(self) -> Schema:
        """The schema that the model was trained on."""
        return self.card.schema

    def predict(
        self, samples: Iterable[Sample], schema: Schema | None = None, batch_size: int = 32
    ) -> Iterator[Sample]:
        """Yield one prediction a sample, in order; reads a few batches ahead to group prompts by length.

        `schema` takes the place of the model's own. Raises Refusal, naming the sample, where the format cannot ask
        it, a text does not fit (`on_long=error`) or an answer does not read (`on_invalid=raise`).
        """
        settings = self.settings
        limits = Limits(settings.whole_words, settings.max_labels)
        ask = Questions(self.card.format, self.card.ask(schema), limits, settings.grounded)
        return self._predicted(iter(samples), ask, batch_size)

    def _predicted(self, samples: Iterator[Sample], ask: Questions, batch_size: int) -> Iterator[Sample]:
        while buffer := list(itertools.islice(samples, batch_size * _BATCHES_AHEAD)):
            jobs = [job for i, sample in enumerate(buffer) for job in self._jobs(i, sample, ask)]
            answers = self._answers(jobs, buffer, batch_size)
            for i, sample in enumerate(buffer):
                own = [(job, answer) for job, answer in zip(jobs, answers, strict=True) if job.sample == i]
                yield self._whole(sample, own)

    def _jobs(self, i: int, sample: Sample, ask: Questions) -> Iterator[_Job]:
        whole = Window(0, len(sample.text), 0, len(sample.text))
        jobs = [_Job(i, whole, q, sample.text, self._ids(q.prompt)) for q in ask(sample)]
        if all(self._fits(job.ids) for job in jobs):
            yield from jobs
            return
        if self.settings.on_long == "error":
            raise Refusal(
                f"{sample.id}: the prompt takes {max(len(job.ids) for job in jobs)} tokens, the model has room for "
                f"{self._room()}; say on_long=window, or split the text"
            )

        def fits(part: str) -> bool:
            return all(self._fits(self._ids(q.prompt)) for q in ask(msgspec.structs.replace(sample, text=part)))

        try:
            parts = self._parts(sample.text, fits)
        except Refusal as refusal:
            raise Refusal(f"{sample.id}: {refusal}") from None
        for window in parts:
            part = msgspec.structs.replace(sample, text=sample.text[window.start : window.end])
            for question in ask(part):
                yield _Job(i, window, question, part.text, self._ids(question.prompt))

    def _parts(self, text: str, fits: Any) -> list[Window]:
        if self.settings.on_long == "truncate":
            end = len(head(text, fits))
            return [Window(0, end, 0, end)]
        return cut(text, fits, self.settings.overlap)

    def _ids(self, prompt: str) -> list[int]:
        tokenizer = self._opened.tokenizer
        if self.settings.chat == "template" and getattr(tokenizer, "chat_template", None):
            said = [{"role": "user", "content": prompt}]
            prompt = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
            ids: list[int] = tokenizer(prompt, add_special_tokens=False)["input_ids"]
            return ids
        ids = list(tokenizer(prompt)["input_ids"])
        if self._opened.architecture == "causal" and ids and ids[-1] == tokenizer.eos_token_id:
            ids.pop()
        return ids or [tokenizer.eos_token_id]

    def _room(self) -> int | None:
        """How many tokens a prompt may have; None without a bound."""
        if self.limit is None or self._opened.architecture == "seq2seq":
            return self.limit
        return max(self.limit - (self.settings.max_new_tokens or max(_ROOM, self.limit // 4)), 0)

    def _fits(self, ids: Sequence[int]) -> bool:
        room = self._room()
        return room is None or len(ids) <= room

    def _budget(self, size: int, row: Row | None) -> int:
        """Tokens for the answer to a prompt of so many; of itself alone, whatever it is asked together with."""
        need = row.start.need if row is not None else 0
        budget = self.settings.max_new_tokens or need + _ROOM + 2 * size
        if self.limit is None:
            return budget
        return min(budget, self.limit - (size if self._opened.architecture == "causal" else 0))

    def _batches(self, order: list[int], jobs: list[_Job], size: int) -> Iterator[list[_Turn]]:
        """Prompts to be asked together: the longest of them and the largest budget have room in the model."""
        bounded = self.limit is not None and self._opened.architecture == "causal"
        batch: list[_Turn] = []
        for j in order:
            length, row = len(jobs[j].ids), self._row(jobs[j].question)
            turn = _Turn(j, row, self._budget(length, row if self.settings.grounded else None))
            room = not bounded or length + max(one.budget for one in (*batch, turn)) <= (self.limit or 0)
            if batch and (len(batch) == size or not room):
                yield batch
                batch = []
            batch.append(turn)
        if batch:
            yield batch

    def _answers(self, jobs: list[_Job], buffer: list[Sample], batch_size: int) -> list[Sample]:
        """The answers in the order of the jobs; prompts of like length are asked together."""
        order = sorted(range(len(jobs)), key=lambda j: len(jobs[j].ids))
        answers: dict[int, Sample] = {}
        for turns in self._batches(order, jobs, batch_size):
            held = [turn.row if self.settings.grounded else None for turn in turns]
            found = self._search([jobs[turn.job].ids for turn in turns], held, [turn.budget for turn in turns])
            for (j, row, _), output in zip(turns, found, strict=True):
                answers[j] = self._answer(jobs[j], row, output, buffer[jobs[j].sample].id)
        return [answers[j] for j in range(len(jobs))]

    def _row(self, question: Question) -> Row | None:
        if self._grounder is None or question.grammar is None:
            return None
        try:
            return self._grounder.row(question.grammar)
        except Refusal:
            if self.settings.grounded:
                raise
            return None

    def _answer(self, job: _Job, row: Row | None, output: Found, id: str) -> Sample:
        question = job.question
        said = None
        if row is not None and question.grammar is not None:
            said = replay(row, question.grammar.source, output.ids)
        raw = said[0] if said else self._opened.tokenizer.decode(output.ids, skip_special_tokens=True)
        answer = question.codec.decode(raw, job.text, id)
        if output.cut:
            answer.problems = list(dict.fromkeys([*(answer.problems or ()), TRUNCATED]))
        if said:
            score(answer, said[1], output.logps)
        return answer

    def _whole(self, sample: Sample, own: list[tuple[_Job, Sample]]) -> Sample:
        """The answers to all prompts of all windows of a sample as its prediction."""
        by_window: dict[Window, list[Sample]] = {}
        for job, answer in own:
            by_window.setdefault(job.window, []).append(answer)
        found = [(window, join(parts)) for window, parts in by_window.items()]
        window, answer = found[0]
        if len(found) > 1:
            answer = joined(sample, found)
        elif window.end < len(sample.text):
            answer.problems = [*(answer.problems or ()), INPUT_TRUNCATED]
            answer.meta["windows"] = [[0, window.end]]
        if answer.labels:
            answer.labels = list(dict.fromkeys(answer.labels))
        answer = msgspec.structs.replace(
            answer, text=sample.text, lang=sample.lang, source=sample.source, split=sample.split,
            meta={**sample.meta, **answer.meta},
        )  # fmt: skip
        return once(answer) if self.settings.grounded else checked(answer, self.settings.on_invalid, self.card.ask())


def hash_of(value: Any) -> str:
    """Twelve hex digits over what decides how answers are made."""
    return hashlib.sha256(msgspec.json.encode(value)).hexdigest()[:12]
