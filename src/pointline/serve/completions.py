"""The route for clients of the OpenAI protocol: a format's prompt in, the model's answer in that format out."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pointline.errors import Refusal
from pointline.formats.problems import TRUNCATED
from pointline.sample import Sample
from pointline.schema import Schema
from pointline.serve.batching import Answer, Batcher
from pointline.serve.extracting import JSON, gathered
from pointline.serve.metrics import Metrics
from pointline.serve.prompts import NAMES, Prompts
from pointline.serve.questions import check_text
from pointline.serve.settings import ServeSettings
from pointline.web.bodies import body_of, decode, kind_of
from pointline.web.faults import Fault


class Piece(msgspec.Struct):
    """A part of a message's content."""

    type: str
    text: str = ""


class Turn(msgspec.Struct):
    """A message of a chat."""

    role: str
    content: str | list[Piece] | None = None

    def text(self) -> str:
        """The content as one string; raises Fault where a part of it is no text."""
        if isinstance(self.content, str):
            return self.content
        for piece in self.content or ():
            if piece.type != "text":
                raise Fault(422, f"a part of the type {piece.type!r} cannot be read; send text", "messages")
        return "".join(piece.text for piece in self.content or ())


class Common(msgspec.Struct):
    """What both routes are asked; settings of sampling are not read, an answer is always the model's best."""

    model: str | None = None
    stream: bool = False
    n: int | None = None
    tools: list[Any] | None = None
    response_format: dict[str, Any] | None = None


class Chat(Common, kw_only=True):
    """The body of /v1/chat/completions."""

    messages: list[Turn]


class Plain(Common, kw_only=True):
    """The body of /v1/completions."""

    prompt: str | list[str]


_CHAT, _PLAIN = msgspec.json.Decoder(Chat), msgspec.json.Decoder(Plain)


class Completions:
    """The endpoints, with what they need of the server; `schema` is what the model knows, None: it does not say."""

    def __init__(
        self, name: str, schema: Schema | None, batcher: Batcher, settings: ServeSettings, metrics: Metrics
    ) -> None:
        self._batcher, self._settings, self._metrics = batcher, settings, metrics
        self._prompts: dict[str, Prompts] = {}
        for form in NAMES:
            prompts = Prompts(form, schema or Schema())
            if prompts:
                self._prompts[name if form == NAMES[0] else f"{name}:{form}"] = prompts

    async def models(self, request: Request) -> Response:
        """GET /v1/models: one name a format."""
        rows = [_row(name) for name in self._prompts]
        return Response(msgspec.json.encode({"object": "list", "data": rows}), media_type=JSON)

    async def model(self, request: Request) -> Response:
        """GET /v1/models/NAME; raises Fault."""
        name = request.path_params["name"]
        self._of(name)
        return Response(msgspec.json.encode(_row(name)), media_type=JSON)

    async def chat(self, request: Request) -> Response:
        """POST /v1/chat/completions: the last message of the user is the prompt; raises Fault."""
        kind_of(request, JSON)
        async with body_of(request, self._settings, self._metrics) as body:
            asked = decode(_CHAT, body)
            turns = [turn for turn in asked.messages if turn.role == "user"]
            if not turns:
                raise Fault(422, "there is no message of the role `user`", "messages")
            [(answer, finish)] = await self._answered(request, asked, [turns[-1].text()], "messages")
        said = {"role": "assistant", "content": answer}
        if asked.stream:
            return _events("chat.completion.chunk", asked, [{"delta": said, "finish_reason": finish}])
        return _document("chat.completion", asked, [{"message": said, "finish_reason": finish}])

    async def plain(self, request: Request) -> Response:
        """POST /v1/completions: one prompt or several; raises Fault."""
        kind_of(request, JSON)
        async with body_of(request, self._settings, self._metrics) as body:
            asked = decode(_PLAIN, body)
            prompts = [asked.prompt] if isinstance(asked.prompt, str) else asked.prompt
            answers = await self._answered(request, asked, prompts, "prompt")
        choices = [{"text": answer, "finish_reason": finish} for answer, finish in answers]
        shaped = _events if asked.stream else _document
        return shaped("text_completion", asked, choices)

    async def _answered(
        self, request: Request, asked: Common, prompts: Sequence[str], field: str
    ) -> list[tuple[str, str]]:
        """The answers, each with the reason of its end."""
        known = self._known(asked)
        if len(prompts) > self._settings.max_texts:
            raise Fault(422, f"too many prompts; at most {self._settings.max_texts:,} are allowed", field)
        try:
            read = [known.read(prompt) for prompt in prompts]
        except Refusal as refusal:
            raise Fault(422, str(refusal), field) from None
        for _, text in read:
            check_text(text, self._settings, field)
        answers: list[Answer] = []
        for schema, rows in itertools.groupby(read, key=lambda row: row[0].schema):
            answers += self._batcher.submit([Sample("prompt", text) for _, text in rows], schema)
        samples = await gathered(request, answers)
        try:
            said = [form.codec.encode(sample)[0].completion for (form, _), sample in zip(read, samples, strict=True)]
        except Refusal as refusal:
            raise Fault(422, f"the format cannot hold the model's answer ({refusal})", field) from None
        ends = ("length" if TRUNCATED in (sample.problems or ()) else "stop" for sample in samples)
        return list(zip(said, ends, strict=True))

    def _known(self, asked: Common) -> Prompts:
        """The prompts of the model that is asked; raises Fault for what this server has not."""
        if asked.n not in (None, 1):
            raise Fault(422, "there is one answer; leave n out", "n")
        if asked.tools:
            raise Fault(422, "there are no tools; leave them out", "tools")
        if asked.response_format is not None and asked.response_format.get("type") != "text":
            raise Fault(422, "answers are written in the format of the model's name", "response_format")
        asked.model = asked.model or next(iter(self._prompts), "")
        return self._of(asked.model)

    def _of(self, name: str) -> Prompts:
        if name not in self._prompts:
            known = ", ".join(self._prompts) or "none, the model names no schema"
            raise Fault(404, f"there is no model {name!r} here; known: {known}", "model")
        return self._prompts[name]


def _row(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "pointline"}


def _head(kind: str, asked: Common) -> dict[str, Any]:
    return {"id": f"pointline-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": asked.model}


def _document(kind: str, asked: Common, choices: Sequence[dict[str, Any]]) -> Response:
    rows = [{"index": place, **choice} for place, choice in enumerate(choices)]
    return Response(msgspec.json.encode({**_head(kind, asked), "choices": rows}), media_type=JSON)


def _events(kind: str, asked: Common, choices: Sequence[dict[str, Any]]) -> Response:
    """The whole answer as one event: it is known all at once."""

    def events() -> Iterator[bytes]:
        head = _head(kind, asked)
        for place, choice in enumerate(choices):
            yield b"data: " + msgspec.json.encode({**head, "choices": [{"index": place, **choice}]}) + b"\n\n"
        yield b"data: [DONE]\n\n"

    return Response(b"".join(events()), media_type="text/event-stream")
