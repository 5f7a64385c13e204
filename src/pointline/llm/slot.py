"""One row under way: its request as bytes, how often it was tried, and at last its answer."""

from __future__ import annotations

from pointline.llm.answer import Answer
from pointline.llm.endpoint import Endpoint
from pointline.llm.request import Request, Sampling, body, key
from pointline.llm.tokens import count


class Slot:
    """A row's place in the window. `twins` are rows further on that ask the very same."""

    __slots__ = (
        "answer",
        "body",
        "held",
        "key",
        "pauses",
        "prompt_tokens",
        "request",
        "sampling",
        "slept",
        "tries",
        "twins",
    )

    def __init__(self, endpoint: Endpoint, request: Request, sampling: Sampling) -> None:
        self.request = request
        self.sampling = request.sampling or sampling
        self.answer: Answer | None = None
        self.tries = 0
        self.slept = 0.0
        self.pauses = 0
        self.held = (0, 0.0)
        self.prompt_tokens = 0
        self.twins: list[Slot] = []
        try:
            self.body = body(endpoint, request, self.sampling)
            self.key = key(endpoint, request, self.body)
        except (ValueError, TypeError) as error:
            self.body = self.key = b""
            self.answer = self.fault("unsendable", " ".join(str(error).split())[:200])

    def fault(self, kind: str, detail: str) -> Answer:
        """The answer of a row that has none."""
        return Answer(self.request.id, self.request.attempt, fault=kind, detail=detail)

    def count(self) -> int:
        """Tokens of the prompt, estimated once, on first need."""
        if not self.prompt_tokens:
            self.prompt_tokens = count(self.request)
        return self.prompt_tokens
