"""A question as a request: messages or one string, examples in context, and the constraint that goes along."""

from __future__ import annotations

from typing import Any

import msgspec

from pointline.errors import SettingsFault
from pointline.formats.ask import Ask, lang_of
from pointline.formats.table import codec
from pointline.llm import Request
from pointline.models.endpoint.examples import Examples, Shown
from pointline.models.endpoint.gbnf import gbnf
from pointline.models.endpoint.instructions import instruction
from pointline.models.endpoint.json_schema import response_format
from pointline.models.endpoint.settings import EndpointSettings
from pointline.models.generator.questions import Question
from pointline.sample import Sample

LEAST_TOKENS = 256


class Prompts:
    """Writes the requests of one format and ask; `chat` says which kind of endpoint takes them.

    Raises SettingsFault where the settings do not fit the format or the kind.
    """

    def __init__(
        self, format: str, ask: Ask, chat: bool, settings: EndpointSettings, examples: Examples | None
    ) -> None:
        self._format, self._ask, self._chat, self._settings = format, ask, chat, settings
        self._examples = examples if settings.shots else None
        self._instructions: dict[tuple[tuple[str, ...], str, str], str] = {}
        if settings.shots and examples is None:
            raise SettingsFault(f"{settings.shots} shots need a file of examples")
        if settings.structured == "json_schema" and format != "iepile":
            raise SettingsFault(f"structured=json_schema is for the format iepile; {format} can send its grammar")
        if settings.prompt == "format" and settings.shots > (format == "usa"):
            raise SettingsFault(
                f"prompt=format is the bare string of the format, and {format} has "
                f"{'one example' if format == 'usa' else 'no example'} in it; for more say prompt=instruct"
            )

    def request(self, id: str, sample: Sample, question: Question) -> Request:
        """The request for one question about a sample; raises Refusal where there are too few examples."""
        prompt, stop = self._prompt(sample, question)
        sampling = self._settings.sampling(None if self._chat else LEAST_TOKENS + 2 * len(sample.text))
        constraint = self._constraint(question)
        extra = {**sampling.extra, **constraint} if self._settings.structured == "grammar" else sampling.extra
        form = constraint if self._settings.structured == "json_schema" else None
        return Request(
            id, prompt, sampling=msgspec.structs.replace(sampling, stop=stop, response_format=form, extra=extra)
        )

    def _prompt(self, sample: Sample, question: Question) -> tuple[str | list[dict[str, Any]], tuple[str, ...] | None]:
        told = bool(self._ask.tasks)
        if self._settings.prompt == "format":
            if self._examples is None:
                return question.prompt, None
            example = self._examples.one(sample, question, told)
            bound = codec(self._format, msgspec.structs.replace(self._ask, tasks=question.tasks, example=example))
            return bound.prompts(sample)[0].prompt, None
        said = self._instruction(sample, question)
        shown = self._examples.choose(sample, question, told) if self._examples else []
        if self._chat:
            return self._messages(said, shown, question.prompt), None
        parts = [said, *(f"{each.prompt}\n{each.completion}" for each in shown), f"{question.prompt}\n"]
        return "\n\n".join(parts), ("\n\n",) if "\n" in sample.text else ("\n",)

    def _messages(self, said: str, shown: list[Shown], asked: str) -> list[dict[str, Any]]:
        turns = [part for each in shown for part in (("user", each.prompt), ("assistant", each.completion))]
        turns.append(("user", asked))
        if self._settings.system:
            turns.insert(0, ("system", said))
        else:
            turns[0] = ("user", f"{said}\n\n{turns[0][1]}")
        return [{"role": role, "content": content} for role, content in turns]

    def _instruction(self, sample: Sample, question: Question) -> str:
        lang = lang_of(sample, self._ask)
        key = (question.tasks, question.named, lang)
        if key not in self._instructions:
            self._instructions[key] = instruction(self._format, self._ask, question, lang)
        return self._instructions[key]

    def _constraint(self, question: Question) -> dict[str, Any]:
        if self._settings.structured == "json_schema":
            return response_format(question.named, question.prompt)
        if question.grammar is None:
            return {}
        said = gbnf(question.grammar)
        if self._settings.server == "vllm":
            return {"structured_outputs": {"grammar": said}}
        return {"ebnf" if self._settings.server == "sglang" else "grammar": said}
