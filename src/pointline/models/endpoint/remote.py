"""A model behind a server as a model: asks in a format, pays once, and checks every answer by the format's reader."""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from pointline import jsonl
from pointline import settings as filling
from pointline.errors import Refusal
from pointline.formats.answers import join
from pointline.formats.grammar import Limits
from pointline.llm import Answer, Client, Estimate, Request
from pointline.models.endpoint.card import EndpointCard
from pointline.models.endpoint.examples import Examples
from pointline.models.endpoint.prompts import Prompts
from pointline.models.endpoint.settings import EndpointSettings
from pointline.models.endpoint.unanswered import Unanswered
from pointline.models.extractor import Extractor
from pointline.models.generator.checking import checked
from pointline.models.generator.questions import Question, Questions
from pointline.sample import Sample
from pointline.schema import Schema

ANSWERS = "answers.db"
"""The file of paid answers in a model's folder."""
THOUGHTS = re.compile(r"\s*<think>.*?</think>\s*", re.DOTALL)
"""What a reasoning model says before its answer, where the server leaves it in."""
Ask = Callable[[Iterable[Request]], Iterator[Answer]]
Waiting = deque[tuple[Sample, list[Question]]]


class Remote(Extractor):
    """A model behind an OpenAI-compatible server.

    Whatever the server was told to hold to, its answers are read by the format: spans are found in the text, and what
    is wrong stands in `problems`. A row without an answer has empty levels and the problem `endpoint_` + the class of
    its fault (`pointline.llm.faults.KINDS`), one line about it in `meta.endpoint`.

    card: server, format, schema, settings. examples: the pool for examples in context.
    cache: the SQLite file of paid answers; None keeps none.

    Raises SettingsFault where the settings do not fit the format.
    """

    def __init__(
        self, card: EndpointCard, examples: Iterable[Sample] | None = None, cache: str | Path | None = None
    ) -> None:
        self.card = card
        self._examples = Examples(examples, card.settings) if examples is not None else None
        self.client = Client(card.endpoint, cache, card.settings.client, card.settings.sampling())
        self._prompts()

    @classmethod
    def load(cls, folder: str | Path, words: Iterable[str] = ()) -> Remote:
        """Open a folder that `pointline endpoint` wrote; `words` are settings (`key=value`) in place of its own.

        Raises ModelFault, and SettingsFault for a word that is no setting.
        """
        card = EndpointCard.read(folder)
        settings = filling.fill(EndpointSettings, msgspec.to_builtins(card.settings), words)
        card = msgspec.structs.replace(card, settings=settings)
        wanted = card.examples is not None and card.settings.shots > 0
        examples = jsonl.read(Path(folder) / str(card.examples)) if wanted else None
        return cls(card, examples, card.settings.cache or Path(folder) / ANSWERS)

    @property
    def fingerprint(self) -> str:
        """A hash over server, model, format, schema, examples and every setting that decides answers."""
        card = self.card
        pool = self._examples.digest() if self._examples is not None and card.settings.shots else ""
        told = (card.endpoint.url, card.endpoint.model, card.format, card.schema, card.tasks, card.lang, pool)
        return hashlib.sha256(msgspec.json.encode((told, card.settings.asked()), order="sorted")).hexdigest()[:16]

    def known(self) -> Schema:
        """The schema that is asked where nobody says otherwise."""
        return self.card.schema

    def predict(
        self, samples: Iterable[Sample], schema: Schema | None = None, batch_size: int = 64
    ) -> Iterator[Sample]:
        """Yield one prediction a sample, in order; memory is bounded by the client's `window`.

        `schema` takes the place of the card's; `batch_size` has no effect, the client chooses how many to ask at once.
        Raises EndpointFault where no row can succeed (a wrong key), BudgetSpent where the budget ends, and Refusal,
        naming the sample, where the format cannot ask it or `on_invalid` is "raise".
        """
        return self._predicted(samples, schema, self.client.ask)

    def replay(
        self, samples: Iterable[Sample], schema: Schema | None = None, recorded: str | Path | None = None
    ) -> Iterator[Sample]:
        """`predict` from answers that are paid already, without the network; `recorded` as in `Client.replay`."""
        return self._predicted(samples, schema, lambda requests: self.client.replay(requests, recorded))

    def dry_run(self, samples: Iterable[Sample], schema: Schema | None = None) -> Estimate:
        """What predicting would cost, without asking."""
        return self.client.dry_run(self._requests(samples, schema, deque(maxlen=1)))

    def _predicted(self, samples: Iterable[Sample], schema: Schema | None, ask: Ask) -> Iterator[Sample]:
        waiting: Waiting = deque()
        held: list[Answer] = []
        unanswered = Unanswered()
        for answer in ask(self._requests(samples, schema, waiting)):
            held.append(answer)
            unanswered.add(answer)
            sample, questions = waiting[0]
            if len(held) == len(questions):
                waiting.popleft()
                yield self._whole(sample, questions, held, schema)
                held = []
        unanswered.tell()

    def _requests(self, samples: Iterable[Sample], schema: Schema | None, waiting: Waiting) -> Iterator[Request]:
        """The requests of all samples; each sample is put in line before its first request goes out."""
        settings = self.card.settings
        constrained = settings.structured == "grammar"
        limits = Limits(settings.whole_words, settings.max_labels) if constrained else None
        questions = Questions(self.card.format, self.card.ask(schema), limits, constrained)
        prompts = self._prompts(schema)
        for sample in samples:
            asked = list(questions(sample))
            waiting.append((sample, asked))
            for question in asked:
                id = sample.id if len(asked) == 1 else f"{sample.id}#{question.named}"
                yield prompts.request(id, sample, question)

    def _prompts(self, schema: Schema | None = None) -> Prompts:
        chat = self.card.endpoint.kind == "chat"
        return Prompts(self.card.format, self.card.ask(schema), chat, self.card.settings, self._examples)

    def _whole(self, sample: Sample, questions: list[Question], answers: list[Answer], schema: Schema | None) -> Sample:
        """The answers to all questions about a sample as its prediction."""
        whole = join([_read(sample, *each) for each in zip(questions, answers, strict=True)])
        faults = [f"{answer.fault}: {answer.detail}" for answer in answers if answer.fault is not None]
        if faults and self.card.settings.on_invalid == "raise":
            raise Refusal(f"{sample.id}: the endpoint has no answer ({'; '.join(faults)})")
        if faults:
            whole.meta["endpoint"] = faults
        whole = msgspec.structs.replace(
            whole, text=sample.text, lang=sample.lang, source=sample.source, split=sample.split,
            meta={**sample.meta, **whole.meta},
        )  # fmt: skip
        return checked(whole, self.card.settings.on_invalid, self.card.ask(schema))


def _read(sample: Sample, question: Question, answer: Answer) -> Sample:
    """What one answer says; of a fault, the levels asked, empty."""
    read = question.codec.decode(_answer(answer.text), sample.text, sample.id)
    read.raw = answer.text
    if answer.fault is not None:
        read.raw, read.problems = None, [f"endpoint_{answer.fault}"]
    elif answer.problems:
        read.problems = list(dict.fromkeys([*(read.problems or ()), *answer.problems]))
    return read


def _answer(text: str) -> str:
    thought = THOUGHTS.match(text)
    return text[thought.end() :] if thought else text
